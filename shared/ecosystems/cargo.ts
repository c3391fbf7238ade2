import picomatch from 'picomatch';
import { at, entriesAt, textAt, textsAt, textsWithin } from './data.ts';
import { type EcosystemFiles, type EcosystemReader, makePackage, type Package } from './package.ts';
import { above, folderOf, fromFolder, inFolder, isWithin, linkFrom, nameOf, upwards } from './paths.ts';
import { parseToml } from './toml.ts';

/** Files up the tree that have a say in how a crate is built. */
const CONFIGS = ['.cargo/config.toml', '.cargo/config'];
const GOVERNS = ['rust-toolchain', 'rust-toolchain.toml', ...CONFIGS];
/** Tables of dependencies (https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html); the last two are old spellings. */
const TABLES = ['dependencies', 'dev-dependencies', 'build-dependencies', 'dev_dependencies', 'build_dependencies'];

interface CargoFile {
  readonly path: string;
  readonly folder: string;
  /** undefined when it cannot be read. */
  readonly data: unknown;
}

/** What is read of a tree, by path. */
interface CargoTree {
  readonly manifests: ReadonlyMap<string, CargoFile>;
  readonly configs: readonly CargoFile[];
  readonly files: EcosystemFiles;
}

/**
 * Crates of Cargo: path dependencies of every table, those of the workspace that are inherited (`workspace = true`), paths
 * that `[patch]` or `[replace]` of the root or Cargo's configuration put in the place of crates, and paths out of the crate
 * that its manifest or its build script names. A dependency without a path is never one of the repository.
 */
export const cargo: EcosystemReader = {
  read: (files) => {
    const all = [...files.texts]
      .filter(([path]) => nameOf(path) !== 'build.rs')
      .map(([path, text]) => ({ path, folder: folderOf(path), data: parseToml(text) }));
    const manifests = new Map(all.filter(({ path }) => nameOf(path) === 'Cargo.toml').map((it) => [it.path, it]));
    const configs = all.filter(({ path }) => nameOf(path) !== 'Cargo.toml');
    const crates = [...manifests.values()].filter(
      ({ data }) => data === undefined || at(data, 'package') !== undefined,
    );
    return crates.map((it) => toPackage(it, rootOf(it, manifests), { manifests, configs, files }));
  },
  further: ({ texts, sources, there }) => [
    ...[...there].filter((it) => CONFIGS.some((name) => it === name || it.endsWith(`/${name}`))),
    ...sources.filter((it) => texts.has(inFolder(folderOf(it), 'Cargo.toml'))),
  ],
};

function toPackage(file: CargoFile, root: CargoFile | undefined, { configs, files }: CargoTree): Package {
  const { path, folder, data } = file;
  const inherited = new Map(entriesAt(root?.data, 'workspace', 'dependencies'));
  const tables = tablesOf(data);
  const own = tables.flatMap(([name, written]) =>
    at(written, 'workspace') === true ? pathIn(root?.folder ?? '', inherited.get(name)) : pathIn(folder, written),
  );
  const open = tables.find(([name, written]) => at(written, 'workspace') === true && !inherited.has(name))?.[0];
  const config = above(folder, CONFIGS, files.there).flatMap((it) => configs.filter((other) => other.path === it));
  const links = [...own, ...patchedBy(root === undefined ? [file] : [file, root]), ...config.flatMap(configured)];
  return makePackage({
    manifest: path,
    name: textAt(data, 'package', 'name') ?? (folder || path),
    folder,
    links: [...new Set(links)].filter((it) => it !== folder),
    governed: [
      ...(root === undefined || root === file ? [] : [root.path]),
      ...locksOf(folder, root?.folder, files.there),
      ...above(folder, GOVERNS, files.there),
      ...namedOutside(file, files.texts.get(inFolder(folder, 'build.rs')) ?? '').filter((it) => !links.includes(it)),
    ],
    unknown: whyUnknown(file, root, open),
  });
}

function whyUnknown(file: CargoFile, root: CargoFile | undefined, open: string | undefined): string | undefined {
  if (file.data === undefined) return 'it is no TOML';
  if (root !== undefined && root.data === undefined) return `${root.path} is no TOML`;
  return open === undefined ? undefined : `its workspace does not say what \`${open}\` is`;
}

/** That of the workspace, else the nearest; one that is left over beside the crate hides none. */
function locksOf(folder: string, root: string | undefined, there: ReadonlySet<string>): readonly string[] {
  const all = above(folder, ['Cargo.lock'], there);
  const nearest = above(root ?? folder, ['Cargo.lock'], there)[0];
  return all.filter((it) => it === nearest || folderOf(it) === folder);
}

/** Only the root's count for Cargo; a crate may be the root of its own. */
function patchedBy(files: readonly CargoFile[]): readonly string[] {
  return files.flatMap(({ data, folder }) => {
    const tables = [
      ...entriesAt(data, 'patch').flatMap(([, table]) => entriesAt(table)),
      ...entriesAt(data, 'replace'),
    ];
    return tables.flatMap(([, written]) => pathIn(folder, written));
  });
}

/**
 * Paths, patches and vendored sources of Cargo's configuration (https://doc.rust-lang.org/cargo/reference/config.html), as
 * from the folder that `.cargo` is in, or from `.cargo` itself.
 */
function configured({ folder, data }: CargoFile): readonly string[] {
  const bases = [folderOf(folder), folder];
  const patches = entriesAt(data, 'patch').flatMap(([, table]) => entriesAt(table).map(([, it]) => textAt(it, 'path')));
  const sources = entriesAt(data, 'source').flatMap(([, it]) => [
    textAt(it, 'directory'),
    textAt(it, 'local-registry'),
  ]);
  return [...textsAt(data, 'paths'), ...patches, ...sources].flatMap((it) =>
    bases.flatMap((base) => linkFrom(base, it)),
  );
}

/** Paths out of the crate in any other place of its manifest, and in quotes in its build script. */
function namedOutside({ folder, data }: CargoFile, script: string): readonly string[] {
  const written = [...textsWithin(data)].map(([, text]) => text);
  const quoted = [...script.matchAll(/(?<![\w.])((?:\.\.\/)+[\w@.\-/]+)/g)].map(([, text = '']) => text);
  return [...written.filter((it) => it.startsWith('../')), ...quoted]
    .flatMap((it) => linkFrom(folder, it))
    .filter((it) => !isWithin(folder, it));
}

/** Name and value of every dependency, those for some targets only included. */
function tablesOf(data: unknown): readonly (readonly [string, unknown])[] {
  const places = [data, ...entriesAt(data, 'target').map(([, target]) => target)];
  return places.flatMap((place) => TABLES.flatMap((table) => entriesAt(place, table)));
}

const pathIn = (folder: string, written: unknown): readonly string[] => linkFrom(folder, textAt(written, 'path'));

/** The root of a crate's workspace: the one it names, or the nearest above that does not leave it out. */
function rootOf({ folder, data }: CargoFile, files: ReadonlyMap<string, CargoFile>): CargoFile | undefined {
  const named = textAt(data, 'package', 'workspace');
  if (named !== undefined) return files.get(inFolder(fromFolder(folder, named) ?? folder, 'Cargo.toml'));
  for (const up of upwards(folder)) {
    const candidate = files.get(inFolder(up, 'Cargo.toml'));
    // One that cannot be read may be the root.
    if (candidate !== undefined && candidate.data === undefined && up !== folder) return candidate;
    const workspace = at(candidate?.data, 'workspace');
    if (workspace === undefined) continue;
    const inner = up === '' ? folder : folder.slice(up.length + 1);
    const excluded = textsAt(workspace, 'exclude');
    const isOut = excluded.some((it) => inner === it || inner.startsWith(`${it.replace(/\/$/, '')}/`));
    const isMember = picomatch.isMatch(inner, [...textsAt(workspace, 'members')], { windows: false });
    if (!isOut || isMember) return candidate;
  }
  return undefined;
}
