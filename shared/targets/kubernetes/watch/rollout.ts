import { oneLine, type Readiness } from '../../../model/index.ts';
import type { KubeEvent, Pod, Revision, Workload } from '../objects.ts';
import { type Cause, causeOf, creationCause } from './causes.ts';

/** Everything that is known of a rollout at one moment. */
export interface Seen {
  readonly workload: Workload;
  readonly revisions: readonly Revision[];
  readonly pods: readonly Pod[];
  /** Events by the uid of what they are about. */
  readonly events: ReadonlyMap<string, readonly KubeEvent[]>;
}

/** How one kind of workload tells how far it is: numbers of pods, and which of them are new. */
export interface Progress {
  /** Whether the controller has seen the newest description. */
  readonly observed: boolean;
  readonly wanted: number;
  readonly updated: number;
  readonly available: number;
  /** Of earlier descriptions, and still there. */
  readonly old: number;
  readonly done: boolean;
  /** Pods of the newest description. */
  readonly pods: readonly Pod[];
  /** Why no pods are made, in the controller's words. */
  readonly blocked: string | undefined;
  /** The controller itself has given up. */
  readonly overdue: boolean;
}

export type Verdict =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'failed';
      readonly cause: Cause | undefined;
      readonly sentence: string;
      readonly code: Failed['reason'];
    }
  | { readonly kind: 'waiting'; readonly line: string; readonly cause: Cause | undefined };
type Failed = Extract<Readiness, { kind: 'failed' }>;

/** Crashes of one container after which it is not waited for any more, and where others of its kind are well. */
const CRASHES = 3;
const CRASHES_BESIDE_HEALTHY = 5;
/** What will not pass by itself may still be mended from outside at once, such as a Secret that comes a moment later. */
const GRACE_MS = 4_000;
/** Controllers try again to make pods after a second or two, and a quota is freed as old pods go. */
const BLOCKED_GRACE_MS = 10_000;

/** A container that has restarted may be ready between two crashes: all must stay available for so long then. */
const CALM_MS = 10_000;
const CALM = 'all available';

const hasRestarted = ({ status }: Pod): boolean => (status.containerStatuses ?? []).some((it) => it.restartCount > 0);

/** Since when something stands, by its name. Milliseconds. */
export class Standing {
  readonly #since = new Map<string, number>();

  /** How long it stands now; what is not named any more begins anew. */
  ages(names: readonly string[], now: number): ReadonlyMap<string, number> {
    for (const name of [...this.#since.keys()]) if (!names.includes(name)) this.#since.delete(name);
    for (const name of names) if (!this.#since.has(name)) this.#since.set(name, now);
    return new Map(names.map((name) => [name, now - (this.#since.get(name) ?? now)]));
  }
}

/**
 * Decides whether a rollout is done, doomed or on its way. Only pods of the newest description count: what an old one does
 * is not this deploy's. Doomed is what will not pass by itself and has stood for a moment, a container that crashed as
 * often as is patient, and what the controller gave up.
 */
export function judge(seen: Seen, progress: Progress, standing: Standing, now: number): Verdict {
  if (progress.observed && progress.done && progress.pods.every(isReady)) {
    const calm = standing.ages([CALM], now).get(CALM) ?? 0;
    if (calm >= CALM_MS || !progress.pods.some(hasRestarted)) return { kind: 'ready' };
    return { kind: 'waiting', line: 'all are available, but some have restarted: they are watched', cause: undefined };
  }
  const causes = progress.pods.flatMap((pod) => causeOf(pod, seen.events.get(pod.metadata.uid) ?? []) ?? []);
  const blocked = progress.blocked === undefined ? undefined : blockedCause(seen.workload, progress.blocked);
  const all = blocked === undefined ? causes : [blocked, ...causes];
  const ages = standing.ages(all.map(nameOf), now);
  const doom = all.find((it) => isDoom(it, ages.get(nameOf(it)) ?? 0, progress));
  if (doom !== undefined) return failed(doom);
  const worst = all[0];
  if (progress.overdue) return overdue(worst, seen.workload);
  return { kind: 'waiting', line: lineOf(progress, worst), cause: worst };
}

const nameOf = (it: Cause): string => `${it.code} ${it.reason} ${it.pod} ${it.container ?? ''}`;

function isDoom(cause: Cause, age: number, { pods }: Progress): boolean {
  if (cause.kind === 'permanent') return age >= (cause.reason === 'FailedCreate' ? BLOCKED_GRACE_MS : GRACE_MS);
  if (cause.kind === 'passing') return false;
  const healthy = pods.some(isReady);
  return cause.crashes >= (healthy ? CRASHES_BESIDE_HEALTHY : CRASHES);
}

export const isReady = ({ status }: Pod): boolean =>
  (status.conditions ?? []).some((it) => it.type === 'Ready' && it.status === 'True');

function blockedCause({ metadata }: Workload, message: string): Cause {
  return { ...creationCause(message), pod: metadata.name, container: undefined, message, crashes: 0 };
}

const LONGEST = 400;

function failed(cause: Cause): Verdict {
  return { kind: 'failed', cause, code: cause.code, sentence: sentenceOf(cause) };
}

/** `web-5d4 (container web): ErrImagePull, … . Hint.` */
export function sentenceOf({ pod, container, reason, message, hint }: Cause): string {
  const where = container === undefined ? pod : `${pod} (container ${container})`;
  const said = oneLine(message, LONGEST).replace(/\.$/, '');
  return `${where}: ${reason}${said === '' ? '' : `, ${said}`}. ${hint}`;
}

function overdue(cause: Cause | undefined, { spec }: Workload): Verdict {
  const limit = spec.progressDeadlineSeconds ?? 600;
  const why = cause === undefined ? '' : ` ${sentenceOf(cause)}`;
  const sentence = `It made no progress for ${limit} s (progressDeadlineSeconds).${why}`;
  return { kind: 'failed', cause, code: cause?.code ?? 'unhealthy', sentence };
}

function lineOf({ observed, wanted, updated, available, old }: Progress, cause: Cause | undefined): string {
  if (!observed) return 'the controller has not seen it yet';
  const rest = old > 0 ? `, ${old} old still there` : '';
  const why = cause === undefined ? '' : `; ${sentenceOf(cause)}`;
  return `${available} of ${wanted} new pods available, ${updated} started${rest}${why}`;
}

/** What to say when the time is up. */
export function lateSentence(verdict: Extract<Verdict, { kind: 'waiting' }>, probes: readonly string[]): string {
  const probe = probes[0] === undefined ? '' : ` ${oneLine(probes[0], LONGEST)}`;
  return `It was not ready in time: ${verdict.line}.${probe}`;
}
