import * as z from 'zod';
import { clip, type DeployEvent, Refused } from '../../model/index.ts';
import { asJson, call, post } from './http.ts';
import {
  defineSink,
  type Send,
  type SinkDeps,
  secretField,
  secretOf,
  sinkInvalid,
  skipped,
  TryLater,
  urlOf,
} from './sink.ts';
import { factsOf, isEnd, isMarker, titleOf } from './words.ts';

const API = 'https://slack.com/api';
/** How many of a channel's newest messages are looked through for the one of an event; Slack recommends at most 200. */
const LOOKED_THROUGH = 200;
/** The longest texts that Slack takes in a header, a field of a section, and the text for notifications. */
const LONGEST = { header: 150, field: 2_000, text: 4_000 };
const METADATA = 'slipway_deploy';
const TRY_AGAIN = new Set(['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);
const AFTER_RATE_LIMIT_MS = 1_000;

const fields = z
  .strictObject({
    token: secretField
      .optional()
      .describe(
        'Bot token with the scopes `chat:write` and `channels:history` (`groups:history` for a private channel): one message for each deploy, updated in place. Without it `url` is an incoming webhook, to which only ends are posted.',
      ),
    channel: z
      .string()
      .regex(/^[CGD][A-Z0-9]{2,}$/, { error: 'must be the id of a channel, such as C0123456789' })
      .optional()
      .describe('Id of the channel (not its name), with `token`; the bot is a member of it.'),
  })
  .meta({
    description:
      'One message for each deploy, updated in place (with `token`), or one for each end (with the address of an incoming webhook, which can neither look nor edit: what is sent again stands there again).',
    examples: [
      { token: { env: 'SLACK_TOKEN' }, channel: 'C0123456789' },
      { name: 'announcements', url: { env: 'SLACK_WEBHOOK' } },
    ],
  });

/**
 * Slack. With a token one message for each deploy, found again by the event id in its metadata, so that a start, its end
 * and a re-run are one message: https://docs.slack.dev/reference/methods/chat.update,
 * https://docs.slack.dev/reference/methods/conversations.history, https://docs.slack.dev/messaging/message-metadata.
 * An incoming webhook can neither look nor edit, so that it tells ends alone:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export const slack = defineSink(fields, ({ token, channel }, settings, deps) => {
  if (token === undefined) {
    if (channel !== undefined) throw sinkInvalid(settings, 'takes a `channel` only with a `token`');
    return toWebhook(urlOf(settings, deps), deps);
  }
  if (channel === undefined) throw sinkInvalid(settings, 'needs a `channel` beside its `token`');
  const api = bind(urlOf(settings, deps, API), secretOf(settings, token, deps), deps);
  const known = new Map<string, Message>();
  return async (event, signal) => {
    if (!isMarker(event)) return skipped('nothing was deployed');
    const found = known.get(event.id) ?? (await find(api, channel, event.id, signal));
    if (found !== undefined && found.rank > rankOf(event)) return skipped('a later message of this deploy stands');
    const method = found === undefined ? 'chat.postMessage' : 'chat.update';
    const { ts } = await api(method, { json: { channel, ...messageOf(event), ts: found?.ts } }, signal);
    if (ts === undefined) throw new Error(`Slack answered ${method} without a \`ts\``);
    known.set(event.id, { ts, rank: rankOf(event) });
    return { kind: 'sent', id: ts };
  };
});

const toWebhook =
  (url: string, deps: SinkDeps): Send =>
  async (event, signal) => {
    if (!isMarker(event) || !isEnd(event)) return skipped('an incoming webhook is told ends of deploys alone');
    const { text, blocks } = messageOf(event);
    await post(deps, { url, ...asJson({ text, blocks }) }, signal);
    return { kind: 'sent' };
  };

interface Message {
  readonly ts: string;
  readonly rank: number;
}

/** Which of two events of one deploy is the later one: its attempt, then its phase. */
const rankOf = (event: DeployEvent): number => event.run.attempt * 2 + (isEnd(event) ? 1 : 0);

const metadata = z.object({
  event_type: z.literal(METADATA),
  event_payload: z.object({ event_id: z.string(), rank: z.number() }),
});
const answer = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  needed: z.string().optional(),
  ts: z.string().optional(),
  messages: z.array(z.object({ ts: z.string(), metadata: z.unknown().optional() })).optional(),
});
type Answer = z.output<typeof answer>;
type Api = (
  method: string,
  request: { query?: Record<string, string>; json?: object },
  signal: AbortSignal,
) => Promise<Answer>;

/** The Web API: every answer is a 200, and says itself whether it went well. What reads takes its arguments in the address. */
function bind(base: string, token: string, deps: SinkDeps): Api {
  const headers = { authorization: `Bearer ${token}` };
  return async (method, { query, json }, signal) => {
    const url = query === undefined ? `${base}/${method}` : `${base}/${method}?${new URLSearchParams(query)}`;
    const request = { url, headers, json, method: query === undefined ? 'POST' : 'GET' } as const;
    const it = await call(deps, request, answer, signal);
    if (it.ok) return it;
    const needed = it.needed === undefined ? '' : ` (needed: ${it.needed})`;
    const sentence = `Slack refused ${method}: ${it.error ?? 'without a reason'}${needed}`;
    if (TRY_AGAIN.has(it.error ?? '')) throw new TryLater(sentence, AFTER_RATE_LIMIT_MS);
    throw new Refused(sentence);
  };
}

async function find(api: Api, channel: string, id: string, signal: AbortSignal): Promise<Message | undefined> {
  const query = { channel, limit: String(LOOKED_THROUGH), include_all_metadata: 'true' };
  const { messages = [] } = await api('conversations.history', { query }, signal);
  return messages
    .map((it) => ({ ts: it.ts, said: metadata.safeParse(it.metadata).data?.event_payload }))
    .flatMap(({ ts, said }) => (said?.event_id === id ? [{ ts, rank: said.rank }] : []))[0];
}

/** Texts from outside stand in `plain_text`, where nothing is a mention or a link. */
function messageOf(event: DeployEvent) {
  const title = titleOf(event);
  const link = event.run.url ?? event.env.url;
  const plain = (text: string, longest: number) => ({ type: 'plain_text', text: clip(text, longest), emoji: false });
  return {
    text: clip(`${MARKS[event.status]} ${escaped(title)}`, LONGEST.text),
    unfurl_links: false,
    blocks: [
      { type: 'header', text: plain(`${MARKS[event.status]} ${title}`, LONGEST.header) },
      {
        type: 'section',
        fields: factsOf(event).map(([label, value]) => plain(`${label}: ${value}`, LONGEST.field)),
      },
      ...(link === null ? [] : [{ type: 'context', elements: [{ type: 'mrkdwn', text: `<${escaped(link)}|Open>` }] }]),
    ],
    metadata: { event_type: METADATA, event_payload: { event_id: event.id, rank: rankOf(event) } },
  };
}

const MARKS: Readonly<Record<DeployEvent['status'], string>> = {
  in_progress: '⏳',
  success: '✅',
  failure: '❌',
  cancelled: '⏹️',
  superseded: '⏭️',
  unknown: '❓',
};

/** The three characters that begin something in Slack's own markup. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
