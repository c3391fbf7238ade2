import { parse } from 'yaml';
import { type EcosystemFiles, type EcosystemReader, makePackage, type Package, type ReadPackages } from '../package.ts';
import { above, inFolder, isWithin, linkFrom, nameOf } from '../paths.ts';
import { type NpmManifest, parseManifest, requiresOf } from './manifest.ts';
import { linksOf } from './resolve.ts';
import { findWorkspaces, type NpmWorkspace, pnpmFiles } from './workspaces.ts';

/** Lock files that can be compared entry by entry. */
const SLICED = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'];
const WHOLE = ['bun.lock', 'bun.lockb'];
/** Settings of the package managers that have a say in what is installed. */
const SETTINGS = ['.npmrc', '.yarnrc', '.yarnrc.yml', '.pnpmfile.cjs'];

/** Packages of npm, pnpm, yarn and bun: package.json, workspaces, and the protocols that name a folder. */
const readNpm: ReadPackages = (files) => {
  const manifests = [...files.texts]
    .filter(([path]) => nameOf(path) === 'package.json')
    .map(([path, text]) => parseManifest(path, text));
  const workspaces = findWorkspaces(manifests, pnpmFiles(files.texts, parseYaml));
  const everywhere = byName(manifests);
  return manifests.map((it) => toPackage(it, workspaces.get(it), everywhere, files));
};

export const npm: EcosystemReader = { read: readNpm };

function parseYaml(text: string): unknown {
  try {
    return parse(text) ?? {};
  } catch {
    // What cannot be read is told apart from what says nothing: then any package below may be a member.
    return undefined;
  }
}

function toPackage(
  manifest: NpmManifest,
  workspace: NpmWorkspace | undefined,
  everywhere: ReadonlyMap<string, readonly NpmManifest[]>,
  { there }: EcosystemFiles,
): Package {
  const { path, folder, name, unknown } = manifest;
  // Which manager builds it, and from where, is not written down: a lock file that is left over beside the true one, or
  // below it, hides none. Those in which the package is not have no slice for it.
  const locks = above(folder, SLICED, there);
  const overrides = (workspace?.overrides ?? []).flatMap((it) => linkFrom('', it));
  return makePackage({
    manifest: path,
    name: name ?? (folder || path),
    folder,
    links: [...linksOf(manifest, workspace, everywhere), ...overrides].filter((it) => it !== path && it !== folder),
    governed: [
      ...above(folder, [...SETTINGS, ...WHOLE], there),
      ...(workspace === undefined ? [] : unlocked(workspace.root, there)),
    ].filter((it) => !isWithin(it, folder) || it === path),
    locks,
    isPart: workspace === undefined || name === undefined,
    workspace: workspace?.root,
    requires: requiresOf(manifest),
    unknown,
    nameless: unknown !== undefined && name === undefined && workspace !== undefined,
  });
}

/** Without a lock file of its manager the root itself says what is resolved: by its overrides, catalogs and versions. */
function unlocked(root: string, there: ReadonlySet<string>): readonly string[] {
  const [manifest, settings] = ['package.json', 'pnpm-workspace.yaml'].map((it) => inFolder(root, it));
  const isLocked = above(root, SLICED, there).length > 0;
  const isPnpmLocked = above(root, ['pnpm-lock.yaml'], there).length > 0;
  const found = [...(isLocked ? [] : [manifest ?? '']), ...(isPnpmLocked ? [] : [settings ?? ''])];
  return found.filter((it) => there.has(it));
}

function byName(manifests: readonly NpmManifest[]): ReadonlyMap<string, readonly NpmManifest[]> {
  const found = new Map<string, NpmManifest[]>();
  for (const it of manifests) if (it.name !== undefined) found.set(it.name, [...(found.get(it.name) ?? []), it]);
  return found;
}
