import { posix } from 'node:path';
import { type Commit, type CommitFiles, type FileEntry, once, userError } from '../../model/index.ts';
import { gitOutput, runGit } from './git.ts';
import type { Repository } from './repository.ts';
import { type TreeEntry, TreeList } from './tree-list.ts';
import { MAX_FILE_BYTES, type Trees } from './trees.ts';

/** Files of one name are read together while they are no more than this. */
const MAX_TOGETHER = 2_000;
/** A chain of symbolic links that is longer is a circle. */
const MAX_LINKS = 5;
/** The mode of a regular file begins so. */
const REGULAR = '100';
const LINK = '120000';
const SUBMODULE = '160000';

interface Listing {
  readonly files: ReadonlyMap<string, Pick<TreeEntry, 'mode' | 'id'>>;
  readonly folders: ReadonlyMap<string, ReadonlyMap<string, FileEntry['kind']>>;
  /** Paths by the last part of their name. */
  readonly named: ReadonlyMap<string, readonly string[]>;
}

/**
 * The files of a commit. The tree is listed once, when it is first needed; files of one name are read together, since who
 * reads one `slipway.service.yml` reads them all. Throws `git-failed` when the commit or a file of it cannot be had.
 */
export function commitFiles(repository: Repository, trees: Trees, commit: Commit): CommitFiles {
  const list = once(() => listTree(repository, trees, commit));
  return new TreeFiles(commit, trees, list);
}

class TreeFiles implements CommitFiles {
  behindLinks = false;
  readonly #commit: Commit;
  readonly #trees: Trees;
  readonly #list: () => Promise<TreeList>;
  readonly #listing: () => Promise<Listing>;
  readonly #contents = new Map<string, Buffer>();
  /** By the name of the files: who asks for one while they are read waits for the same answer. */
  readonly #readings = new Map<string, Promise<void>>();

  /** Regular files that were found, with their ids. */
  readonly #found = new Map<string, string>();

  constructor(commit: Commit, trees: Trees, list: () => Promise<TreeList>) {
    this.#commit = commit;
    this.#trees = trees;
    this.#list = list;
    this.#listing = once(async () => arrange((await list()).all()));
  }

  /** Whoever asks gets the error; nobody has to ask. */
  anticipate(): void {
    this.#list().catch(() => undefined);
  }

  async read(path: string): Promise<string | undefined> {
    const file = await this.#follow(posix.normalize(path));
    this.behindLinks ||= file !== undefined && file !== posix.normalize(path);
    return file === undefined ? undefined : await this.#contentOf(file);
  }

  async entries(folder: string): Promise<readonly FileEntry[]> {
    const found = await this.#listing();
    const path = posix.normalize(folder === '' ? '.' : folder).replace(/\/$/, '');
    const inside = found.folders.get(path === '.' ? '' : path) ?? new Map<string, FileEntry['kind']>();
    const entries: FileEntry[] = [];
    for (const [name, kind] of inside) {
      const isLink = found.files.get(posix.join(path, name))?.mode === LINK;
      // As on disk: a link to a file is a file, a link to a folder is not entered.
      if (!isLink || (await this.#follow(posix.join(path, name))) !== undefined) entries.push({ name, kind });
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async find(takes: (path: string) => boolean): Promise<readonly string[]> {
    const found = await this.#regular(takes);
    return found.map(({ path }) => path).sort();
  }

  async #regular(takes: (path: string) => boolean): Promise<readonly TreeEntry[]> {
    const found = (await this.#list()).select((path, mode) => takes(path) && mode.startsWith(REGULAR));
    for (const { path, id } of found) this.#found.set(path, id);
    return found;
  }

  async readAll(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    // The folders need not be arranged for this: it is what detection waits for.
    const unseen = new Set(paths.filter((path) => !this.#found.has(path)));
    if (unseen.size > 0) await this.#regular((path) => unseen.has(path));
    const found = [...new Set(paths)].flatMap((path) => {
      const id = this.#found.get(path);
      return id === undefined ? [] : [{ path, id }];
    });
    const read = await this.#trees.files([...new Set(found.map(({ id }) => id))]);
    const texts = found.map(({ path, id }) => [path, read.get(id)?.toString('utf8')] as const);
    return new Map(texts.filter((it): it is readonly [string, string] => it[1] !== undefined));
  }

  async links(): Promise<ReadonlyMap<string, string>> {
    const found = (await this.#list()).ofMode(LINK);
    if (found.length === 0) return new Map();
    const read = await this.#trees.files([...new Set(found.map(({ id }) => id))]);
    return new Map(found.map(({ path, id }) => [path, read.get(id)?.toString('utf8') ?? ''] as const));
  }

  /** The file that a path leads to, through symbolic links within the tree. */
  async #follow(path: string): Promise<string | undefined> {
    const { files } = await this.#listing();
    let at = path;
    for (let links = 0; links <= MAX_LINKS; links++) {
      const mode = files.get(at)?.mode;
      if (mode === undefined || mode === SUBMODULE) return undefined;
      if (mode !== LINK) return at;
      at = posix.join(posix.dirname(at), await this.#contentOf(at));
    }
    return undefined;
  }

  async #contentOf(path: string): Promise<string> {
    const found = await this.#listing();
    const id = found.files.get(path)?.id ?? '';
    if (!this.#contents.has(id)) await this.#readTogether(found, path);
    const bytes = this.#contents.get(id);
    if (bytes !== undefined) return bytes.toString('utf8');
    const why = `it is larger than ${MAX_FILE_BYTES} bytes, or the remote does not give it`;
    throw userError('git-failed', `${path} of commit ${this.#commit} could not be read: ${why}.`);
  }

  #readTogether(found: Listing, path: string): Promise<void> {
    const ids = together(found, path);
    const key = ids.length === 1 ? path : posix.basename(path);
    const known = this.#readings.get(key);
    if (known !== undefined) return known;
    const reading = this.#trees.files(ids).then((files) => {
      for (const [id, bytes] of files) this.#contents.set(id, bytes);
    });
    this.#readings.set(key, reading);
    return reading;
  }
}

/** Ids of the files that are read with this one. */
function together(found: Listing, path: string): readonly string[] {
  const same = found.named.get(posix.basename(path)) ?? [];
  const paths = same.length > MAX_TOGETHER ? [path] : same;
  const files = paths.map((it) => found.files.get(it));
  return [...new Set(files.flatMap((it) => (it === undefined || it.mode === SUBMODULE ? [] : [it.id])))];
}

/** Everything in the tree. Most are here: then nothing needs to be asked before. */
async function listTree(repository: Repository, trees: Trees, commit: Commit): Promise<TreeList> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit];
  const first = await runGit(repository.view(), args);
  if (first.status === 0) return new TreeList(first.stdout);
  if (!(await trees.obtain(commit))) {
    throw userError('git-failed', `Commit ${commit} is not in this clone, and the remote does not give it.`);
  }
  return new TreeList(await gitOutput(repository.view(), args));
}

function arrange(entries: readonly TreeEntry[]): Listing {
  const files = new Map<string, Pick<TreeEntry, 'mode' | 'id'>>();
  const folders = new Map<string, Map<string, FileEntry['kind']>>([['', new Map()]]);
  const named = new Map<string, string[]>();
  for (const { mode, id, path } of entries) {
    files.set(path, { mode, id });
    place(folders, path, mode === SUBMODULE ? 'folder' : 'file');
    const name = posix.basename(path);
    const same = named.get(name);
    if (same === undefined) named.set(name, [path]);
    else same.push(path);
  }
  return { files, folders, named };
}

/** Enters a path in its folder, and that folder in the one above, as far as they are new. */
function place(folders: Map<string, Map<string, FileEntry['kind']>>, path: string, kind: FileEntry['kind']): void {
  const cut = path.lastIndexOf('/');
  const folder = cut < 0 ? '' : path.slice(0, cut);
  const known = folders.get(folder);
  const inside = known ?? new Map<string, FileEntry['kind']>();
  inside.set(path.slice(cut + 1), kind);
  if (known !== undefined) return;
  folders.set(folder, inside);
  place(folders, folder, 'folder');
}
