import { backoffMs, type Clock, isRecord, parseJson, type Random, reasonOf, userError } from '../../model/index.ts';
import type { Access, Login } from './access.ts';
import { ApiError } from './api-error.ts';
import { Credentials } from './credentials.ts';
import { linesOf, readWhole } from './reading.ts';
import { type Answer, type Exchange, Transport } from './transport.ts';

/** An object of the API, as JSON has it. */
export type KubeObject = Readonly<Record<string, unknown>>;

export interface Call {
  readonly method?: Exchange['method'];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: KubeObject;
}

export interface ClusterDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly learn: (secret: string) => void;
}

/** Bounds; milliseconds and bytes. */
const QUIET_MS = 20_000;
/** A watch gets a bookmark each minute; what is silent for longer is dead. */
const WATCH_QUIET_MS = 90_000;
const WATCH_SECONDS = 280;
const LARGEST_ANSWER = 64 * 1024 * 1024;
const LARGEST_TEXT = 4 * 1024 * 1024;
const LARGEST_EVENT = 8 * 1024 * 1024;
/** No new try begins later than this after the first: a lease outlives it. */
const RETRY_MS = 40_000;
const PAUSES = { first: 250, longest: 5_000 };
const LONGEST_RETRY_AFTER_MS = 15_000;

const JSON_TYPE = 'application/json';
const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/**
 * The API of one cluster. Whatever fails in passing is sent again, writes as well: each is made so that a second time changes
 * nothing (compare-and-set, apply, create by name), since the answer of the first may have been lost.
 */
export class Cluster {
  /** For people: the context. */
  readonly name: string;
  readonly server: string;
  readonly namespace: string;
  /** Requests that were sent, tries included. */
  requests = 0;
  readonly #transport: Transport;
  readonly #credentials: Credentials;
  readonly #deps: ClusterDeps;
  /** How far the server's clock is before ours. Milliseconds. */
  #ahead = 0;

  constructor(access: Access, deps: ClusterDeps) {
    this.name = access.name;
    this.server = access.server.host;
    this.namespace = access.namespace ?? 'default';
    this.#deps = deps;
    this.#credentials = new Credentials(access.login satisfies Login, deps);
    this.#transport = new Transport(access, this.#credentials, deps.env);
  }

  /** The server's time by its last answer, in milliseconds since 1970, right to a second or two: this machine's clock may be wrong. */
  serverNow(): number {
    return this.#deps.clock.now() + this.#ahead;
  }

  /** Reads or writes one object or list. Throws {@link ApiError} when it is refused, `target-unavailable` when there is no answer. */
  async call(path: string, it: Call = {}): Promise<KubeObject> {
    const exchange = exchangeOf(path, it, QUIET_MS);
    const what = `${exchange.method} ${path}`;
    return this.#retried(what, it.signal, async () => {
      const answer = await this.#exchange(exchange);
      const text = await readWhole(answer.body, LARGEST_ANSWER);
      if (answer.status >= 300) throw new Refusal(new ApiError(answer.status, what, text), answer);
      const data = parseJson(text);
      if (isRecord(data)) return data;
      throw userError(
        'target-unavailable',
        `${this.server} answered ${what} with something that is not of Kubernetes.`,
      );
    });
  }

  /** A text that is no object: a log. Bounded. */
  text(path: string, query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<string> {
    const exchange = exchangeOf(path, { query, ...(signal === undefined ? {} : { signal }) }, QUIET_MS);
    return this.#retried(`GET ${path}`, signal, async () => {
      const answer = await this.#exchange(exchange);
      const text = await readWhole(answer.body, LARGEST_TEXT);
      if (answer.status >= 300) throw new Refusal(new ApiError(answer.status, `GET ${path}`, text), answer);
      return text;
    });
  }

  /** Changes as they come, until the server ends it. Throws {@link ApiError} (410: too old a version), and what connections die of. */
  async *watch(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): AsyncIterable<WatchEvent> {
    const asked = { ...query, watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(WATCH_SECONDS) };
    const answer = await this.#exchange(exchangeOf(path, { query: asked, signal }, WATCH_QUIET_MS));
    if (answer.status >= 300) {
      throw new ApiError(answer.status, `watch ${path}`, await readWhole(answer.body, LARGEST_TEXT));
    }
    for await (const line of linesOf(answer.body, LARGEST_EVENT)) {
      const event = parseJson(line);
      if (!isRecord(event) || !isRecord(event['object'])) continue;
      const { type, object } = event;
      if (type === 'ERROR') throw new ApiError(Number(object['code'] ?? 500), `watch ${path}`, JSON.stringify(object));
      yield { type: String(type), object };
    }
  }

  async #exchange(exchange: Exchange): Promise<Answer> {
    this.requests += 1;
    const answer = await this.#transport.send(exchange);
    const date = Date.parse(answer.headers.date ?? '');
    if (!Number.isNaN(date)) this.#ahead = date - this.#deps.clock.now();
    return answer;
  }

  async #retried<T>(what: string, signal: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> {
    const end = this.#deps.clock.now() + RETRY_MS;
    let renewed = false;
    for (let failures = 1; ; failures += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (signal?.aborted) throw error;
        if (error instanceof Refusal && error.api.status === 401 && !renewed && this.#credentials.forget()) {
          renewed = true;
          continue;
        }
        const pause = this.#pauseAfter(error, failures);
        if (pause === undefined || this.#deps.clock.now() + pause > end) throw this.#told(what, error);
        await this.#deps.clock.sleep(pause, signal);
      }
    }
  }

  /** How long to wait before the next try; undefined: it will not pass. */
  #pauseAfter(error: unknown, failures: number): number | undefined {
    const pause = backoffMs(PAUSES, failures, this.#deps.random);
    if (error instanceof Refusal) {
      if (!PASSING.has(error.api.status)) return undefined;
      const asked = Number(error.answer.headers['retry-after']) * 1_000;
      return Number.isFinite(asked) ? Math.max(pause, Math.min(asked, LONGEST_RETRY_AFTER_MS)) : pause;
    }
    return isConnectionError(error) ? pause : undefined;
  }

  #told(what: string, error: unknown): unknown {
    if (error instanceof Refusal) return error.api;
    if (!isConnectionError(error)) return isTlsError(error) ? this.#untrusted(error) : error;
    return userError('target-unavailable', `${this.server} does not answer ${what}: ${reasonOf(error)}.`, {
      cause: error,
    });
  }

  #untrusted(error: unknown): Error {
    return userError('target-unavailable', `${this.server} is not trusted: ${reasonOf(error)}.`, {
      cause: error,
      remedy: "Check the kubeconfig's certificate-authority and server, and the client certificate.",
    });
  }
}

/** A refusal with its answer, whose head says when to come again. */
class Refusal extends Error {
  readonly api: ApiError;
  readonly answer: Answer;

  constructor(api: ApiError, answer: Answer) {
    super(api.message);
    this.api = api;
    this.answer = answer;
  }
}

function exchangeOf(path: string, it: Call, quietMs: number): Exchange {
  return {
    method: it.method ?? 'GET',
    path,
    query: it.query ?? {},
    body: it.body === undefined ? undefined : JSON.stringify(it.body),
    contentType: it.body === undefined ? undefined : (it.contentType ?? JSON_TYPE),
    signal: it.signal,
    quietMs,
  };
}

const CONNECTION = /^(ECONN|ETIMEDOUT|EPIPE|EAI_|ENOTFOUND|EHOST|ENET|ERR_STREAM_PREMATURE|ERR_SOCKET|HPE_)/;

/** Whether it is about the connection, which may come back. */
export function isConnectionError(thrown: unknown): boolean {
  if (!isRecord(thrown)) return false;
  return CONNECTION.test(String(thrown['code'] ?? '')) || BROKEN.test(String(thrown['message'] ?? ''));
}

const BROKEN = /socket hang up|^aborted$|^The proxy /;

const isTlsError = (thrown: unknown): boolean =>
  isRecord(thrown) && /CERT|SIGNED|ISSUER|ERR_TLS|EPROTO|ERR_SSL/.test(String(thrown['code'] ?? ''));
