import { posix } from 'node:path';
import { type Commit, type CommitFiles, type FileEntry, mapBounded, once, userError } from '../../model/index.ts';
import type { GitHubSource, TreeEntry } from './source.ts';

/** Every file is a request of its own; a configuration of more files is better read from a checkout. */
const MAX_FILES_READ = 200;
/** Larger files are no configuration. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const READS_AT_ONCE = 8;
const LINK = '120000';
const REGULAR = '100';

/**
 * The files of a commit, read through the API: the tree in one request, each file in one. Throws `not-a-repository` when
 * there is no tree to be had, or more files than are read this way.
 */
export function treeFiles(source: GitHubSource, commit: Commit): CommitFiles {
  const tree = once(() => listed(source, commit));
  const texts = new Map<string, Promise<string>>();
  const textOf = (entry: TreeEntry): Promise<string> => {
    const known = texts.get(entry.id);
    if (known !== undefined) return known;
    refuseToRead(entry, texts.size);
    const text = source.text(entry.id);
    texts.set(entry.id, text);
    return text;
  };
  return {
    async read(path) {
      const entry = (await tree()).byPath.get(posix.normalize(path));
      return entry?.type === 'blob' ? await textOf(entry) : undefined;
    },
    async entries(folder) {
      const path = posix.normalize(folder === '' ? '.' : folder).replace(/\/$/, '');
      return (await tree()).byFolder.get(path) ?? [];
    },
    async find(takes) {
      const files = [...(await tree()).byPath.values()].filter(isRegular);
      return files.flatMap(({ path }) => (takes(path) ? [path] : [])).sort();
    },
    async readAll(paths) {
      const { byPath } = await tree();
      const files = paths
        .flatMap((path) => byPath.get(path) ?? [])
        .filter((it) => isRegular(it) && it.size <= MAX_FILE_BYTES);
      return new Map(await mapBounded(files, READS_AT_ONCE, async (it) => [it.path, await textOf(it)] as const));
    },
    async links() {
      const links = [...(await tree()).byPath.values()].filter(({ mode }) => mode === LINK);
      if (links.length > MAX_FILES_READ) throw needsCheckout(`it has ${links.length} symbolic links`);
      return new Map(
        await mapBounded(links, READS_AT_ONCE, async (it) => [it.path, await source.text(it.id)] as const),
      );
    },
  };
}

const isRegular = ({ mode }: TreeEntry): boolean => mode.startsWith(REGULAR);

async function listed(source: GitHubSource, commit: Commit) {
  const entries = await source.tree(commit);
  if (entries === undefined) throw needsCheckout(`GitHub does not give the whole tree of ${commit}`);
  const byFolder = new Map<string, FileEntry[]>();
  for (const { path, type } of entries) {
    const entry: FileEntry = { name: posix.basename(path), kind: type === 'blob' ? 'file' : 'folder' };
    const inside = byFolder.get(posix.dirname(path));
    if (inside === undefined) byFolder.set(posix.dirname(path), [entry]);
    else inside.push(entry);
  }
  for (const inside of byFolder.values()) inside.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { byPath: new Map(entries.map((it) => [it.path, it])), byFolder };
}

function refuseToRead({ path, mode, size }: TreeEntry, read: number): void {
  if (read >= MAX_FILES_READ) throw needsCheckout(`more than ${MAX_FILES_READ} files would have to be read`);
  if (mode === LINK) throw needsCheckout(`${path} is a symbolic link`);
  if (size > MAX_FILE_BYTES) throw needsCheckout(`${path} has ${size} bytes`);
}

const needsCheckout = (why: string): Error =>
  userError('not-a-repository', `There is no checkout, and the configuration cannot be read through the API: ${why}.`, {
    remedy: 'Run actions/checkout before this step, or give the input `services`.',
  });
