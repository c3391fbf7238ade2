import type { Json } from '../../../shared/model/index.ts';
import type { Vendor } from './vendor.ts';

const record = (it: unknown): Record<string, Json> => Object(it);

/** NerdGraph: one address, told apart by the query. */
export const newRelic: Vendor = {
  kind: 'new-relic',
  fields: { token: { env: 'NEW_RELIC_KEY' }, account: 1234567 },
  env: { NEW_RELIC_KEY: 'NRAK-0123456789ABCDEFGHIJKLMNOPQ' },
  markers: { start: 0, end: 1 },
  isRead: true,
  routes: () => {
    const changes: Record<string, Json>[] = [];
    return {
      shown: () => changes,
      handlers: {
        'POST /': ({ json }) => {
          const variables = record(json['variables']);
          if (String(json['query']).startsWith('query')) {
            const group = /groupId = '([^']+)'/.exec(String(variables['nrql']))?.[1];
            const count = changes.filter((it) => it['groupId'] === group).length;
            return { json: { data: { actor: { account: { nrql: { results: [{ count }] } } } } } };
          }
          changes.push(record(variables['event']));
          const changeTrackingEvent = { changeTrackingId: `id-${changes.length}` };
          return { json: { data: { changeTrackingCreateEvent: { changeTrackingEvent, messages: [] } } } };
        },
      },
    };
  },
};
