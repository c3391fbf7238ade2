import { type Dirent, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { normalize } from 'node:path/posix';
import { type FileEntry, type FileSource, userError } from '../model/index.ts';
import { isErrno } from './disk.ts';

/** A larger file is no configuration; reading it whole would only cost memory. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

/**
 * The files of a folder on disk. Paths that lead out of it are refused (`config-invalid`), symbolic links to files are
 * followed while they stay inside, symbolic links to folders are not entered, and `.git` is not shown: so the answers are
 * those that the same tree gives when it is read from a commit.
 *
 * It waits for the disk: for a thousand small files that takes a tenth of the time that handing each to a thread does.
 *
 * @param root absolute path of the folder
 */
export function workTree(root: string): FileSource {
  const tree = new Tree(root);
  return {
    read: async (path) => tree.read(path),
    entries: async (folder) => tree.entries(folder),
    get behindLinks() {
      return tree.behindLinks;
    },
  };
}

class Tree {
  /** undefined: there is no such folder. */
  readonly #root: string | undefined;
  /** Folders that are known to be real, so that a thousand files in them are not asked the same. */
  readonly #real = new Set(['.']);
  behindLinks = false;

  constructor(root: string) {
    this.#root = orAbsent(() => realpathSync(root));
  }

  read(path: string): string | undefined {
    const short = inside(path);
    const file = this.#fileAt(short);
    if (file === undefined) return undefined;
    this.behindLinks ||= file !== this.#place(short);
    const { size } = statSync(file);
    if (size > MAX_FILE_BYTES) {
      throw userError('config-invalid', `${path} has ${size} bytes; no more than ${MAX_FILE_BYTES} are read.`);
    }
    return readFileSync(file, 'utf8');
  }

  entries(folder: string): readonly FileEntry[] {
    const path = inside(folder);
    if (this.#root === undefined || !this.#isReal(path)) return [];
    const found = orAbsent(() => readdirSync(this.#place(path), { withFileTypes: true })) ?? [];
    const entries = found.map((it) => this.#entryOf(join(path, it.name), it));
    return entries.filter((it) => it !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #entryOf(path: string, found: Dirent): FileEntry | undefined {
    if (found.name === '.git') return undefined;
    if (found.isDirectory()) return { name: found.name, kind: 'folder' };
    return found.isFile() || this.#fileAt(path) !== undefined ? { name: found.name, kind: 'file' } : undefined;
  }

  /** Absolute path of a regular file, behind a link if need be; undefined when there is none that may be read. */
  #fileAt(path: string): string | undefined {
    if (this.#root === undefined || !this.#isReal(dirname(path))) return undefined;
    const file = this.#place(path);
    const found = orAbsent(() => lstatSync(file));
    if (found?.isSymbolicLink() !== true) return found?.isFile() === true ? file : undefined;
    const real = orAbsent(() => realpathSync(file));
    // What it leads to may have been there before.
    if (real === undefined) this.behindLinks = true;
    if (real === undefined || !real.startsWith(this.#root.endsWith(sep) ? this.#root : this.#root + sep))
      return undefined;
    return statSync(real).isFile() ? real : undefined;
  }

  /** Whether a path leads to a folder without a symbolic link on the way. */
  #isReal(path: string): boolean {
    if (this.#real.has(path)) return true;
    if (!this.#isReal(dirname(path))) return false;
    const isFolder = orAbsent(() => lstatSync(this.#place(path)))?.isDirectory() === true;
    if (isFolder) this.#real.add(path);
    return isFolder;
  }

  #place(path: string): string {
    return join(this.#root ?? '', path);
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

/** undefined where something is not there. */
function orAbsent<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG')) return undefined;
    throw thrown;
  }
}
