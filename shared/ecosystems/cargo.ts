import picomatch from 'picomatch';
import { at, entriesAt, textAt, textsAt } from './data.ts';
import { type EcosystemReader, makePackage, type Package, type ReadPackages } from './package.ts';
import { above, folderOf, fromFolder, inFolder, linkFrom, upwards } from './paths.ts';
import { parseToml } from './toml.ts';

/** Files up the tree that have a say in how a crate is built. */
const GOVERNS = ['rust-toolchain', 'rust-toolchain.toml', '.cargo/config.toml', '.cargo/config'];
/** Tables of dependencies (https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html); the last two are old spellings. */
const TABLES = ['dependencies', 'dev-dependencies', 'build-dependencies', 'dev_dependencies', 'build_dependencies'];

interface CargoFile {
  readonly path: string;
  readonly folder: string;
  /** undefined when it cannot be read. */
  readonly data: unknown;
}

/**
 * Crates of Cargo: path dependencies of every table, those of the workspace that are inherited (`workspace = true`), and
 * paths that `[patch]` or `[replace]` of the root put in the place of crates. A dependency without a path is never one of
 * the repository.
 */
const readCargo: ReadPackages = ({ texts, there }) => {
  const files = new Map(
    [...texts].map(([path, text]) => [path, { path, folder: folderOf(path), data: parseToml(text) }]),
  );
  const crates = [...files.values()].filter(({ data }) => data === undefined || at(data, 'package') !== undefined);
  return crates.map((it) => toPackage(it, rootOf(it, files), there));
};

export const cargo: EcosystemReader = { read: readCargo };

function toPackage(file: CargoFile, root: CargoFile | undefined, there: ReadonlySet<string>): Package {
  const { path, folder, data } = file;
  const inherited = new Map(entriesAt(root?.data, 'workspace', 'dependencies'));
  const own = tablesOf(data).flatMap(([name, written]) =>
    at(written, 'workspace') === true ? pathIn(root?.folder ?? '', inherited.get(name)) : pathIn(folder, written),
  );
  const patches = [
    ...entriesAt(root?.data, 'patch').flatMap(([, table]) => entriesAt(table)),
    ...entriesAt(root?.data, 'replace'),
  ];
  const patched = patches.flatMap(([, written]) => pathIn(root?.folder ?? '', written));
  const lock =
    root === undefined
      ? above(folder, ['Cargo.lock'], there).slice(0, 1)
      : above(root.folder, ['Cargo.lock'], there).slice(0, 1);
  const rootFile = root === undefined || root === file ? [] : [root.path];
  return makePackage({
    manifest: path,
    name: textAt(data, 'package', 'name') ?? (folder || path),
    folder,
    links: [...new Set([...own, ...patched])].filter((it) => it !== folder),
    governed: [...rootFile, ...lock, ...above(folder, GOVERNS, there)],
    unknown: data === undefined ? 'it is no TOML' : undefined,
  });
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
