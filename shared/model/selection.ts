import type { LockChange } from './imports.ts';
import type { Json } from './json.ts';
import type { Commit, EnvironmentName, ServiceName } from './names.ts';
import type { Problem } from './problem.ts';

/** Which services a run is about, and why. The third of the nine values. */
export interface Selection {
  readonly head: Commit;
  /** One verdict per configured service, sorted by name. */
  readonly verdicts: readonly Verdict[];
  /** Services that were there at the base and are not any more, sorted. */
  readonly removed: readonly ServiceName[];
  /** What is right all the same, but should be known: bases that were lost, services that only the head has. */
  readonly warnings: readonly Problem[];
}

export interface Verdict {
  readonly service: ServiceName;
  readonly selected: boolean;
  /** Why it is selected; empty when it is not. */
  readonly reasons: readonly SelectionReason[];
  /** What it was compared with: one for each environment where bases come from the ledger. */
  readonly bases: readonly Base[];
}

/** One commit to compare with, and the rung of the ladder that gave it. */
export interface Base {
  /** undefined: no base is known, so everything counts as changed. */
  readonly commit: Commit | undefined;
  readonly rung: Rung;
  readonly environment: EnvironmentName | undefined;
  /** Why no commit is known, or why a higher rung was passed over. */
  readonly note: string | undefined;
}

/** The rungs of the base ladder, from the surest down. */
export type Rung =
  | 'input'
  | 'deployed'
  | 'before'
  | 'merge-base'
  | 'first-parent'
  | 'target-branch'
  | 'previous-tag'
  | 'unknown';

export type SelectionReason =
  | { readonly kind: 'asked' }
  | { readonly kind: 'files'; readonly paths: readonly string[]; readonly count: number; readonly since: Commit }
  | {
      readonly kind: 'dependency-paths';
      readonly paths: readonly string[];
      readonly count: number;
      readonly since: Commit;
    }
  | { readonly kind: 'build-files'; readonly paths: readonly string[]; readonly count: number; readonly since: Commit }
  | { readonly kind: 'shared-paths'; readonly paths: readonly string[]; readonly count: number; readonly since: Commit }
  | {
      readonly kind: 'dependency';
      /** From this service to the one whose files changed. */
      readonly path: readonly ServiceName[];
      /** Manifests that say so, for the steps of the path that no configuration names. */
      readonly imported: readonly string[];
      readonly paths: readonly string[];
      readonly count: number;
      readonly since: Commit;
    }
  | {
      readonly kind: 'imported';
      /** The manifest that makes it an input, and the packages on the way to it; none for what governs its own packages. */
      readonly manifest: string;
      readonly way: readonly string[];
      readonly paths: readonly string[];
      readonly count: number;
      readonly since: Commit;
    }
  | ({ readonly kind: 'lock'; readonly since: Commit } & LockChange)
  | { readonly kind: 'config'; readonly since: Commit }
  | { readonly kind: 'new'; readonly since: Commit }
  | { readonly kind: 'no-record'; readonly environment: EnvironmentName }
  | { readonly kind: 'in-doubt'; readonly environment: EnvironmentName }
  | { readonly kind: 'unbelievable'; readonly environment: EnvironmentName; readonly why: string }
  | { readonly kind: 'base-unknown'; readonly why: string };

/** One row of a job matrix. */
export interface MatrixRow {
  readonly service: ServiceName;
  readonly path: string;
  readonly repository: string;
  readonly team: string;
  readonly runner: Json;
  readonly [key: string]: Json;
}

/** `{"include":[…]}`, as `strategy.matrix` takes it. */
export interface Matrix {
  readonly include: readonly MatrixRow[];
}
