import type * as z from 'zod';
import { formatIssue, isRecord, oneLine, parseJson, Refused } from '../../model/index.ts';
import { type SinkDeps, TryLater } from './sink.ts';

/** Statuses after which the same request may succeed. RFC 9110, and what proxies in front of such systems answer. */
const TEMPORARY = new Set([408, 425, 429, 500, 502, 503, 504]);
const LONGEST_RETRY_AFTER_MS = 60_000;
/** Of a request: far more than an event has (32 KiB), also where a text of it stands in several places. */
const LARGEST_BODY = 256 * 1024;
/** Of an answer, in bytes: the largest page of messages or markers that is asked for. */
const LARGEST_ANSWER = 4 * 1024 * 1024;
/** Of what a server says about its refusal. */
const LONGEST_WORDS = 160;

export interface HttpRequest {
  /** Default: `POST`. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type JsonRequest = Omit<HttpRequest, 'body'> & { readonly json?: unknown };

type Deps = Pick<SinkDeps, 'fetch'>;

/** Sends one request to a sink; any 2xx is success. Throws `Refused`, {@link TryLater}, or what `fetch` throws. */
export async function post(deps: Deps, request: HttpRequest, signal: AbortSignal): Promise<void> {
  await exchange(deps, request, signal);
}

/** The same for JSON in both directions; what is answered must be of the schema. */
export async function call<T>(deps: Deps, request: JsonRequest, answer: z.ZodType<T>, signal: AbortSignal): Promise<T> {
  const { json, ...rest } = request;
  const headers = { accept: 'application/json', ...rest.headers };
  const message = json === undefined ? { headers } : asJson(json, headers);
  const text = await exchange(deps, { ...rest, ...message }, signal);
  const read = answer.safeParse(parseJson(text));
  if (read.success) return read.data;
  const wrong = formatIssue(read.error.issues[0]);
  // Not `Refused`: a proxy on the way may have answered in the server's place.
  throw new Error(`${hostOf(rest.url)} answered with something else than it should (${wrong})`);
}

/** A body of JSON, with the header that says so. */
export const asJson = (
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Pick<HttpRequest, 'headers' | 'body'> => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

/** The header of HTTP Basic, RFC 7617. */
export const basic = (user: string, password: string): string =>
  `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)))}`;

/** An address below another, its parts encoded: `below('https://x/api/', 'a', 'b c')` is `https://x/api/a/b%20c`. */
export const below = (base: string, ...parts: readonly (string | number)[]): string =>
  [base.replace(/\/+$/, ''), ...parts.map((it) => encodeURIComponent(it))].join('/');

async function exchange(deps: Deps, request: HttpRequest, signal: AbortSignal): Promise<string> {
  const { url, method = 'POST', headers = {}, body } = request;
  if (body !== undefined && body.length > LARGEST_BODY) throw new Refused(`it is too large for ${hostOf(url)}`);
  // Redirects are not followed: one would turn the POST into a GET, or carry the token elsewhere.
  const message = { method, redirect: 'manual', signal, headers, ...(body === undefined ? {} : { body }) } as const;
  const response = await deps.fetch(url, message);
  const text = await readBounded(response);
  if (response.ok) return text;
  const words = wordsIn(text);
  const sentence = `${hostOf(url)} answered with HTTP ${response.status}${words === '' ? '' : `: ${words}`}`;
  if (!TEMPORARY.has(response.status)) throw new Refused(sentence, response.status);
  throw new TryLater(sentence, retryAfter(response.headers.get('retry-after')));
}

async function readBounded({ body }: Response): Promise<string> {
  if (body === null) return '';
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > LARGEST_ANSWER) throw new Refused('its answer does not end');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** What a server says of a refusal, where it says so in JSON: the keys under which most do. */
function wordsIn(text: string): string {
  const data = parseJson(text);
  if (!isRecord(data)) return '';
  const { errors } = data;
  const candidates = [data['message'], data['error'], data['detail'], Array.isArray(errors) ? errors[0] : errors];
  const said = candidates.map((it) => (isRecord(it) ? (it['message'] ?? it['detail']) : it));
  return oneLine(said.find((it) => typeof it === 'string') ?? '', LONGEST_WORDS);
}

const hostOf = (url: string): string => new URL(url).host;

/** Milliseconds; dates are not understood, since only the server knows its clock. */
function retryAfter(header: string | null): number {
  const seconds = /^\d{1,6}(?:\.\d+)?$/.test(header ?? '') ? Number(header) : 0;
  return Math.min(seconds * 1_000, LONGEST_RETRY_AFTER_MS);
}
