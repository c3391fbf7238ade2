import type { Commit, StreamCommit } from '../../model/index.ts';
import { type GitPlace, gitOutput } from './git.ts';
import { allObjects, type GitObject, headsOf, objectsOf, parseCommit, parseTree } from './objects.ts';

/** A record is a few kilobytes, a month of folded events a few megabytes; what is larger was not written by Slipway. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Bounds a commit or tree that somebody else wrote. */
const MAX_OBJECT_BYTES = 1024 * 1024;
const MAX_FILES = 4_096;
const MAX_DEPTH = 4;
const FILE_MODES = new Set(['100644', '100755']);
const FOLDER = '40000';

/** `id TAB not-for-merge TAB kind 'name' of url`; the kind stands for the beginning of the name. No name holds a space. */
const FETCHED = /^([0-9a-f]{40,64})\t(?:not-for-merge)?\t(?:(branch|tag|remote-tracking branch) )?'(\S+)' of /;
const KINDS: Readonly<Record<string, string>> = {
  branch: 'refs/heads/',
  tag: 'refs/tags/',
  'remote-tracking branch': 'refs/remotes/',
};

/**
 * The refs of the remote that a fetch has brought and that are one of the names, or lie under it, by name: what stands in
 * `FETCH_HEAD` (git-fetch(1)), which is one file, where the refs themselves are as many.
 */
export function refsFetched(
  fetchHead: string,
  prefixes: readonly string[],
): readonly (readonly [ref: string, id: Commit])[] {
  const refs = fetchHead.split('\n').flatMap((line): readonly (readonly [string, Commit])[] => {
    const [, id, kind, name] = FETCHED.exec(line) ?? [];
    if (id === undefined || name === undefined) return [];
    const ref = `${kind === undefined ? '' : KINDS[kind]}${name}`;
    return prefixes.some((prefix) => isUnder(ref, prefix)) ? [[ref, id]] : [];
  });
  return refs.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `refs/a/` and `refs/a` both hold `refs/a/b`; `refs/a` is itself too, and neither holds `refs/ab`. */
function isUnder(ref: string, prefix: string): boolean {
  return ref === prefix || ref.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

/**
 * Commits with the texts of their files, by path. What somebody else put there does no harm: an object that is no commit
 * has no files, links and submodules in it are left out, and so are files that are too large.
 */
export async function readCommits(place: GitPlace, ids: readonly Commit[]): Promise<ReadonlyMap<Commit, StreamCommit>> {
  if (ids.length === 0) return new Map();
  const read = await readerOf(place, ids.length);
  const objects = await read(ids, MAX_OBJECT_BYTES);
  const commits = objects.map((it) => (it?.type === 'commit' ? parseCommit(it.id, it.bytes) : undefined));
  const lists = await listFiles(
    read,
    commits.map((it) => it?.tree),
  );
  const blobs = await read([...new Set(lists.flat().map((it) => it.id))], MAX_FILE_BYTES);
  const texts = new Map(blobs.map((it) => [it?.id, it?.type === 'blob' ? it.bytes.toString('utf8') : undefined]));
  return new Map(
    ids.map((id, index) => {
      const files = (lists[index] ?? []).map((it) => [it.path, texts.get(it.id)] as const);
      return [id, { id, parent: commits[index]?.parents[0], files: withTexts(files) }];
    }),
  );
}

type ReadObjects = (ids: readonly string[], limit: number) => Promise<readonly (GitObject | undefined)[]>;

/** From this many commits on, everything in the repository is read at once: it holds little else. */
const MANY_COMMITS = 32;

/** Commits, their trees and their files are three questions to git, each in two steps; for many commits, one question. */
async function readerOf(place: GitPlace, count: number): Promise<ReadObjects> {
  if (count < MANY_COMMITS) return (ids, limit) => objectsOf(place, ids, limit);
  const all = await allObjects(place, MAX_FILE_BYTES);
  return async (ids, limit) =>
    ids.map((id) => {
      const found = all.get(id);
      return found !== undefined && found.bytes.length <= limit ? found : undefined;
    });
}

function withTexts(files: readonly (readonly [string, string | undefined])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(files.flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const])));
}

interface Listed {
  /** Place of the tree it was found under. */
  readonly root: number;
  readonly mode: string;
  readonly path: string;
  readonly id: string;
}

/** The files of trees, folders included, level by level so that all trees of a level are read together. */
async function listFiles(
  read: ReadObjects,
  trees: readonly (string | undefined)[],
): Promise<readonly (readonly Listed[])[]> {
  const files: Listed[][] = trees.map(() => []);
  let level: readonly Listed[] = trees.flatMap((id, root) =>
    id === undefined ? [] : [{ root, mode: FOLDER, path: '', id }],
  );
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const ids = level.map((it) => it.id);
    const found = within(level, await read(ids, MAX_OBJECT_BYTES), MAX_FILES * trees.length);
    for (const it of found) if (FILE_MODES.has(it.mode)) files[it.root]?.push(it);
    level = found.filter((it) => it.mode === FOLDER);
  }
  return files;
}

/** What lies in folders, up to a bound: a few small trees can be made to unfold without end. */
function within(
  folders: readonly Listed[],
  objects: readonly (GitObject | undefined)[],
  bound: number,
): readonly Listed[] {
  const found: Listed[] = [];
  for (const [index, { root, path }] of folders.entries()) {
    const object = objects[index];
    if (object?.type !== 'tree' || found.length >= bound) continue;
    const entries = parseTree(object.bytes, object.id.length / 2).slice(0, MAX_FILES);
    for (const it of entries)
      found.push({ root, mode: it.mode, path: path === '' ? it.name : `${path}/${it.name}`, id: it.id });
  }
  return found;
}

/**
 * For each tip the commits that lead to it by first parents, oldest first. A tip that is no commit stands alone.
 */
export async function chainsOf(
  place: GitPlace,
  tips: readonly Commit[],
): Promise<ReadonlyMap<Commit, readonly Commit[]>> {
  const heads = await headsOf(place, tips);
  const commits = tips.filter((_, index) => heads[index]?.type === 'commit');
  const parents = await firstParents(place, commits);
  return new Map(tips.map((tip) => [tip, parents.has(tip) ? chainOf(tip, parents) : [tip]]));
}

async function firstParents(
  place: GitPlace,
  tips: readonly Commit[],
): Promise<ReadonlyMap<Commit, Commit | undefined>> {
  if (tips.length === 0) return new Map();
  const args = ['rev-list', '--first-parent', '--parents', '--stdin'];
  const output = await gitOutput(place, args, `${[...new Set(tips)].join('\n')}\n`);
  const lines = output.toString('utf8').split('\n').filter(Boolean);
  return new Map(lines.map((line) => [line.split(' ', 1)[0] ?? '', line.split(' ')[1]]));
}

function chainOf(tip: Commit, parents: ReadonlyMap<Commit, Commit | undefined>): readonly Commit[] {
  const chain: Commit[] = [];
  for (let at: Commit | undefined = tip; at !== undefined && parents.has(at); at = parents.get(at)) chain.push(at);
  return chain.reverse();
}
