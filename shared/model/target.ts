import type { TargetKind } from './config.ts';
import type { Evidence, Release } from './deploy.ts';
import type { StreamState } from './ledger.ts';
import type { Digest, ImageRef } from './names.ts';
import type { ReasonCode } from './reasons.ts';

/**
 * What runs images: one implementation for each kind, all with the protocol of docs/adr/0002-protocol.md.
 * Reading needs nothing; writing needs the lease, so that a run which lost it has no way left to write.
 */
export interface Target {
  readonly kind: TargetKind;
  /** What is there now. Writes nothing. */
  observe(): Promise<Observation>;
  /**
   * Takes the lease by compare-and-set, or says who has it. A lease whose holder is gone (expired by the target's own
   * clock, or known dead) is taken over; its sequence grows by one, which fences the old holder.
   * `force` takes it from a living holder: for a rollback that someone asked for.
   */
  acquire(owner: Owner, options: { readonly force: boolean }): Promise<Acquired>;
}

/** Who holds a lease. */
export interface Owner {
  /** `repository/run/attempt/job`: the same for main and post of one step. */
  readonly id: string;
  /** For people who meet the lock. */
  readonly url: string | undefined;
}

export type Acquired =
  | { readonly kind: 'held'; readonly lease: Lease }
  | { readonly kind: 'busy'; readonly holder: Owner; readonly since: string };

/**
 * The right to write. Every method but `release` throws {@link Fenced} once another owner took over, before it writes.
 * All are idempotent: a run that takes over may call them again.
 */
export interface Lease {
  /** Grows with every acquisition in this target; the fencing token. */
  readonly sequence: number;
  /** Extends the lease. To be called at least every `renewEveryMs`. */
  renew(): Promise<void>;
  readonly renewEveryMs: number;
  /** Writes what is about to happen, and later how far it came; undefined clears it. */
  intend(intent: Intent | undefined): Promise<void>;
  /**
   * Keeps what the stream said when a deploy had ended. Refs of the ledger cannot be protected: where one is damaged, gone
   * or set back, the stream goes on from here, with its holds and with what was good.
   */
  remember(state: StreamState): Promise<void>;
  /** Makes everything new that the release needs and that changes nothing of what runs. The signal ends it early, with an error. */
  prepare(release: Release, signal?: AbortSignal): Promise<void>;
  /**
   * The one commit point: from here on the release is what the target wants to run. `one-wave`: as fast as can be.
   * The digest that runs already, under another event: only the event is written, nothing is started anew.
   */
  apply(release: Release, pace: 'steady' | 'one-wave'): Promise<void>;
  /** Waits until the applied release is ready, or cannot become so. */
  ready(signal: AbortSignal, progress: (line: string) => void): Promise<Readiness>;
  /** What can be seen of the applied release: state and last log lines. */
  evidence(): Promise<Pick<Evidence, 'summary' | 'log'>>;
  /** What the target wants to run is what counts, even after a deploy that never got so far: what only others needed may go. */
  settle(): Promise<void>;
  /** Takes the service down. */
  remove(): Promise<void>;
  /** Gives the lease back by compare-and-delete. Never throws for a lease that is lost. */
  release(): Promise<void>;
}

/** Written in the target before the first change: what a later run needs to settle a deploy whose run has vanished. */
export interface Intent {
  readonly event: string;
  /** What the vanished run was asked for: a rollback that fails is not rolled back. */
  readonly mode: 'deploy' | 'rollback' | 'remove';
  /** Whether a failure may be taken back without a person. */
  readonly automatic: boolean;
  /** Who started it; a run that settles it leaves the name. */
  readonly owner: Owner;
  readonly sequence: number;
  readonly release: Release;
  /** What to go back to. */
  readonly previous: Release | undefined;
  readonly step: IntentStep;
  readonly startedAt: string;
  /** Why it is on its way back, or cannot go back: redacted and bounded, kept here because evidence is taken only once. */
  readonly failure?: Failure;
}

/** Why a deploy is taken back. */
export interface Failure {
  readonly reason: ReasonCode;
  readonly sentence: string;
  readonly evidence: Evidence | undefined;
}

/**
 * `intended`, `prepared`: this deploy changed nothing that runs. `applied`: past the commit point. `verified`: good, not yet
 * recorded. `reverting`, `reverted`: bad, and on the way back or there. `revert-failed`: only a person can help.
 * The commit point itself is seen in the target ({@link Observation.live} has the event), so a step that could not be written is no loss.
 */
export type IntentStep = 'intended' | 'prepared' | 'applied' | 'verified' | 'reverting' | 'reverted' | 'revert-failed';

export interface Observation {
  /** What the target wants to run, however healthy. */
  readonly live: { readonly image: ImageRef; readonly event: string; readonly sequence: number } | undefined;
  readonly url: string | undefined;
  readonly intent: Intent | undefined;
  readonly lease: { readonly owner: Owner; readonly alive: boolean } | undefined;
  /** What {@link Lease.remember} was last told; nothing is in doubt in it. */
  readonly stream: StreamState | undefined;
  /** Digests that can be brought back without pulling. */
  readonly warm: readonly Digest[];
}

export type Readiness =
  | { readonly kind: 'ready'; readonly url: string | undefined }
  | { readonly kind: 'failed'; readonly reason: ReasonCode; readonly sentence: string };

/** Thrown by every writing method of a lease that another owner took over. Nothing was written. */
export class Fenced extends Error {
  readonly by: Owner | undefined;

  constructor(by: Owner | undefined) {
    super(by === undefined ? 'The lease is lost.' : `The lease was taken over by ${by.id}.`);
    this.name = 'Fenced';
    this.by = by;
  }
}
