import type { Json } from '../../../shared/model/index.ts';
import type { Vendor } from './vendor.ts';

export const grafana: Vendor = {
  kind: 'grafana',
  fields: { token: { env: 'GRAFANA_TOKEN' } },
  env: { GRAFANA_TOKEN: 'glsa_0123456789abcdefghijklmnopqrstuv' },
  markers: { start: 1, end: 1 },
  isRead: true,
  routes: () => {
    const annotations: Record<string, Json>[] = [];
    const tagsOf = (it: Record<string, Json>): unknown[] => (Array.isArray(it['tags']) ? it['tags'] : []);
    return {
      shown: () => annotations,
      handlers: {
        'GET /api/annotations': ({ query }) => ({
          json: annotations.filter((it) => query.getAll('tags').every((tag) => tagsOf(it).includes(tag))),
        }),
        'POST /api/annotations': ({ json }) => {
          annotations.push({ ...json, id: annotations.length + 1 });
          return { json: { message: 'Annotation added', id: annotations.length } };
        },
        'PATCH /api/annotations/:id': ({ json, parts }) => {
          const it = annotations[Number(parts['id']) - 1];
          if (it === undefined) return { status: 404, json: { message: 'Could not find annotation to update' } };
          Object.assign(it, json);
          return { json: { message: 'Annotation patched' } };
        },
      },
    };
  },
};
