import { backoffMs, type Clock, causesOf, isRecord, type Random, reasonOf, userError } from '../../model/index.ts';

/** Bounds of the retries of one request. Times are milliseconds. */
export const ATTEMPTS = 6;
const DELAYS = { first: 500, longest: 20_000 };
/** A registry that asks for more patience than this is waited for this long. */
export const LONGEST_RETRY_AFTER_MS = 60_000;
/** No new attempt begins later than this after the first. */
export const DEADLINE_MS = 180_000;

const PASSING_STATUS: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** What connections die of without anybody being wrong, by Node's and undici's codes. */
const PASSING_ERROR: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
export const isPassingStatus = (status: number): boolean => PASSING_STATUS.has(status);

/** Whether an error of `fetch` (or one of its causes) is about the connection and may pass. */
export function isPassingError(thrown: unknown): boolean {
  return causesOf(thrown).some(
    (it) => isRecord(it) && (it['name'] === 'TimeoutError' || PASSING_ERROR.has(String(it['code'] ?? ''))),
  );
}

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3: seconds or an HTTP date); milliseconds from now, capped. undefined: there is
 * none that can be read.
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const wait = /^\d{1,10}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  // A bare number with a sign or a fraction would be taken for a year.
  const readable = /^\d+$/.test(text) || /[A-Za-z]{3}/.test(text);
  return readable && Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_RETRY_AFTER_MS) : undefined;
}

/** Repeats what fails in passing. */
export class Retrier {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #traffic: { retries: number };

  constructor(clock: Clock, random: Random, traffic: { retries: number }) {
    this.#clock = clock;
    this.#random = random;
    this.#traffic = traffic;
  }

  /**
   * Gives the first response whose status is not a passing one, or the last. Throws what the attempt throws when that
   * will not pass, and `registry-unavailable` when it did not pass.
   *
   * @param what for people: `PUT https://…`
   */
  async run(what: string, attempt: () => Promise<Response>): Promise<Response> {
    const end = this.#clock.now() + DEADLINE_MS;
    for (let failures = 1; ; failures += 1) {
      const outcome = await settle(attempt);
      if ('response' in outcome && !isPassingStatus(outcome.response.status)) return outcome.response;
      const wait = this.#delay(failures, outcome);
      if (failures === ATTEMPTS || this.#clock.now() + wait > end) return conclude(outcome, what, failures);
      if ('response' in outcome) await outcome.response.body?.cancel();
      this.#traffic.retries += 1;
      await this.#clock.sleep(wait);
    }
  }

  /** Waits as long as before a retry after this many failures, and as long as a `Retry-After` asks. */
  async pause(failures: number, retryAfter: string | null = null): Promise<void> {
    this.#traffic.retries += 1;
    await this.#clock.sleep(this.#wait(failures, retryAfter));
  }

  #delay(failures: number, outcome: Outcome): number {
    return this.#wait(failures, 'response' in outcome ? outcome.response.headers.get('retry-after') : null);
  }

  #wait(failures: number, retryAfter: string | null): number {
    return Math.max(backoffMs(DELAYS, failures, this.#random), retryAfterMs(retryAfter, this.#clock.now()) ?? 0);
  }
}

type Outcome = { readonly response: Response } | { readonly error: unknown };

async function settle(attempt: () => Promise<Response>): Promise<Outcome> {
  try {
    return { response: await attempt() };
  } catch (error) {
    if (isPassingError(error)) return { error };
    throw error;
  }
}

function conclude(outcome: Outcome, what: string, attempts: number): Response {
  if ('response' in outcome) return outcome.response;
  throw userError(
    'registry-unavailable',
    `${what} failed ${attempts} times, at last with: ${reasonOf(outcome.error)}.`,
    {
      cause: outcome.error,
    },
  );
}
