import type { PathRules } from './config.ts';
import type { Graph } from './graph.ts';
import type { ServiceName } from './names.ts';

/** What a service uses of the repository by the manifests of its ecosystem, beside what its configuration says. */
export interface ServiceImports {
  /** Services whose packages it uses, each with the manifest that says so. */
  readonly dependencies: ReadonlyMap<ServiceName, string>;
  /** Packages that are no service's, and manifests that govern its own, at any distance. */
  readonly inputs: readonly ImportedInput[];
  /** Lock files outside of its folder that resolve its packages, each with the packages that are resolved for it. */
  readonly locks: ReadonlyMap<string, readonly LockRoot[]>;
}

export interface ImportedInput {
  /** The files of it. */
  readonly rules: PathRules;
  /** The packages on the way to it, from the service's own dependency on; empty for what governs its own packages. */
  readonly way: readonly string[];
  /** The manifest that names it. */
  readonly manifest: string;
}

/** A package whose dependencies a lock file resolves for a service. */
export interface LockRoot {
  readonly folder: string;
  /** Whether what only its development needs counts as well. */
  readonly development: boolean;
}

export const NOTHING_IMPORTED: ServiceImports = { dependencies: new Map(), inputs: [], locks: new Map() };

/** What a changed lock file means to one service. */
export type LockChange = {
  readonly file: string;
  /** The first of what is resolved otherwise than before: `lodash 4.17.20 → 4.17.21`. */
  readonly moved: readonly string[];
  readonly count: number;
  /** Why the file counts as a whole; null when it could be compared entry by entry. */
  readonly whole: string | null;
};

/** What manifests and lock files mean between a base and the head. */
export interface ImportsSince {
  /** Graphs that hold beside that of the work tree: of the base, where a manifest has changed since. */
  readonly graphs: readonly Graph[];
  readonly locks: ReadonlyMap<ServiceName, readonly LockChange[]>;
}
