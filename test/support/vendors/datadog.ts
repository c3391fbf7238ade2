import type { Json } from '../../../shared/model/index.ts';
import type { Asked, Vendor } from './vendor.ts';

const attributesOf = ({ json }: Asked): Record<string, Json> => Object(Object(json['data'])['attributes']);

/** Deployments by their id, and the event stream, which shows what has one aggregation key as one. */
export const datadog: Vendor = {
  kind: 'datadog',
  fields: { token: { env: 'DD_API_KEY' }, 'application-key': { env: 'DD_APP_KEY' } },
  env: { DD_API_KEY: '0123456789abcdef0123456789abcdef', DD_APP_KEY: 'fedcba9876543210fedcba9876543210' },
  markers: { start: 1, end: 2 },
  isRead: false,
  routes: () => {
    const deployments = new Map<string, Record<string, Json>>();
    const stream = new Map<Json | undefined, Json[]>();
    return {
      shown: () => [...deployments.values(), ...stream.values()],
      handlers: {
        'POST /api/v2/dora/deployment': (request) => {
          const it = attributesOf(request);
          deployments.set(String(it['id']), { ...it, ...deployments.get(String(it['id'])) });
          return { status: 202, json: { data: { id: it['id'], type: 'dora_deployment' } } };
        },
        'PATCH /api/v2/dora/deployments/:id': (request) => {
          const it = deployments.get(request.parts['id'] ?? '');
          if (it === undefined) return { status: 404, json: { errors: [{ title: 'Not Found' }] } };
          Object.assign(it, attributesOf(request));
          return { json: {} };
        },
        'POST /api/v1/events': ({ json }) => {
          const key = json['aggregation_key'];
          stream.set(key, [...(stream.get(key) ?? []), json['title'] ?? null]);
          return { status: 202, json: { status: 'ok' } };
        },
      },
    };
  },
};
