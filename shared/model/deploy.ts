import type { EnvironmentClass, TargetSettings } from './config.ts';
import type { Commit, EnvironmentName, ImageRef, ServiceName } from './names.ts';
import type { ReasonCode } from './reasons.ts';

/** Outcomes with which the step ends with exit code 0. */
const SUCCESSES = ['deployed', 'unchanged', 'superseded', 'held', 'rolled-back', 'planned', 'removed'] as const;

/** What deploy-to-env can end with. */
export const OUTCOMES = [
  ...SUCCESSES,
  'rolled-back-after-failure',
  'rollback-failed',
  'gate-failed',
  'locked',
  'fenced',
  'failed',
  'cancelled',
  'unknown',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Whether the step ends with exit code 0. */
export const isSuccess = (outcome: Outcome): boolean => SUCCESSES.some((it) => it === outcome);

export type DeployMode = 'deploy' | 'rollback' | 'plan' | 'hold' | 'release' | 'remove';

/** One image as it was, is or shall be deployed, with all that is needed to bring it back without a checkout. */
export interface Release {
  readonly image: ImageRef;
  /** Source commit of the deploy (not of the image: one digest can serve many commits). */
  readonly commit: Commit;
  readonly version: string;
  /** The event that brought it. */
  readonly event: string;
  /** When that event settled, ISO 8601 in UTC. */
  readonly since: string;
  /** Login of the person. */
  readonly by: string;
  /** The resolved settings of the target at that time. */
  readonly target: TargetSettings;
}

/** Gates that a person may pass with the input `override`. */
export const OVERRIDABLE_GATES = ['freeze', 'hold', 'promotion', 'ancestry', 'evidence'] as const;
/** A person who is needed, a deploy in doubt and what cannot be carried out are passed by nobody. */
export type GateName = (typeof OVERRIDABLE_GATES)[number] | 'in-doubt' | 'human' | 'settings';

export const isOverridable = (gate: GateName): boolean => OVERRIDABLE_GATES.some((it) => it === gate);

/** What one gate says, in words that are shown. */
export interface GateResult {
  readonly gate: GateName;
  readonly verdict: 'passed' | 'overridden' | 'stopped';
  readonly reason: ReasonCode | undefined;
  readonly sentence: string;
}

/** What a deploy will do, decided before anything is written; `mode: plan` shows the same value. The sixth of the nine values. */
export interface DeployPlan {
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
  readonly class: EnvironmentClass;
  readonly mode: DeployMode;
  readonly release: Omit<Release, 'event' | 'since'>;
  /** What runs now, by the ledger; for a rollback that stops a deploy in flight, the one in flight. */
  readonly live: Release | undefined;
  /** What a rollback goes back to: the newest release that was good and is neither live nor held. */
  readonly previous: Release | undefined;
  readonly gates: readonly GateResult[];
  readonly verdict: PlanVerdict;
  /** The steps, each a line for people. */
  readonly steps: readonly string[];
  /** What the reader should know before it starts, such as a missing way back. */
  readonly warnings: readonly string[];
  /** Whether a failure is taken back without a person. */
  readonly automatic: boolean;
  /** What `hold` and `release` are about: the digest of `release`, or the whole stream. */
  readonly scope: 'digest' | 'stream';
  /** What a person gave as the reason. */
  readonly because: string | undefined;
}

export type PlanVerdict =
  | { readonly kind: 'go' }
  | {
      readonly kind: 'stop';
      readonly outcome: 'unchanged' | 'superseded' | 'held' | 'gate-failed';
      readonly reason: ReasonCode;
      readonly sentence: string;
      /** `unchanged` with a new commit still writes an event, else the base would never move. */
      readonly record: boolean;
    };

/** What was seen of a failing image, taken before anything is reverted. Bounded and redacted. */
export interface Evidence {
  /** One sentence: what failed and how. */
  readonly summary: string;
  readonly checks: readonly CheckResult[];
  /** The last lines of the log, oldest first. */
  readonly log: readonly string[];
}

export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  /** What was seen, such as `HTTP 500: database is locked`. */
  readonly seen: string;
  readonly attempts: number;
  readonly durationMs: number;
}

/** How one deploy ended. The seventh of the nine values. */
export interface Settled {
  readonly outcome: Outcome;
  readonly reason: ReasonCode | undefined;
  readonly sentence: string;
  /** What runs now. */
  readonly live: ImageRef | undefined;
  /** What ran before. */
  readonly previous: ImageRef | undefined;
  /** Whether anything was written to the target. */
  readonly changed: boolean;
  readonly url: string | undefined;
  readonly evidence: Evidence | undefined;
  readonly checks: readonly CheckResult[];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
}
