import type { Vendor } from './vendor.ts';

/** Keeps one group for each grouping key, as a whole. */
export const pushgateway: Vendor = {
  kind: 'pushgateway',
  fields: { username: 'slipway', password: { env: 'PUSH_PASSWORD' } },
  env: { PUSH_PASSWORD: 'correct-horse-battery' },
  markers: { start: 0, end: 1 },
  isRead: false,
  routes: () => {
    const groups = new Map<string, string>();
    return {
      shown: () => [...groups.values()],
      handlers: {
        'PUT /metrics/job/:job/service/:service/environment/:environment': ({ path, text }) => {
          groups.set(path, text);
          return { status: 200 };
        },
      },
    };
  },
};
