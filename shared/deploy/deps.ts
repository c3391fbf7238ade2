import type { CheckResult, Clock, DeployPlan, Journal, Log, Owner, Redact, Target } from '../model/index.ts';
import type { Step } from './steps.ts';

/** Looks at a running image from outside; the judge carries it out. */
type Verify = (url: string | undefined, signal: AbortSignal) => Promise<readonly CheckResult[]>;

/** The plan made again, from facts that were read under the lease, and the journal as it is now. */
export interface Review {
  readonly plan: DeployPlan;
  readonly journal: Journal;
}

/** What settling a stream needs of the world. */
export interface SettleDeps {
  readonly target: Target;
  readonly journal: Journal;
  readonly verify: Verify;
  readonly clock: Clock;
  readonly log: Log;
  readonly redact: Redact;
  readonly owner: Owner;
  /** From the first change to the end of the checks; going back has as much again. Milliseconds. */
  readonly timeoutMs: number;
  /** Once it aborts no new step is begun, and the running one is not waited for. */
  readonly signal: AbortSignal;
  /** Called before each step, and waited for. */
  readonly onProgress: (step: Step) => void | Promise<void>;
}

export interface DeployDeps extends SettleDeps {
  /** How long to wait for a lease that another run has. Milliseconds. */
  readonly lockWaitMs: number;
  /**
   * Reads the stream again and plans again. Called under the lease: what was true before may not be so any more, since
   * another deploy may have gone in between, whether this one had to wait or not.
   */
  readonly review: () => Promise<Review>;
}
