import type { Asked, Vendor } from './vendor.ts';

/** What an OTLP request holds, by the id that a backend tells repetitions by. */
const records = ({ text }: Asked, id: RegExp): readonly string[] => [...text.matchAll(id)].map((it) => it[1] ?? '');

/** A backend that keeps one span of an id, and one log record of a `log.record.uid`. */
export const otlp: Vendor = {
  kind: 'otlp',
  fields: { headers: { Authorization: { env: 'OTLP_AUTHORIZATION' } } },
  env: { OTLP_AUTHORIZATION: 'Basic c2xpcHdheTpodW50ZXIyLWFuZC1tb3Jl' },
  // Start and end are log records; the span is the third.
  markers: { start: 1, end: 3 },
  perAttempt: true,
  isRead: false,
  routes: () => {
    const shown = new Set<string>();
    return {
      shown: () => [...shown],
      handlers: {
        'POST /v1/logs': (request) => {
          for (const it of records(request, /"log\.record\.uid","value":\{"stringValue":"([0-9a-f]{32})"/g))
            shown.add(`log ${it}`);
          return { json: { partialSuccess: {} } };
        },
        'POST /v1/traces': (request) => {
          for (const it of records(request, /"spanId":"([0-9a-f]{16})"/g)) shown.add(`span ${it}`);
          return { json: {} };
        },
      },
    };
  },
};
