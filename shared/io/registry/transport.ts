import { Readable } from 'node:stream';
import {
  causesOf,
  type Fetch,
  isRecord,
  type RegistryTraffic,
  type ReplayableBody,
  reasonOf,
  UserError,
  userError,
} from '../../model/index.ts';
import { isPassingError } from './retry.ts';

/** One request. Whoever sends it may send it again. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ReplayableBody;
}

const REDIRECTS = 5;
const REDIRECT: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** For the head of an answer and small bodies; what is streamed has the timeouts of `fetch` between its chunks. */
const SMALL_TIMEOUT_MS = 60_000;
/**
 * `fetch` keeps a copy of a body while it sends it, all of it in memory, for a request that it may have to repeat (Fetch
 * standard, HTTP-network-or-cache fetch: the request is cloned unless it has no window and its redirects are errors).
 * Longer bodies are sent so that there is no copy, and once more with one when there was a redirect after all.
 */
const COPIED_UP_TO = 1024 * 1024;
const NOT_COPIED = { redirect: 'error', window: null } as const;
/** Different notes of registries that are passed on. */
const WARNINGS_SHOWN = 20;

/** Sends requests, follows redirects, and counts. No retries, no credentials of its own. */
export class Transport {
  readonly #fetch: Fetch;
  readonly #traffic: RegistryTraffic;
  readonly #warn: (line: string) => void;
  readonly #warned = new Set<string>();

  constructor(fetch: Fetch, traffic: RegistryTraffic, warn: (line: string) => void) {
    this.#fetch = fetch;
    this.#traffic = traffic;
    this.#warn = warn;
  }

  /**
   * @param authorization goes to the request's own origin only, never along a redirect to another
   * @param streamed the answer or the body may take any time as long as bytes move
   */
  async send(request: HttpRequest, authorization: string | undefined, streamed = false): Promise<Response> {
    const signal = streamed ? undefined : AbortSignal.timeout(SMALL_TIMEOUT_MS);
    let { url } = request;
    for (let redirects = 0; redirects <= REDIRECTS; redirects += 1) {
      const response = await this.#once(
        { ...request, url },
        url.origin === request.url.origin ? authorization : undefined,
        signal,
      );
      const location = response.headers.get('location');
      if (!REDIRECT.has(response.status) || location === null) return response;
      await response.body?.cancel();
      url = redirectTarget(url, location);
    }
    throw userError('registry-unavailable', `${shownRequest(request)} was redirected more than ${REDIRECTS} times.`);
  }

  async #once(
    request: HttpRequest,
    authorization: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const response = await this.#send(request, authorization, signal);
    this.#note(request.url.host, response.headers.get('warning'));
    return response;
  }

  async #send(
    request: HttpRequest,
    authorization: string | undefined,
    signal: AbortSignal | undefined,
    copied = (request.body?.size ?? 0) <= COPIED_UP_TO,
  ): Promise<Response> {
    this.#traffic.requests += 1;
    const { method, url, body } = request;
    const sent = body === undefined || body.size === 0 ? undefined : new Sending(body);
    const answer = this.#fetch(url, {
      method,
      headers: {
        ...request.headers,
        'Accept-Encoding': 'identity',
        'User-Agent': 'slipway',
        ...(authorization === undefined ? {} : { Authorization: authorization }),
        ...(body === undefined ? {} : { 'Content-Length': String(body.size) }),
      },
      ...(copied ? { redirect: 'manual' } : NOT_COPIED),
      ...(sent === undefined ? {} : { body: ReadableStream.from(sent), duplex: 'half' as const }),
      ...(signal === undefined ? {} : { signal }),
    });
    try {
      return await answer;
    } catch (error) {
      if (!copied && isRedirect(error)) return this.#send(request, authorization, signal, true);
      throw explain(sent?.failure ?? error, request);
    }
  }

  /** distribution-spec, "Warnings": `299 - "text"`, to be shown to people. */
  #note(host: string, header: string | null): void {
    for (const [, text = ''] of (header ?? '').matchAll(/299 - "((?:[^"\\]|\\.){1,300})/g)) {
      const line = `${host} says: ${text}`;
      if (this.#warned.has(line) || this.#warned.size >= WARNINGS_SHOWN) continue;
      this.#warned.add(line);
      this.#warn(line);
    }
  }
}

/** `fetch failed`, in words: what may pass stays as it is, and so does an error of ours; the rest is about the way there. */
function explain(thrown: unknown, request: HttpRequest): unknown {
  if (thrown instanceof UserError || isPassingError(thrown)) return thrown;
  return userError('registry-unavailable', `${shownRequest(request)} failed: ${reasonOf(thrown)}.`, {
    remedy: 'Check the name of the registry, its certificate, and the network of this machine.',
    cause: thrown,
  });
}

const isRedirect = (thrown: unknown): boolean =>
  causesOf(thrown).some((it) => isRecord(it) && it['message'] === 'unexpected redirect');

/** A body on its way, opened anew for each sending; keeps what it died of, which `fetch` need not hand on. */
class Sending implements AsyncIterable<Uint8Array> {
  readonly #body: ReplayableBody;
  failure: unknown;

  constructor(body: ReplayableBody) {
    this.#body = body;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#body.open();
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

/** Where a redirect or an upload goes on: never from https to http. */
export function redirectTarget(from: URL, location: string): URL {
  const url = new URL(location, from);
  if (
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && from.protocol === 'http:' && isLoopback(url.hostname))
  ) {
    return url;
  }
  throw userError('registry-unavailable', `${from.host} sends requests on to ${url.origin}, which is not safe.`, {
    remedy: 'Let the registry answer with https addresses.',
  });
}

/** Whether a host name is this machine: the only one that is spoken to without TLS. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Bytes in memory as a body. */
export const bodyOf = (bytes: Uint8Array): ReplayableBody => ({
  size: bytes.length,
  open: () => Readable.from([bytes]),
});

/** `PUT https://host/path`, without the query, which may hold secrets. */
export function shownRequest({ method, url }: Pick<HttpRequest, 'method' | 'url'>): string {
  return `${method} ${url.origin}${url.pathname}`;
}
