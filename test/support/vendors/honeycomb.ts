import type { Json } from '../../../shared/model/index.ts';
import type { Vendor } from './vendor.ts';

export const honeycomb: Vendor = {
  kind: 'honeycomb',
  fields: { token: { env: 'HONEYCOMB_KEY' } },
  env: { HONEYCOMB_KEY: 'hcaik_0123456789abcdefghijklmnop' },
  markers: { start: 1, end: 1 },
  isRead: true,
  routes: () => {
    const markers = new Map<string, Record<string, Json>>();
    return {
      shown: () => [...markers.values()],
      handlers: {
        'GET /1/markers/:dataset': () => ({ json: [{ id: 'other', type: 'outage' }, ...markers.values()] }),
        'POST /1/markers/:dataset': ({ json }) => {
          const id = `marker${markers.size}`;
          markers.set(id, { ...json, id });
          return { status: 201, json: markers.get(id) };
        },
        'PUT /1/markers/:dataset/:id': ({ json, parts }) => {
          const id = parts['id'] ?? '';
          if (!markers.has(id)) return { status: 404, json: { error: 'marker not found' } };
          markers.set(id, { ...json, id });
          return { json: markers.get(id) };
        },
      },
    };
  },
};
