import { createHash } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileFact } from '../image/index.ts';
import { isErrno } from '../io/disk.ts';
import { mapBounded, messageOf, userError } from '../model/index.ts';

/** Files of one layer; more are taken for a mistake in `from`. */
const FILES_OF_A_LAYER = 500_000;
/** Files that are hashed at the same time. */
const HASHED_AT_ONCE = 8;
/** Never part of an image: it changes with every command, and holds what was deleted. */
const GIT = '.git';

/**
 * What the builder sees under a path: every file, link and empty folder with git's mode and the hash of the bytes on
 * disk, ignored and untracked ones too, `.git` alone left out. Sorted by path. A single file has the path `''`.
 *
 * @param shown the path as the configuration has it, for errors
 * @returns undefined when there is nothing at the path
 */
export async function listFiles(path: string, shown: string): Promise<readonly FileFact[] | undefined> {
  const root = await stat(path).catch(() => undefined);
  if (root === undefined) return undefined;
  if (root.isFile()) return [await factOf(path, '', shown)];
  const paths = root.isDirectory() ? await walk(path, shown) : [''];
  return mapBounded([...paths].sort(), HASHED_AT_ONCE, (it) => factOf(join(path, it), it, shown));
}

async function walk(root: string, shown: string): Promise<readonly string[]> {
  const found: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = (await entriesOf(root, folder, shown)).filter(({ name }) => name !== GIT);
    if (entries.length === 0) found.push(folder);
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      (entry.isDirectory() ? folders : found).push(path);
    }
    if (found.length + folders.length > FILES_OF_A_LAYER) {
      throw userError('config-invalid', `${shown} has more than ${FILES_OF_A_LAYER} files.`, {
        remedy: 'Name the folder that belongs into the image.',
      });
    }
  }
  return found;
}

async function entriesOf(root: string, folder: string, shown: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(join(root, folder), { withFileTypes: true });
  } catch (thrown) {
    throw unreadable(thrown, folder === '' ? shown : `${shown}/${folder}`);
  }
}

/** What stands in a name for bytes that are not UTF-8: a layer has names as text (OCI layer.md, PAX records are UTF-8). */
const NO_UTF8 = '\ufffd';

const unnameable = (path: string): Error =>
  userError('config-invalid', `The name of ${path} is not UTF-8, so no image can have it.`, {
    remedy: 'Rename the file, or copy a folder that does not have it.',
  });

/** What may not be read is told as what it is; a file that vanished while it was looked at as well. */
function unreadable(thrown: unknown, path: string): unknown {
  if (isErrno(thrown, 'ENOENT') && path.includes(NO_UTF8)) return unnameable(path);
  if (!isErrno(thrown, 'EACCES', 'EPERM', 'ENOENT')) return thrown;
  return userError('context-missing', `${path} cannot be read: ${messageOf(thrown)}.`, {
    remedy: 'Give the user of the runner the right to read it, and let nothing else change the folder meanwhile.',
    cause: thrown,
  });
}

async function factOf(file: string, path: string, shown: string): Promise<FileFact> {
  try {
    return await readFact(file, path, shown);
  } catch (thrown) {
    throw unreadable(thrown, path === '' ? shown : `${shown}/${path}`);
  }
}

async function readFact(file: string, path: string, shown: string): Promise<FileFact> {
  // The root itself may be a link to what is meant; within it, links are what they are.
  const it = await (path === '' ? stat(file) : lstat(file));
  if (it.isFile()) {
    // Only whether the owner may execute it counts, as in git: the rest is the umask of whoever made it.
    const mode = (it.mode & 0o100) === 0 ? '100644' : '100755';
    return { path, mode, ...(await hashFile(file)) };
  }
  if (it.isSymbolicLink()) return { path, mode: '120000', size: 0, hash: hashText(await readlink(file)) };
  if (it.isDirectory()) return { path, mode: '040000', size: 0, hash: hashText('') };
  throw userError(
    'context-missing',
    `${shown}${path === '' ? '' : `/${path}`} is neither a file, a folder nor a link.`,
  );
}

async function hashFile(file: string): Promise<{ readonly hash: string; readonly size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { hash: hash.digest('hex'), size };
}

/** The hash of a link's text, as {@link FileFact} has it. */
export const hashText = (text: string): string => createHash('sha256').update(text).digest('hex');
