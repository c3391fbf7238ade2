import picomatch from 'picomatch';
import { at, textAt, textEntriesAt, textsAt } from '../data.ts';
import { folderOf, inFolder, nameOf, upwards } from '../paths.ts';
import type { NpmManifest } from './manifest.ts';

/** A workspace: its root, and the packages within reach of each other by name. */
export interface NpmWorkspace {
  readonly root: string;
  readonly members: ReadonlyMap<string, readonly NpmManifest[]>;
  /** Whether its file of settings could not be read, so that any package below may be a member. */
  readonly isGuess: boolean;
  /** pnpm's catalogs: name of the catalog → package → what is written for it. */
  readonly catalogs: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Paths that overrides of the root put in the place of packages. */
  readonly overrides: readonly string[];
}

/** pnpm-workspace.yaml by its folder: what it says, or undefined where it cannot be read. */
export type PnpmFiles = ReadonlyMap<string, unknown>;

/** For each package the workspace that it is a member of; the root of one is a member as well. */
export function findWorkspaces(
  manifests: readonly NpmManifest[],
  pnpm: PnpmFiles,
): ReadonlyMap<NpmManifest, NpmWorkspace> {
  const byFolder = new Map(manifests.map((it) => [it.folder, it]));
  const roots = new Map<string, Root>();
  for (const folder of new Set([...byFolder.keys(), ...pnpm.keys()])) {
    const root = rootOf(folder, byFolder.get(folder), pnpm);
    if (root !== undefined) roots.set(folder, root);
  }
  const members = new Map<Root, NpmManifest[]>([...roots.values()].map((root) => [root, []]));
  for (const manifest of manifests) {
    const root = memberOf(manifest.folder, roots);
    if (root !== undefined) members.get(root)?.push(manifest);
  }
  return new Map([...members].flatMap(([root, all]) => all.map((it) => [it, toWorkspace(root, all)] as const)));
}

interface Root {
  readonly folder: string;
  readonly manifest: NpmManifest | undefined;
  readonly settings: unknown;
  readonly isGuess: boolean;
  readonly takes: (folder: string) => boolean;
}

function rootOf(folder: string, manifest: NpmManifest | undefined, pnpm: PnpmFiles): Root | undefined {
  const settings = pnpm.get(folder);
  const own = at(manifest?.data, 'workspaces');
  const patterns = pnpm.has(folder)
    ? textsAt(settings, 'packages')
    : textsAt(Array.isArray(own) ? own : at(own, 'packages'));
  const isGuess =
    (pnpm.has(folder) && settings === undefined) || (manifest?.unknown !== undefined && manifest.mayBeRoot);
  if (patterns.length === 0 && !isGuess) return undefined;
  return { folder, manifest, settings, isGuess, takes: isGuess ? () => true : folderTest(patterns) };
}

/** Patterns of workspaces name folders; those with `!` take out. */
function folderTest(patterns: readonly string[]): (folder: string) => boolean {
  const tidy = (it: string) => it.replace(/^(?:\.?\/)+/, '').replace(/(?:\/|\/package\.json)$/, '');
  const takenOut = patterns.filter((it) => it.startsWith('!')).map((it) => tidy(it.slice(1)));
  const takenIn = patterns.filter((it) => !it.startsWith('!')).map(tidy);
  const options = { dot: true, windows: false };
  const isIn = picomatch(takenIn, options);
  const isOut = takenOut.length === 0 ? () => false : picomatch(takenOut, options);
  return (folder) => isIn(folder) && !isOut(folder);
}

/** The nearest root that takes a folder in, or is it. */
function memberOf(folder: string, roots: ReadonlyMap<string, Root>): Root | undefined {
  for (const up of upwards(folder)) {
    const root = roots.get(up);
    if (root === undefined) continue;
    if (up === folder || root.takes(up === '' ? folder : folder.slice(up.length + 1))) return root;
  }
  return undefined;
}

const workspaces = new WeakMap<Root, NpmWorkspace>();

function toWorkspace(root: Root, all: readonly NpmManifest[]): NpmWorkspace {
  const known = workspaces.get(root);
  if (known !== undefined) return known;
  const members = new Map<string, NpmManifest[]>();
  for (const it of all) {
    if (it.name === undefined) continue;
    const same = members.get(it.name);
    if (same === undefined) members.set(it.name, [it]);
    else same.push(it);
  }
  const { folder, isGuess, settings } = root;
  const made = { root: folder, members, isGuess, catalogs: catalogsOf(root), overrides: overridesOf(root, settings) };
  workspaces.set(root, made);
  return made;
}

function catalogsOf({ settings, manifest }: Root): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const catalogs = new Map<string, ReadonlyMap<string, string>>();
  // pnpm has them in its own file, bun in the manifest of the root.
  for (const from of [settings, at(manifest?.data, 'workspaces'), manifest?.data]) {
    const main = textEntriesAt(from, 'catalog');
    if (main.length > 0) catalogs.set('default', new Map(main));
    const named = at(from, 'catalogs');
    if (typeof named !== 'object' || named === null) continue;
    for (const name of Object.keys(named)) catalogs.set(name, new Map(textEntriesAt(named, name)));
  }
  return catalogs;
}

const PATH = /^(?:file|link|portal):(.+)$/;

/** Paths among `overrides` (npm, pnpm) and `resolutions` (yarn), at any depth. */
function overridesOf({ folder, manifest }: Root, settings: unknown): readonly string[] {
  const all = [
    at(manifest?.data, 'overrides'),
    at(manifest?.data, 'resolutions'),
    at(manifest?.data, 'pnpm', 'overrides'),
    at(settings, 'overrides'),
  ];
  return all.flatMap(leaves).flatMap((it) => {
    const path = PATH.exec(it)?.[1];
    return path === undefined ? [] : [inFolder(folder, path.replace(/^\.\//, ''))];
  });
}

function leaves(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
}

/** Folder → content of every pnpm-workspace.yaml. */
export function pnpmFiles(texts: ReadonlyMap<string, string>, parse: (text: string) => unknown): PnpmFiles {
  const files = [...texts].filter(([path]) => nameOf(path) === 'pnpm-workspace.yaml');
  return new Map(files.map(([path, text]) => [folderOf(path), parse(text)]));
}

export const versionOf = ({ data }: NpmManifest): string | undefined => textAt(data, 'version');
