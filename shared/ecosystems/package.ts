/** A package (module, crate, project) as one manifest describes it. */
export interface Package {
  /** Path of the manifest: no two packages have the same. */
  readonly manifest: string;
  /** What people call it. */
  readonly name: string;
  readonly folder: string;
  /** What a dependent takes in: all of its folder, or, of a parent that only hands settings on, the manifest alone. */
  readonly content: 'folder' | 'manifest';
  /** Whether its files belong to the package that it lies in as well, as those of a nested package.json without a name do. */
  readonly isPart: boolean;
  /**
   * What it depends on in the repository: paths of manifests or folders of packages, or of files and folders that are none.
   */
  readonly links: readonly string[];
  /** Files and folders beside its own that it is resolved through: parents, workspace files, lock files that cannot be sliced. */
  readonly governed: readonly string[];
  /** Every lock file that may resolve it and that can be sliced. */
  readonly locks: readonly string[];
  /** Folders of the workspaces whose dependencies are within reach of all their packages. */
  readonly workspaces: readonly string[];
  /** Dependencies as they are written, for lock files that do not repeat them. */
  readonly requires: Requires;
  /** Why it is not known what it depends on: then it depends on every package of its ecosystem. */
  readonly unknown: string | undefined;
  /** Whether its name could not be read, so that any other package may be one that depends on it. */
  readonly nameless: boolean;
}

export interface Requires {
  readonly production: ReadonlyMap<string, string>;
  readonly development: ReadonlyMap<string, string>;
}

const NO_REQUIRES: Requires = { production: new Map(), development: new Map() };

/** A package with what most packages do not have left out. */
export function makePackage(
  given: Partial<Package> & Pick<Package, 'manifest' | 'name' | 'folder' | 'links'>,
): Package {
  return {
    content: 'folder',
    isPart: false,
    governed: [],
    locks: [],
    workspaces: [],
    requires: NO_REQUIRES,
    unknown: undefined,
    nameless: false,
    ...given,
  };
}

/** The files of one ecosystem in one tree. */
export interface EcosystemFiles {
  /** Texts of manifests by path, and of what was read beside them; those that could not be read are not there. */
  readonly texts: ReadonlyMap<string, string>;
  /** Paths of all files that the ecosystem knows by name, manifests among them. */
  readonly there: ReadonlySet<string>;
  /** Paths of source files, which are read only where a reader asks for them. */
  readonly sources: readonly string[];
}

/** Reads the manifests of one ecosystem. Never throws for what is in them: a package whose manifest cannot be read says so. */
export type ReadPackages = (files: EcosystemFiles) => readonly Package[];

export interface EcosystemReader {
  readonly read: ReadPackages;
  /** Paths of files that must be read as well, since manifests name them or leave them open. Asked until it names none that is new. */
  readonly further?: (files: EcosystemFiles) => readonly string[];
}
