import type { Json } from '../../../shared/model/index.ts';
import type { Vendor } from './vendor.ts';

/** Deployments by their id. */
export const devlake: Vendor = {
  kind: 'devlake',
  fields: { token: { env: 'DEVLAKE_KEY' }, connection: 3 },
  env: { DEVLAKE_KEY: '0123456789ABCDEFGHIJKLMNOPQRSTUV' },
  markers: { start: 0, end: 1 },
  isRead: false,
  routes: () => {
    const deployments = new Map<Json | undefined, Json>();
    return {
      shown: () => [...deployments.values()],
      handlers: {
        'POST /plugins/webhook/connections/:connection/deployments': ({ json }) => {
          deployments.set(json['id'], json);
          return { status: 200 };
        },
      },
    };
  },
};
