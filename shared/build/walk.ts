import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Ignore, Verdict } from '../image/index.ts';
import { isErrno } from '../io/disk.ts';
import { messageOf, userError } from '../model/index.ts';

/** Files of one layer or context; more are taken for a mistake in its path. */
const MOST_FILES = 500_000;

/** Something below a folder that the builder sees; a folder only where nothing else in it is seen. */
export interface Found {
  /** `/` between parts. */
  readonly path: string;
  readonly kind: 'file' | 'link' | 'folder' | 'other';
}

/**
 * Everything below a folder that is not left out, in no order. It waits for the disk: for many small files that takes a
 * tenth of the time that handing each to a thread does. Throws `context-missing` for what may not be read.
 *
 * @param shown the folder as the configuration has it, for errors
 */
export function walk(root: string, shown: string, ignore: Ignore): readonly Found[] {
  const found: Found[] = [];
  visit({ root, shown, ignore, found }, '', undefined);
  if (found.length === 0) found.push({ path: '', kind: 'folder' });
  return found;
}

interface Walk {
  readonly root: string;
  readonly shown: string;
  readonly ignore: Ignore;
  readonly found: Found[];
}

function visit(at: Walk, folder: string, parent: Verdict | undefined): void {
  for (const entry of entriesOf(at, folder)) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const verdict = at.ignore.verdict(path, parent);
    if (entry.isDirectory()) visitFolder(at, path, verdict);
    else if (!verdict.leftOut) at.found.push({ path, kind: kindOf(entry) });
  }
  if (at.found.length <= MOST_FILES) return;
  throw userError('config-invalid', `${at.shown || '.'} has more than ${MOST_FILES} files.`, {
    remedy: 'Name the folder that belongs into the image, or leave files out by `.dockerignore`.',
  });
}

function visitFolder(at: Walk, path: string, verdict: Verdict): void {
  const before = at.found.length;
  if (!verdict.leftOut || at.ignore.mayReinclude(path)) visit(at, path, verdict);
  if (!verdict.leftOut && at.found.length === before) at.found.push({ path, kind: 'folder' });
}

function kindOf(entry: Dirent): Found['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);

function entriesOf({ root, shown }: Walk, folder: string): readonly Dirent[] {
  try {
    // What is nearly in order is sorted in no time.
    return readdirSync(join(root, folder), { withFileTypes: true }).sort(byName);
  } catch (thrown) {
    throw unreadable(thrown, below(shown, folder));
  }
}

/** A path below one that may be the root or a file itself. */
export const below = (shown: string, path: string): string =>
  [shown, path].filter((part) => part !== '').join('/') || '.';

/** What stands in a name for bytes that are not UTF-8: a layer has names as text (OCI layer.md, PAX records are UTF-8). */
const NO_UTF8 = '\ufffd';

const unnameable = (path: string): Error =>
  userError('config-invalid', `The name of ${path} is not UTF-8, so no image can have it.`, {
    remedy: 'Rename the file, or copy a folder that does not have it.',
  });

/** What may not be read is told as what it is; a file that vanished while it was looked at as well. */
export function unreadable(thrown: unknown, path: string): unknown {
  if (isErrno(thrown, 'ENOENT') && path.includes(NO_UTF8)) return unnameable(path);
  if (!isErrno(thrown, 'EACCES', 'EPERM', 'ENOENT')) return thrown;
  return userError('context-missing', `${path} cannot be read: ${messageOf(thrown)}.`, {
    remedy: 'Give the user of the runner the right to read it, and let nothing else change the folder meanwhile.',
    cause: thrown,
  });
}
