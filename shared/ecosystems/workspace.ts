import { type CommitFiles, type Ecosystem, userError } from '../model/index.ts';
import { makePackage, type Package } from './package.ts';
import { folderOf, nameOf } from './paths.ts';
import { ECOSYSTEMS, type EcosystemEntry } from './table.ts';

/** More manifests than this are no monorepo of this world. */
export const MAX_MANIFESTS = 50_000;
/** All manifests together; lock files are not among them. */
export const MAX_MANIFEST_CHARACTERS = 256 * 1024 * 1024;

/** The packages of one tree, by ecosystem. */
export type Workspace = ReadonlyMap<Ecosystem, readonly Package[]>;

/** What is installed lies beside what is written, and is nobody's package. */
const INSTALLED = /(^|\/)node_modules\//;

const ALL = Object.keys(ECOSYSTEMS).filter((it): it is Ecosystem => Object.hasOwn(ECOSYSTEMS, it));

/** A test for paths that dependencies are read from or resolved through. */
export function ecosystemFiles(ecosystems: readonly Ecosystem[] = ALL): (path: string) => boolean {
  // A tree has few names beside its many paths.
  const known = new Map<string, boolean>();
  const isKnown = (name: string): boolean => {
    const found = known.get(name) ?? ecosystems.some((it) => isOf(ECOSYSTEMS[it], name));
    known.set(name, found);
    return found;
  };
  return (path) => isKnown(nameOf(path)) && !INSTALLED.test(path);
}

const isOf = ({ manifests, others }: EcosystemEntry, name: string): boolean =>
  manifests.test(name) || others.test(name);

/**
 * Reads the packages of a tree: files are found once, and read once. Readers are loaded for ecosystems that are there.
 *
 * @param ecosystems undefined: whatever is found
 */
export async function readWorkspace(files: CommitFiles, ecosystems: readonly Ecosystem[] = ALL): Promise<Workspace> {
  const found = await files.find(ecosystemFiles(ecosystems));
  const paths = found.filter((path) => ecosystems.some((it) => ECOSYSTEMS[it].manifests.test(nameOf(path))));
  if (paths.length > MAX_MANIFESTS) throw tooMuch(`${paths.length} manifests; no more than ${MAX_MANIFESTS} are read`);
  const texts = await files.readAll(paths);
  const characters = [...texts.values()].reduce((sum, text) => sum + text.length, 0);
  if (characters > MAX_MANIFEST_CHARACTERS) {
    throw tooMuch(`manifests of ${characters} characters; no more than ${MAX_MANIFEST_CHARACTERS} are read`);
  }
  const read = ecosystems.map(async (name) => [name, await readOne(ECOSYSTEMS[name], found, texts)] as const);
  return new Map(await Promise.all(read));
}

async function readOne(
  entry: EcosystemEntry,
  found: readonly string[],
  texts: ReadonlyMap<string, string>,
): Promise<readonly Package[]> {
  const paths = found.filter((path) => isOf(entry, nameOf(path)));
  const manifests = paths.filter((path) => entry.manifests.test(nameOf(path)));
  if (manifests.length === 0) return [];
  const read = await entry.load();
  const own = new Map(manifests.flatMap((path) => [[path, texts.get(path)] as const]).filter(isRead));
  const packages = read({ texts: own, there: new Set(paths) });
  return everythingLinked([...packages, ...manifests.filter((path) => !own.has(path)).map(unreadable)]);
}

const isRead = (it: readonly [string, string | undefined]): it is readonly [string, string] => it[1] !== undefined;

function unreadable(manifest: string): Package {
  const unknown = 'it is too large, or could not be had';
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

function tooMuch(what: string) {
  return userError('config-invalid', `Dependencies cannot be imported: the repository has ${what}.`, {
    remedy: 'Name the ecosystems that count with `graph.import`, or `[]` for none.',
  });
}
