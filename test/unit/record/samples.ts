import {
  type Clock,
  type DeployEvent,
  type Digest,
  type EventKind,
  type ImageRef,
  type JournalEntry,
  type Log,
  type Outcome,
  type Problem,
  type Release,
  type RunContext,
  redactor,
  type Settled,
  type TargetSettings,
} from '../../../shared/model/index.ts';
import { type EventFacts, type JournalFacts, makeEvent } from '../../../shared/record/index.ts';

export const REPOSITORY = 'acme/shop';
export const TARGET: TargetSettings = { kind: 'local', directory: '.run', port: undefined };
export const SECRET = 'hunter2-is-secret';

/** Letters stand for images: `A` is always the same digest and commit. */
export const digestOf = (letter: string): Digest => `sha256:${hex(letter, 64)}`;
export const commitOf = (letter: string): string => hex(letter, 40);
const hex = (letter: string, length: number): string =>
  Buffer.from(letter).toString('hex').repeat(length).slice(0, length);

export const imageOf = (letter: string): ImageRef => ({
  repository: 'ghcr.io/acme/shop/checkout',
  digest: digestOf(letter),
});

export const releaseOf = (letter: string, commit = commitOf(letter)): Omit<Release, 'event' | 'since'> => ({
  image: imageOf(letter),
  commit,
  version: `1.0.0-${letter}`,
  by: 'ada',
  target: TARGET,
});

/** Seconds after a fixed start, as ISO 8601. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();

export function runOf(id: string, attempt = 1, job = 'deploy'): RunContext {
  return {
    repository: REPOSITORY,
    sha: commitOf('A'),
    ref: 'refs/heads/main',
    defaultBranch: 'main',
    trigger: { kind: 'push', branch: 'main', before: undefined, forced: false },
    id,
    attempt,
    job,
    url: `https://github.com/${REPOSITORY}/actions/runs/${id}/attempts/${attempt}`,
    workflowRef: `${REPOSITORY}/.github/workflows/deploy.yml@refs/heads/main`,
    actor: 'ada',
    serverUrl: 'https://github.com',
    apiUrl: 'https://api.github.com',
  };
}

export function factsOf(run: RunContext, more: Partial<JournalFacts> = {}): JournalFacts {
  return {
    stream: { environment: 'production', service: 'checkout', repository: undefined },
    aliases: [],
    run,
    class: 'production',
    team: 'payments',
    strategy: 'rolling',
    commitTitle: `Fix rounding, password=${SECRET}`,
    commitDate: at(0),
    hold: 'digest',
    leaseMs: undefined,
    whenUnreadable: 'throw',
    ...more,
  };
}

export function entryOf(letter: string, started: number, more: Partial<JournalEntry> = {}): JournalEntry {
  return {
    kind: 'deploy',
    release: releaseOf(letter),
    live: undefined,
    overridden: [],
    reason: undefined,
    links: {},
    startedAt: at(started),
    ...more,
  };
}

export function settledOf(outcome: Outcome, finished: number, more: Partial<Settled> = {}): Settled {
  return {
    outcome,
    reason: undefined,
    sentence: `It ended ${outcome}.`,
    live: undefined,
    previous: undefined,
    changed: true,
    url: 'https://shop.example',
    evidence: undefined,
    checks: [],
    startedAt: at(finished),
    finishedAt: at(finished),
    ...more,
  };
}

export const redact = redactor([SECRET]);

/** An event as the room makes it; `live` is the state's, as the protocol hands it in. */
export function eventOf(
  outcome: Outcome | undefined,
  entry: JournalEntry,
  more: {
    seq?: number;
    run?: RunContext;
    facts?: Partial<EventFacts>;
    phase?: DeployEvent['phase'];
    finished?: number;
    settled?: Partial<Settled>;
  } = {},
): DeployEvent {
  const facts = factsOf(more.run ?? runOf('1'), more.facts);
  const settled = outcome === undefined ? undefined : settledOf(outcome, more.finished ?? 1, more.settled);
  const phase = more.phase ?? (outcome === undefined ? 'start' : 'both');
  return makeEvent(facts, { phase, seq: more.seq ?? 1, entry, settled }, redact);
}

export const kindFor = (outcome: Outcome): EventKind =>
  outcome === 'rolled-back' ? 'rollback' : outcome === 'removed' ? 'remove' : 'deploy';

/** Time that passes only when someone sleeps. */
export function fakeClock(start = Date.UTC(2026, 0, 1)): Clock & { readonly slept: number[] } {
  let now = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: (ms) => {
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

export function fakeLog(): Log & { readonly problems: Problem[] } {
  const problems: Problem[] = [];
  const keep = (it: Problem) => void problems.push(it);
  const said = { notice: keep, warning: keep, error: keep };
  return { problems, info: () => {}, debug: () => {}, ...said, group: () => {}, fold: () => () => {} };
}
