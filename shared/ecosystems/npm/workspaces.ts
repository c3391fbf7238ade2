import picomatch from 'picomatch';
import { isRecord } from '../../model/index.ts';
import { at, textAt, textEntriesAt, textsAt } from '../data.ts';
import { folderOf, nameOf, upwards } from '../paths.ts';
import type { NpmManifest } from './manifest.ts';

/** A workspace: its root, and the packages within reach of each other by name. */
export interface NpmWorkspace {
  readonly root: string;
  readonly members: ReadonlyMap<string, readonly NpmManifest[]>;
  /** Whether its file of settings could not be read, so that any package below may be a member. */
  readonly isGuess: boolean;
  /** pnpm's catalogs: name of the catalog → package → what is written for it. */
  readonly catalogs: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** What the root puts in the place of packages. */
  readonly overrides: readonly (readonly [name: string, spec: string])[];
}

/** Settings of workspaces beside package.json, by folder: what each says, undefined where it cannot be read. */
export interface WorkspaceFiles {
  /** pnpm-workspace.yaml */
  readonly pnpm: ReadonlyMap<string, unknown>;
  /** lerna.json */
  readonly lerna: ReadonlyMap<string, unknown>;
}

/** What lerna takes in when nothing is written. */
const LERNA = ['packages/*'];

/**
 * For each package the workspaces that it may be a member of; the root of one is a member as well. A package that is a
 * root itself may be a member of one around it, and what is left over of another manager hides none.
 */
export function findWorkspaces(
  manifests: readonly NpmManifest[],
  files: WorkspaceFiles,
): ReadonlyMap<NpmManifest, readonly NpmWorkspace[]> {
  const byFolder = new Map(manifests.map((it) => [it.folder, it]));
  const roots = new Map<string, Root>();
  for (const folder of new Set([...byFolder.keys(), ...files.pnpm.keys(), ...files.lerna.keys()])) {
    const root = rootOf(folder, byFolder.get(folder), files);
    if (root !== undefined) roots.set(folder, root);
  }
  const rootsOf = new Map(manifests.map((it) => [it, membershipsOf(it.folder, roots)]));
  const members = new Map<Root, NpmManifest[]>([...roots.values()].map((root) => [root, []]));
  for (const [manifest, all] of rootsOf) for (const root of all) members.get(root)?.push(manifest);
  const made = new Map([...members].map(([root, all]) => [root, toWorkspace(root, all)]));
  return new Map([...rootsOf].map(([manifest, all]) => [manifest, all.flatMap((root) => made.get(root) ?? [])]));
}

interface Root {
  readonly folder: string;
  readonly manifest: NpmManifest | undefined;
  /** Of pnpm. */
  readonly settings: unknown;
  readonly isGuess: boolean;
  readonly takes: (folder: string) => boolean;
}

function rootOf(folder: string, manifest: NpmManifest | undefined, { pnpm, lerna }: WorkspaceFiles): Root | undefined {
  const settings = pnpm.get(folder);
  const own = at(manifest?.data, 'workspaces');
  const lists = [
    textsAt(Array.isArray(own) ? own : at(own, 'packages')),
    textsAt(settings, 'packages'),
    ...(lerna.has(folder) ? [textsAt(lerna.get(folder) ?? {}, 'packages')] : []).map((it) =>
      it.length > 0 ? it : LERNA,
    ),
  ].filter(({ length }) => length > 0);
  const isBroken = (files: ReadonlyMap<string, unknown>) => files.has(folder) && files.get(folder) === undefined;
  const isGuess = isBroken(pnpm) || isBroken(lerna) || (manifest?.unknown !== undefined && manifest.mayBeRoot);
  // Old versions of pnpm take everything in where nothing is written.
  const isOpen = pnpm.has(folder) && lists.length === 0;
  if (lists.length === 0 && !isGuess && !isOpen) return undefined;
  const tests = lists.map(folderTest);
  const takes = (it: string) => isGuess || isOpen || tests.some((test) => test(it));
  return { folder, manifest, settings, isGuess, takes };
}

/** Patterns of workspaces name folders; those with `!` take out, and a later one may take in again. */
function folderTest(patterns: readonly string[]): (folder: string) => boolean {
  const tidy = (it: string) => it.replace(/^(?:\.?\/)+/, '').replace(/(?:\/|\/package\.json)$/, '');
  const options = { dot: true, windows: false };
  const steps = patterns.map((it) => {
    const isIn = !it.startsWith('!');
    return { isIn, matches: picomatch(tidy(isIn ? it : it.slice(1)), options) };
  });
  return (folder) => steps.findLast(({ matches }) => matches(folder))?.isIn ?? false;
}

/** Every root above that takes a folder in, or is it; the nearest first. */
function membershipsOf(folder: string, roots: ReadonlyMap<string, Root>): readonly Root[] {
  return [...upwards(folder)].flatMap((up) => {
    const root = roots.get(up);
    const isIn = root !== undefined && (up === folder || root.takes(up === '' ? folder : folder.slice(up.length + 1)));
    return isIn ? [root] : [];
  });
}

function toWorkspace(root: Root, all: readonly NpmManifest[]): NpmWorkspace {
  const members = new Map<string, NpmManifest[]>();
  for (const it of all) {
    if (it.name === undefined) continue;
    const same = members.get(it.name);
    if (same === undefined) members.set(it.name, [it]);
    else same.push(it);
  }
  const { folder, isGuess, settings } = root;
  return { root: folder, members, isGuess, catalogs: catalogsOf(root), overrides: overridesOf(root, settings) };
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

/** `overrides` (npm, pnpm, bun) and `resolutions` (yarn), at any depth: package and what is put in its place. */
function overridesOf({ manifest }: Root, settings: unknown): readonly (readonly [string, string])[] {
  const all = [
    at(manifest?.data, 'overrides'),
    at(manifest?.data, 'resolutions'),
    at(manifest?.data, 'pnpm', 'overrides'),
    at(settings, 'overrides'),
  ];
  return all.flatMap((it) => leaves('', it));
}

/** Keys lead to a package (`a>b`, `**\/b`, `b@1`), or are `.` for the one around. */
function leaves(key: string, value: unknown): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[key, value]];
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, it]) => leaves(name === '.' ? key : nameIn(name), it));
}

const nameIn = (key: string): string => /((?:@[^/@>]+\/)?[^/@>]+)(?:@[^>]*)?$/.exec(key)?.[1] ?? key;

/** Folder → content of every file of a name. */
export function contentsOf(
  texts: ReadonlyMap<string, string>,
  name: string,
  parse: (text: string) => unknown,
): ReadonlyMap<string, unknown> {
  const files = [...texts].filter(([path]) => nameOf(path) === name);
  return new Map(files.map(([path, text]) => [folderOf(path), parse(text)]));
}

export const versionOf = ({ data }: NpmManifest): string | undefined => textAt(data, 'version');
