import type { CommitFiles, Ecosystem } from '../model/index.ts';
import { linksFollowed } from './links-followed.ts';
import { type EcosystemFiles, makePackage, type Package } from './package.ts';
import { folderOf, nameOf } from './paths.ts';
import { Reading, tooMuch } from './reading.ts';
import type { Symlinks } from './symlinks.ts';
import { ECOSYSTEMS, type EcosystemEntry } from './table.ts';
import { TreeView } from './tree-view.ts';

/** More manifests than this are no monorepo of this world. */
export const MAX_MANIFESTS = 50_000;
/** Files that name files that name files: what is named later is not read. */
const MAX_ROUNDS = 20;

/** The packages of one tree. */
export interface Workspace {
  readonly packages: ReadonlyMap<Ecosystem, readonly Package[]>;
  readonly symlinks: Symlinks;
}

/** What is installed lies beside what is written, and is nobody's package. */
const INSTALLED = /(^|\/)node_modules\//;

const ALL = Object.keys(ECOSYSTEMS).filter((it): it is Ecosystem => Object.hasOwn(ECOSYSTEMS, it));

/** A test for paths that dependencies are read from or resolved through. */
export function ecosystemFiles(ecosystems: readonly Ecosystem[] = ALL): (path: string) => boolean {
  return byName(ecosystems, isOf);
}

/** A test for paths by the last part of each. */
function byName(ecosystems: readonly Ecosystem[], test: typeof isOf): (path: string) => boolean {
  // A tree has few names beside its many paths.
  const known = new Map<string, boolean>();
  const isKnown = (name: string): boolean => {
    const found = known.get(name) ?? ecosystems.some((it) => test(ECOSYSTEMS[it], name));
    known.set(name, found);
    return found;
  };
  return (path) => isKnown(nameOf(path)) && !INSTALLED.test(path);
}

const isOf = ({ manifests, others }: EcosystemEntry, name: string): boolean =>
  manifests.test(name) || others.test(name);
const isSource = ({ sources }: EcosystemEntry, name: string): boolean => sources?.test(name) ?? false;

/**
 * Reads the packages of a tree: files are found once, and read once. Readers are loaded for ecosystems that are there.
 *
 * @param ecosystems undefined: whatever is found
 */
export async function readWorkspace(files: CommitFiles, ecosystems: readonly Ecosystem[] = ALL): Promise<Workspace> {
  const view = await TreeView.of(files, byName(ecosystems, isOf), byName(ecosystems, isSource));
  const paths = view.paths.filter((path) => ecosystems.some((it) => ECOSYSTEMS[it].manifests.test(nameOf(path))));
  if (paths.length > MAX_MANIFESTS) throw tooMuch(`${paths.length} manifests; no more than ${MAX_MANIFESTS} are read`);
  const reading = new Reading(view);
  await reading.add(paths);
  const packages = new Map<Ecosystem, readonly Package[]>();
  for (const name of ecosystems) packages.set(name, await readOne(ECOSYSTEMS[name], reading));
  return { packages, symlinks: view.symlinks };
}

async function readOne(entry: EcosystemEntry, reading: Reading): Promise<readonly Package[]> {
  const { paths, symlinks } = reading.view;
  const manifests = paths.filter((path) => entry.manifests.test(nameOf(path)));
  if (manifests.length === 0) return [];
  const { read, further } = await entry.load();
  const there = new Set(paths.filter((path) => isOf(entry, nameOf(path))));
  const sources = paths.filter((path) => isSource(entry, nameOf(path)));
  const named = new Set<string>();
  const filesNow = (): EcosystemFiles => ({ texts: only(reading.texts, manifests, named), there, sources });
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const more = (further?.(filesNow()) ?? []).filter((path) => !named.has(path));
    for (const path of more) named.add(path);
    if (more.length === 0) break;
    await reading.add(more);
  }
  const packages = read(filesNow());
  const unread = manifests.filter((path) => !reading.texts.has(path)).map((path) => unreadable(path, symlinks));
  return linksFollowed(everythingLinked([...packages, ...unread]), symlinks);
}

const only = (texts: ReadonlyMap<string, string>, ...lists: readonly Iterable<string>[]): ReadonlyMap<string, string> =>
  new Map(
    lists.flatMap((list) =>
      [...list].flatMap((path) => {
        const text = texts.get(path);
        return text === undefined ? [] : [[path, text] as const];
      }),
    ),
  );

function unreadable(manifest: string, symlinks: Symlinks): Package {
  const isOut = symlinks.resolve(manifest).path === undefined;
  const unknown = isOut
    ? 'it is a link that leads out of the repository, or in a circle'
    : 'it is too large, or could not be had';
  const folder = folderOf(manifest);
  return makePackage({ manifest, name: folder || nameOf(manifest), folder, links: [], unknown, nameless: true });
}

/** A package that cannot be read depends on all of its ecosystem; one whose name is not known may be what any depends on. */
function everythingLinked(packages: readonly Package[]): readonly Package[] {
  const nameless = packages.filter((it) => it.nameless).map(({ manifest }) => manifest);
  const isUnknown = packages.some((it) => it.unknown !== undefined);
  if (nameless.length === 0 && !isUnknown) return packages;
  const all = packages.map(({ manifest }) => manifest);
  return packages.map((it) => {
    const more = it.unknown === undefined ? nameless : all;
    return { ...it, links: [...new Set([...it.links, ...more])].filter((link) => link !== it.manifest) };
  });
}
