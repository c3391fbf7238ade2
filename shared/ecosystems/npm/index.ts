import { type EcosystemFiles, type EcosystemReader, makePackage, type Package } from '../package.ts';
import { above, folderOf, inFolder, isWithin, nameOf, upwards } from '../paths.ts';
import { type NpmManifest, parseManifest, requiresOf } from './manifest.ts';
import { namedOutside } from './mentions.ts';
import { linksOf } from './resolve.ts';
import { TypeScript } from './typescript.ts';
import { contentsOf, findWorkspaces, type NpmWorkspace } from './workspaces.ts';
import { parseYaml } from './yaml.ts';

/** Lock files that can be compared entry by entry. */
const SLICED = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'];
const WHOLE = ['bun.lock', 'bun.lockb'];
/** Settings of the package managers that have a say in what is installed. */
const SETTINGS = ['.npmrc', '.yarnrc', '.yarnrc.yml', '.pnpmfile.cjs', '.pnpmfile.mjs', 'bunfig.toml', 'rush.json'];
/** Folders with changes to packages (patch-package, pnpm, yarn). */
const PATCHES = ['patches', '.yarn/patches'];
/** Where rush keeps the lock file of all its projects. */
const RUSH = 'common/config/rush';

/** All packages of a tree, and what is known of them together. */
interface NpmTree {
  readonly workspaces: ReadonlyMap<NpmManifest, readonly NpmWorkspace[]>;
  readonly byName: ReadonlyMap<string, readonly NpmManifest[]>;
  readonly byPath: ReadonlyMap<string, NpmManifest>;
  readonly typeScript: TypeScript;
  readonly patched: ReadonlySet<string>;
  readonly there: ReadonlySet<string>;
}

/**
 * Packages of npm, pnpm, yarn and bun: package.json, workspaces, the protocols that name a folder, every other path that
 * leads out of the package, and what tsconfig.json takes from elsewhere.
 */
export const npm: EcosystemReader = {
  read: (files) => {
    const manifests = manifestsIn(files);
    const contents = (name: string) => contentsOf(files.texts, name, parseYaml);
    const tree: NpmTree = {
      workspaces: findWorkspaces(manifests, { pnpm: contents('pnpm-workspace.yaml'), lerna: contents('lerna.json') }),
      byName: byName(manifests),
      byPath: new Map(manifests.map((it) => [it.path, it])),
      typeScript: typeScriptOf(files, manifests),
      patched: new Set([...files.there].filter((it) => it.endsWith('.patch')).map(folderOf)),
      there: files.there,
    };
    return manifests.map((it) => toPackage(it, tree));
  },
  further: (files) => typeScriptOf(files, manifestsIn(files)).files,
};

const manifestsIn = ({ texts }: EcosystemFiles): readonly NpmManifest[] =>
  [...texts].filter(([path]) => nameOf(path) === 'package.json').map(([path, text]) => parseManifest(path, text));

const typeScriptOf = (files: EcosystemFiles, manifests: readonly NpmManifest[]): TypeScript =>
  new TypeScript(files, new Set(manifests.map(({ folder }) => folder)));

function toPackage(manifest: NpmManifest, tree: NpmTree): Package {
  const { path, folder, name, unknown } = manifest;
  const { there } = tree;
  const workspaces = tree.workspaces.get(manifest) ?? [];
  const { extended, packages, taken } = tree.typeScript.usedIn(folder);
  const named = [...namedOutside(manifest), ...taken];
  const extending = packages.flatMap((it) => tree.byName.get(it) ?? []).map((it) => it.path);
  const roots = workspaces.map(({ root }) => root).filter((it) => it !== folder);
  const whole = roots.flatMap((it) => unlocked(it, there));
  return makePackage({
    manifest: path,
    name: name ?? (folder || path),
    folder,
    links: [
      ...linksOf(manifest, workspaces, tree.byName),
      ...extending,
      ...named.filter((it) => !tree.byPath.has(it)),
    ].filter((it) => it !== path && it !== folder),
    governed: [
      ...above(folder, [...SETTINGS, ...WHOLE], there),
      ...whole,
      ...[...extended, ...named.filter((it) => tree.byPath.has(it))],
      ...patchesFor(folder, tree),
    ].filter((it) => !isWithin(it, folder) || it === path),
    locks: locksOf(folder, roots, there).filter((it) => !whole.includes(it)),
    isPart: workspaces.length === 0 || name === undefined,
    workspaces: workspaces.map(({ root }) => root),
    requires: requiresOf(manifest),
    unknown,
    nameless: unknown !== undefined && name === undefined && workspaces.length > 0,
  });
}

/**
 * Which manager builds a package, and from where, is not written down: a lock file that is left over beside the true one,
 * or below it, hides none. Those in which the package is not have no slice for it. What the files of a workspace's root say
 * that lock files do not repeat is compared in the same way.
 */
function locksOf(folder: string, roots: readonly string[], there: ReadonlySet<string>): readonly string[] {
  const settings = roots.flatMap((it) => filesOf(it)).filter((it) => there.has(it));
  return [...new Set([...above(folder, SLICED, there), ...settings])];
}

const filesOf = (root: string): readonly string[] =>
  ['package.json', 'pnpm-workspace.yaml'].map((it) => inFolder(root, it));

/** Without a lock file of its manager the root itself says what is resolved: by its overrides, catalogs and versions. */
function unlocked(root: string, there: ReadonlySet<string>): readonly string[] {
  const isLocked = (locks: readonly string[]) => above(root, locks, there).length > 0;
  return filesOf(root).filter(
    (it) => there.has(it) && !isLocked(nameOf(it) === 'package.json' ? SLICED : ['pnpm-lock.yaml']),
  );
}

function patchesFor(folder: string, { patched, there }: NpmTree): readonly string[] {
  return [...upwards(folder)].flatMap((up) => [
    ...PATCHES.map((it) => inFolder(up, it)).filter((it) => [...patched].some((place) => isWithin(place, it))),
    ...(there.has(inFolder(up, 'rush.json')) ? [inFolder(up, RUSH)] : []),
  ]);
}

function byName(manifests: readonly NpmManifest[]): ReadonlyMap<string, readonly NpmManifest[]> {
  const found = new Map<string, NpmManifest[]>();
  for (const it of manifests) if (it.name !== undefined) found.set(it.name, [...(found.get(it.name) ?? []), it]);
  return found;
}
