/** What a lock file resolves: for each package of the repository where its dependencies lead, and on from there. */
export interface LockGraph {
  /** Folder of a package → ids of what it depends on. */
  readonly roots: ReadonlyMap<
    string,
    { readonly production: readonly string[]; readonly development: readonly string[] }
  >;
  readonly entries: ReadonlyMap<string, LockEntry>;
}

export interface LockEntry {
  readonly name: string;
  readonly version: string;
  /** What tells the content from any other: a checksum, else where it comes from. */
  readonly content: string;
  /** Ids of what it depends on; those without an entry are passed over (optional ones that are nowhere installed). */
  readonly dependencies: readonly string[];
  /** Folder of the package of the repository that it stands for; its dependencies are those of that root. */
  readonly folder?: string | undefined;
}
