import type { Json } from '../../../shared/model/index.ts';
import type { Vendor } from './vendor.ts';

const keyOf = (it: Record<string, Json>): unknown => Object(it['properties'])['slipway.event'];

export const dynatrace: Vendor = {
  kind: 'dynatrace',
  fields: { token: { env: 'DYNATRACE_TOKEN' } },
  env: {
    DYNATRACE_TOKEN: 'dt0c01.ST2EY72KQINMH574WMNVI7YN.G3DFPBEJYMODIDAEX454M7YWBUVEFOWKPRVMWFASS64NFH52PX6BNDVFFM572RZM',
  },
  markers: { start: 0, end: 1 },
  isRead: true,
  routes: () => {
    const events: Record<string, Json>[] = [];
    return {
      shown: () => events,
      handlers: {
        'GET /api/v2/events': ({ query }) => {
          const key = /property\.slipway\.event\("([^"]+)"\)/.exec(query.get('eventSelector') ?? '')?.[1];
          return { json: { totalCount: events.filter((it) => keyOf(it) === key).length, pageSize: 100, events: [] } };
        },
        'POST /api/v2/events/ingest': ({ json }) => {
          events.push(json);
          return {
            status: 201,
            json: { reportCount: 1, eventIngestResults: [{ correlationId: 'c0ffee', status: 'OK' }] },
          };
        },
      },
    };
  },
};
