import type { LockRoot } from '../../model/index.ts';

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

/** What some packages resolve to: lines, each for one entry with what it leads to, and the versions by name for people. */
export interface Slice {
  readonly lines: ReadonlySet<string>;
  readonly versions: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Roots that the file does not have; an importer without dependencies is often left out. */
const NO_ROOT = { production: [], development: [] };

/** Everything that is reached from some roots. */
export function sliceOf(graph: LockGraph, roots: readonly LockRoot[]): Slice {
  const lines = new Set<string>();
  const versions = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const folders = new Set<string>();
  const queue: string[] = [];
  const enter = ({ folder, development }: LockRoot) => {
    const root = graph.roots.get(folder) ?? NO_ROOT;
    const ids = development ? [...root.production, ...root.development] : root.production;
    lines.add(`${folder}\0${labels(graph, ids)}`);
    queue.push(...ids);
  };
  for (const root of roots) enter(root);
  for (const id of queue) {
    const entry = graph.entries.get(id);
    if (entry === undefined || seen.has(id)) continue;
    seen.add(id);
    if (entry.folder !== undefined) {
      // A package of the repository: it is the same at any version, its files are inputs of their own.
      if (!folders.has(entry.folder)) enter({ folder: entry.folder, development: false });
      folders.add(entry.folder);
      continue;
    }
    const { name, version, content, dependencies } = entry;
    lines.add(`${name}\0${version}\0${content}\0${labels(graph, dependencies)}`);
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
    queue.push(...dependencies);
  }
  return { lines, versions };
}

/** Names and versions of entries, in an order that does not depend on the file's. */
function labels({ entries }: LockGraph, ids: readonly string[]): string {
  const found = ids.flatMap((id) => {
    const entry = entries.get(id);
    return entry === undefined ? [] : [`${entry.name}@${entry.folder ?? entry.version}`];
  });
  return [...new Set(found)].sort().join(' ');
}

/** What is different between two slices, in words; empty when nothing is. */
export function compareSlices(before: Slice, after: Slice): readonly string[] {
  const names = [...new Set([...before.versions.keys(), ...after.versions.keys()])].sort();
  const moved = names.flatMap((name) => {
    const [was, is] = [sorted(before.versions.get(name)), sorted(after.versions.get(name))];
    if (was === is) return [];
    if (was === '') return [`${name} ${is} is new`];
    return [is === '' ? `${name} ${was} is gone` : `${name} ${was} → ${is}`];
  });
  if (moved.length > 0) return moved;
  const changed = [...difference(before.lines, after.lines), ...difference(after.lines, before.lines)];
  return [...new Set(changed.map((line) => `${line.split('\0', 1)[0] || 'the root'} leads elsewhere`))].sort();
}

const sorted = (versions: ReadonlySet<string> | undefined): string => [...(versions ?? [])].sort().join(', ');

const difference = (a: ReadonlySet<string>, b: ReadonlySet<string>): readonly string[] =>
  [...a].filter((line) => !b.has(line));
