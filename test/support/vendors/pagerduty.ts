import type { Json } from '../../../shared/model/index.ts';
import type { Vendor } from './vendor.ts';

export const pagerduty: Vendor = {
  kind: 'pagerduty',
  fields: { 'routing-key': { env: 'PAGERDUTY_KEY' } },
  env: { PAGERDUTY_KEY: '0123456789abcdef0123456789abcdef' },
  markers: { start: 0, end: 1 },
  forgetful: true,
  isRead: false,
  routes: () => {
    const changes: (Json | undefined)[] = [];
    return {
      shown: () => changes,
      handlers: {
        'POST /v2/change/enqueue': ({ json }) => {
          changes.push(json['payload']);
          return { status: 202, json: { status: 'success', message: 'Change event processed' } };
        },
      },
    };
  },
};
