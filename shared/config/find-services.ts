import { type FileEntry, type FileSource, mapBounded } from '../model/index.ts';
import { covers, type FolderPattern, leadsTo, parseFolderPattern } from './folder-pattern.ts';
import { MAX_FOLDER_DEPTH, MAX_FOLDERS, READS_AT_ONCE } from './limits.ts';

export const SERVICE_FILE = 'slipway.service.yml';
const DOCKERFILE = 'Dockerfile';
/** Never services, and often huge. */
const NEVER_ENTERED = new Set(['.git', 'node_modules']);

export interface FoundService {
  /** From the root of the repository; `''` is the root. */
  readonly folder: string;
  /** Its service file; undefined where it has none. */
  readonly file: string | undefined;
  /** Index of the pattern that found it. */
  readonly pattern: number;
}

export interface FoundServices {
  /** Sorted by folder and file. */
  readonly services: readonly FoundService[];
  /** Indices of patterns that name one folder or file which is not there. */
  readonly missing: readonly number[];
  /** More folders would have to be read than the bound allows. */
  readonly tooMany: boolean;
}

/** Finds the services that patterns of `services` name, reading only folders that a pattern can lead to. */
export async function findServices(source: FileSource, texts: readonly string[]): Promise<FoundServices> {
  const patterns = texts.map(parseFolderPattern);
  const { hits, tooMany } = await walk(source, patterns);
  const found = await mapBounded(hits, READS_AT_ONCE, (hit) => serviceOf(source, patterns, hit));
  const reached = new Set(hits.map(({ pattern }) => pattern));
  return {
    services: unique(found.flatMap((it) => it ?? [])).filter((it) => isTakenIn(patterns, it)),
    missing: patterns.flatMap((it, index) => (it.literal && !it.takesOut && !reached.has(index) ? [index] : [])),
    tooMany,
  };
}

/** A folder or file that a pattern leads to. */
interface Hit {
  readonly path: string;
  readonly pattern: number;
}

/** A folder to read, and how far each pattern has come there. */
interface Visit {
  readonly folder: string;
  readonly states: readonly State[];
}

interface State {
  readonly pattern: number;
  readonly segment: number;
}

async function walk(
  source: FileSource,
  patterns: readonly FolderPattern[],
): Promise<{ hits: readonly Hit[]; tooMany: boolean }> {
  const start = patterns.flatMap((it, pattern) => (it.takesOut ? [] : [{ pattern, segment: 0 }]));
  const hits: Hit[] = start
    .filter(({ pattern }) => patterns[pattern]?.segments.length === 0)
    .map(({ pattern }) => ({ path: '', pattern }));
  let level: readonly Visit[] = [{ folder: '', states: start }];
  let read = 0;
  for (let depth = 0; depth <= MAX_FOLDER_DEPTH && level.length > 0; depth++) {
    read += level.length;
    if (read > MAX_FOLDERS) return { hits, tooMany: true };
    const steps = await mapBounded(level, READS_AT_ONCE, async (visit) =>
      (await source.entries(visit.folder)).map((entry) => step(patterns, visit, entry)),
    );
    hits.push(...steps.flat().flatMap((it) => it.hits));
    level = steps.flat().flatMap((it) => (it.next === undefined ? [] : [it.next]));
  }
  return { hits, tooMany: false };
}

/** What one entry of a folder means to the patterns that have come there. */
function step(
  patterns: readonly FolderPattern[],
  { folder, states }: Visit,
  entry: FileEntry,
): { readonly hits: readonly Hit[]; readonly next: Visit | undefined } {
  if (NEVER_ENTERED.has(entry.name)) return { hits: [], next: undefined };
  const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
  const matching = states
    .flatMap((state) => withoutFolders(patterns, state))
    .filter((it) => matches(patterns, it, entry));
  const ended = matching.filter(({ pattern, segment }) => {
    const rule = patterns[pattern];
    return segment + 1 === rule?.segments.length && rule.finds === `${entry.kind}s`;
  });
  const hits = [...new Set(ended.map(({ pattern }) => pattern))].map((pattern) => ({ path, pattern }));
  const going = entry.kind === 'folder' ? distinct(matching.flatMap((state) => after(patterns, state))) : [];
  return { hits, next: going.length === 0 ? undefined : { folder: path, states: going } };
}

function matches(patterns: readonly FolderPattern[], { pattern, segment }: State, entry: FileEntry): boolean {
  const part = patterns[pattern]?.segments[segment];
  return part === '**' || part?.matches(entry.name) === true;
}

/** Where a pattern stands one folder further on; nowhere when it has ended. */
function after(patterns: readonly FolderPattern[], { pattern, segment }: State): readonly State[] {
  const segments = patterns[pattern]?.segments ?? [];
  const next = segments[segment] === '**' ? segment : segment + 1;
  return next < segments.length ? [{ pattern, segment: next }] : [];
}

const distinct = (states: readonly State[]): readonly State[] => [
  ...new Map(states.map((it) => [`${it.pattern}:${it.segment}`, it])).values(),
];

/** A `**` may also stand for no folder at all, unless it is the last. */
function withoutFolders(patterns: readonly FolderPattern[], state: State): readonly State[] {
  const segments = patterns[state.pattern]?.segments ?? [];
  if (segments[state.segment] !== '**' || state.segment === segments.length - 1) return [state];
  return [state, ...withoutFolders(patterns, { ...state, segment: state.segment + 1 })];
}

async function serviceOf(
  source: FileSource,
  patterns: readonly FolderPattern[],
  { path, pattern }: Hit,
): Promise<FoundService | undefined> {
  const rule = patterns[pattern];
  if (rule?.finds === 'files')
    return { folder: path.slice(0, Math.max(0, path.lastIndexOf('/'))), file: path, pattern };
  const names = new Set((await source.entries(path)).filter(({ kind }) => kind === 'file').map(({ name }) => name));
  if (names.has(SERVICE_FILE))
    return { folder: path, file: path === '' ? SERVICE_FILE : `${path}/${SERVICE_FILE}`, pattern };
  return rule?.literal === true || names.has(DOCKERFILE) ? { folder: path, file: undefined, pattern } : undefined;
}

function unique(services: readonly FoundService[]): readonly FoundService[] {
  const byKey = new Map<string, FoundService>();
  for (const it of services) byKey.set(it.file ?? `${it.folder}/`, byKey.get(it.file ?? `${it.folder}/`) ?? it);
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, it]) => it);
}

/** The last pattern that matches decides; one that takes out does so with all that is in a folder. */
function isTakenIn(patterns: readonly FolderPattern[], { folder, file }: FoundService): boolean {
  const last = patterns.findLast((it) => {
    if (it.takesOut) return covers(it, file ?? folder);
    return it.finds === 'folders' ? leadsTo(it, folder) : file !== undefined && leadsTo(it, file);
  });
  return last?.takesOut !== true;
}
