import type { CheckResult, Clock, Fetch, HttpCheck } from '../model/index.ts';
import { ask, type Seen } from './ask.ts';

export interface JudgeDeps {
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** Pause between two attempts: short at first, since most images are there at once. Milliseconds. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;
/** An answer that takes longer counts as none, and is asked for again. */
const ATTEMPT_MS = 5_000;
/** The last attempt begins when the time is over at the latest, and still has this long: it is what people get to see. */
const LAST_ATTEMPT_MS = 1_000;

/**
 * Asks every check at once, again and again, until each has answered with its status or its time is over. One right answer
 * is enough. Redirects are not followed: a check that wants one asks for its status, and a page that redirects to a login
 * is not healthy.
 *
 * @param url the address that the target gave the new image, for `{url}`
 * @param signal ends the waiting; checks that have not passed by then have failed
 * @returns one result for each check, in their order; `durationMs` is from the first attempt to the last answer
 */
export function verifyHttp(
  checks: readonly HttpCheck[],
  deps: JudgeDeps,
  url: string | undefined,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  return Promise.all(checks.map((check) => poll(check, deps, url, signal)));
}

async function poll(
  check: HttpCheck,
  deps: JudgeDeps,
  url: string | undefined,
  signal: AbortSignal,
): Promise<CheckResult> {
  const name = `GET ${check.url}`;
  const address = expand(check.url, url);
  if (address === undefined) {
    const seen = 'no address: the target gave none for {url}, or what it makes is no URL';
    return { name, passed: false, seen, attempts: 0, durationMs: 0 };
  }
  const { clock } = deps;
  const started = clock.now();
  const until = started + check.withinMs;
  let seen: Seen = { status: undefined, text: 'not asked: stopped before' };
  let attempts = 0;
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    attempts += 1;
    const patience = Math.min(ATTEMPT_MS, Math.max(LAST_ATTEMPT_MS, until - clock.now()));
    seen = await ask(address, deps, patience, signal);
    if (seen.status === check.status || clock.now() >= until) break;
    await clock.sleep(Math.max(1, Math.min(pause, until - clock.now())), signal);
  }
  const passed = seen.status === check.status;
  const wanted = passed ? '' : ` (wanted HTTP ${check.status} within ${check.withinMs} ms)`;
  return { name, passed, seen: `${seen.text}${wanted}`, attempts, durationMs: clock.now() - started };
}

/** `{url}` is the address without a slash at its end, so that `{url}/healthz` is as it reads. */
function expand(template: string, url: string | undefined): URL | undefined {
  if (template.includes('{url}') && url === undefined) return undefined;
  const text = template.replaceAll('{url}', (url ?? '').replace(/\/+$/, ''));
  return URL.canParse(text) ? new URL(text) : undefined;
}
