import { createReadStream, lstatSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type FileFact, type Ignore, type LayerFile, readIgnore } from '../image/index.ts';
import { isErrno } from '../io/disk.ts';
import { type BlobFormat, type UnchangedFile, userError } from '../model/index.ts';
import { blobHash, blobId } from './blob.ts';
import { below, type Found, unreadable, walk } from './walk.ts';

/** Bytes of a file that is read at once; larger ones are read piece by piece. */
const READ_AT_ONCE = 1024 * 1024;
/** Files that are read before other things of this process get their turn. */
const READ_IN_A_ROW = 500;

/** Never part of an image: it changes with every command, and holds what was deleted. */
export const WITHOUT_GIT = '**/.git\n';

/**
 * What goes into a layer from a path: every file, link and empty folder with git's mode and the id of the bytes on disk,
 * ignored and untracked ones too, `.git` alone left out. Sorted by path. A single file has the path `''`.
 *
 * @param shown the path as the configuration has it, for errors
 * @returns undefined when there is nothing at the path
 */
export async function listLayer(
  path: string,
  shown: string,
  format: BlobFormat,
): Promise<readonly LayerFile[] | undefined> {
  const root = statOf(path);
  if (root === undefined) return undefined;
  const found: readonly Found[] = root.isDirectory()
    ? sorted(walk(path, shown, readIgnore(WITHOUT_GIT, shown)))
    : [{ path: '', kind: root.isFile() ? 'file' : 'other' }];
  const files: LayerFile[] = [];
  for (const it of found) files.push(await readFact(path, it, { shown, format, turn: files.length }));
  return files;
}

type Known = (path: string) => UnchangedFile | undefined;

/**
 * What the builder sees of a context: as {@link listLayer}, without what the ignore file leaves out.
 *
 * @param options.known files that need not be read, by their paths in the context; it may be found out meanwhile
 */
export async function listContext(
  path: string,
  shown: string,
  options: {
    readonly ignore: Ignore;
    readonly format: BlobFormat;
    readonly known: Known | Promise<Known>;
  },
): Promise<readonly FileFact[]> {
  const { ignore, format } = options;
  const facts: FileFact[] = [];
  let turn = 0;
  const found = sorted(walk(path, shown, ignore));
  const known = await options.known;
  for (const it of found) {
    const file = it.kind === 'file' || it.kind === 'link' ? known(it.path) : undefined;
    if (file !== undefined) facts.push({ path: it.path, mode: file.mode, hash: file.id });
    else {
      const { size: _size, ...fact } = await readFact(path, it, { shown, format, turn: turn++ });
      facts.push(fact);
    }
  }
  return facts;
}

/** What is at a path, links followed; undefined: nothing. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return undefined;
    throw thrown;
  }
}

const sorted = (found: readonly Found[]): readonly Found[] => [...found].sort((a, b) => (a.path < b.path ? -1 : 1));

interface Reading {
  readonly shown: string;
  readonly format: BlobFormat;
  readonly turn: number;
}

async function readFact(root: string, it: Found, { shown, format, turn }: Reading): Promise<LayerFile> {
  if (turn % READ_IN_A_ROW === READ_IN_A_ROW - 1) await setImmediate();
  const place = below(shown, it.path);
  try {
    return await factOf(join(root, it.path), it, format, place);
  } catch (thrown) {
    throw unreadable(thrown, place);
  }
}

async function factOf(file: string, { path, kind }: Found, format: BlobFormat, place: string): Promise<LayerFile> {
  if (kind === 'folder') return { path, mode: '040000', size: 0, hash: blobId('', format) };
  if (kind === 'link') return { path, mode: '120000', size: 0, hash: blobId(readlinkSync(file), format) };
  // The root itself may be a link to what is meant; within it, links are what they are.
  const it = path === '' ? statSync(file) : lstatSync(file);
  if (kind === 'other' || !it.isFile()) {
    throw userError('context-missing', `${place} is neither a file, a folder nor a link.`);
  }
  // Only whether the owner may execute it counts, as in git: the rest is the umask of whoever made it.
  const mode = (it.mode & 0o100) === 0 ? '100644' : '100755';
  return { path, mode, ...(await hashFile(file, it.size, format, place)) };
}

async function hashFile(
  file: string,
  size: number,
  format: BlobFormat,
  place: string,
): Promise<{ readonly hash: string; readonly size: number }> {
  if (size <= READ_AT_ONCE) {
    const bytes = readFileSync(file);
    return { hash: blobId(bytes, format), size: bytes.length };
  }
  const hash = blobHash(format, size);
  let read = 0;
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk);
    read += chunk.length;
  }
  if (read === size) return { hash: hash.digest('hex'), size };
  throw userError('context-missing', `${place} changed while it was read.`, {
    remedy: 'Let the steps that write it end before this one.',
  });
}
