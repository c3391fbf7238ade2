import type { Dirent } from 'node:fs';
import { type FileHandle, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { normalize } from 'node:path/posix';
import { type FileEntry, type FileSource, userError } from '../model/index.ts';
import { explainDisk, isErrno } from './disk.ts';

/** A larger file is no configuration; reading it whole would only cost memory. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

/**
 * The files of a folder on disk. Paths that lead out of it are refused (`config-invalid`), symbolic links to files are
 * followed while they stay inside, symbolic links to folders are not entered, and `.git` is not shown: so the answers are
 * those that the same tree gives when it is read from a commit.
 *
 * @param root absolute path of the folder
 */
export function workTree(root: string): FileSource {
  return {
    async read(path) {
      const file = await locate(root, inside(path));
      if (file === undefined) return undefined;
      const { size } = await stat(file);
      if (size > MAX_FILE_BYTES) {
        throw userError('config-invalid', `${path} has ${size} bytes; no more than ${MAX_FILE_BYTES} are read.`);
      }
      return await readFile(file, 'utf8');
    },
    async entries(folder) {
      const path = inside(folder);
      const real = await realFolder(root, path === '.' ? '' : path);
      if (real === undefined) return [];
      const found = (await readdir(real, { withFileTypes: true }).catch(absent)) ?? [];
      const entries = await Promise.all(found.map((it) => entryOf(root, join(real, it.name), it)));
      return entries.filter((it) => it !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
}

/**
 * Writes a file so that a reader sees the old content or the new, never a part: a temporary file in the same folder,
 * flushed to the disk, then renamed. Throws `disk-full` when there is no space; the old file stays as it was.
 *
 * @param openFile handed in by tests that need a disk which is full
 */
export async function writeWhole(path: string, content: string | Uint8Array, openFile = open): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`);
  try {
    const file = await openFile(temporary, 'wx', 0o644);
    await fill(file, content);
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw explainDisk(thrown, `writing ${path}`);
  }
}

async function fill(file: FileHandle, content: string | Uint8Array): Promise<void> {
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The path in its shortest form (`.` for the root); throws when it leads out. */
function inside(path: string): string {
  const short = normalize(path).replace(/\/$/, '');
  const leaves = short === '..' || short.startsWith('../') || short.startsWith('/') || /^[A-Za-z]:/.test(short);
  if (leaves || path.includes('\0')) {
    throw userError('config-invalid', `The path ${JSON.stringify(path)} leads out of the repository.`, {
      remedy: 'Write it from the repository’s root, without `..`.',
    });
  }
  return short;
}

/** Absolute path of a file with all links resolved; undefined when there is none that may be read. */
async function locate(root: string, path: string): Promise<string | undefined> {
  const folder = dirname(path);
  const real = await realFolder(root, folder === '.' ? '' : folder);
  if (real === undefined) return undefined;
  const file = join(real, basename(path));
  return (await isInnerFile(root, file)) ? file : undefined;
}

/** The real path of a folder; undefined when it is not there, or a part of the way is a symbolic link. */
async function realFolder(root: string, path: string): Promise<string | undefined> {
  const base = await realpath(root).catch(absent);
  if (base === undefined) return undefined;
  const wanted = path === '' ? base : join(base, path);
  return (await realpath(wanted).catch(absent)) === wanted ? wanted : undefined;
}

async function entryOf(root: string, path: string, found: Dirent): Promise<FileEntry | undefined> {
  if (found.name === '.git') return undefined;
  if (found.isDirectory()) return { name: found.name, kind: 'folder' };
  return found.isFile() || (await isInnerFile(root, path)) ? { name: found.name, kind: 'file' } : undefined;
}

async function isInnerFile(root: string, file: string): Promise<boolean> {
  const real = await realpath(file).catch(absent);
  const base = await realpath(root);
  if (real === undefined || !real.startsWith(base.endsWith(sep) ? base : base + sep)) return false;
  return (await stat(real)).isFile();
}

function absent(thrown: unknown): undefined {
  if (isErrno(thrown, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG')) return undefined;
  throw thrown;
}
