import type { Json } from '../../../shared/model/index.ts';
import type { Vendor } from './vendor.ts';

interface Message {
  readonly ts: string;
  readonly said: Record<string, Json>;
}

export const slack: Vendor = {
  kind: 'slack',
  fields: { token: { env: 'SLACK_TOKEN' }, channel: 'C0123456789' },
  env: { SLACK_TOKEN: 'xoxp-1234567890-abcdefghij' },
  markers: { start: 1, end: 1 },
  isRead: true,
  routes: () => {
    const messages: Message[] = [];
    return {
      shown: () => messages.map((it) => it.said['text']),
      handlers: {
        'GET /conversations.history': () => ({
          json: {
            ok: true,
            messages: [
              { ts: '1.0', text: 'of a person' },
              ...messages.map(({ ts, said }) => ({ ts, text: said['text'], metadata: said['metadata'] })),
            ],
          },
        }),
        'POST /chat.postMessage': ({ json }) => {
          const ts = `1700000000.00000${messages.length + 1}`;
          messages.unshift({ ts, said: json });
          return { json: { ok: true, channel: json['channel'], ts } };
        },
        'POST /chat.update': ({ json }) => {
          const at = messages.findIndex((it) => it.ts === json['ts']);
          if (at < 0) return { json: { ok: false, error: 'message_not_found' } };
          messages[at] = { ts: String(json['ts']), said: json };
          return { json: { ok: true, channel: json['channel'], ts: json['ts'] } };
        },
      },
    };
  },
};

/** An incoming webhook, as one without a token has it. */
export const slackWebhook: Vendor = {
  kind: 'slack',
  fields: {},
  env: {},
  markers: { start: 0, end: 1 },
  forgetful: true,
  isRead: false,
  routes: () => {
    const messages: Json[] = [];
    return {
      shown: () => messages,
      handlers: {
        'POST /': ({ json }) => {
          messages.push(json['text'] ?? null);
          return { text: 'ok' };
        },
      },
    };
  },
};
