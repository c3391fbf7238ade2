import { buildGraph } from '../graph/index.ts';
import {
  type Checkout,
  type Commit,
  type Config,
  type Graph,
  type ImportsSince,
  type LockChange,
  type LockRoot,
  once,
  type ServiceName,
} from '../model/index.ts';
import { type Imported, importsOf } from './imports.ts';
import { LockComparison, type LockGraph, parseLock } from './locks/index.ts';
import type { Requires } from './package.ts';
import { folderOf, isWithin } from './paths.ts';
import { ecosystemFiles, readWorkspace, type Workspace } from './workspace.ts';

/** How many moved entries of a lock file a reason names; the others are counted. */
export const MAX_MOVED_NAMED = 10;

/** One tree, read when it is first asked for. */
interface Tree {
  readonly workspace: Workspace;
  readonly imported: Imported;
}

/**
 * Reads dependencies from the manifests of commits, for the services of one configuration: each commit once. Throws
 * `git-failed` for a commit that cannot be had, `config-invalid` for more manifests than are read.
 */
export class Importer {
  readonly #checkout: Checkout;
  readonly #config: Config;
  readonly #trees = new Map<Commit, () => Promise<Tree>>();

  constructor(checkout: Checkout, config: Config) {
    this.#checkout = checkout;
    this.#config = config;
  }

  /** What services use of the repository, as the manifests of a commit say. */
  async importsAt(commit: Commit): Promise<Imported> {
    return (await this.#tree(commit)).imported;
  }

  /** @param here the commit whose graph is known already */
  async since(here: Commit, since: Commit, head: Commit, changed: readonly string[]): Promise<ImportsSince> {
    const files = changed.filter(ecosystemFiles(this.#config.graphImport));
    if (files.length === 0) {
      const graphs = head === here ? [] : [buildGraph(this.#config, (await this.importsAt(head)).services)];
      return { graphs, locks: new Map() };
    }
    const [before, after] = await Promise.all([this.#tree(since), this.#tree(head)]);
    const trees = head === here ? [before] : [before, after];
    const graphs = trees.map(({ imported }): Graph => buildGraph(this.#config, imported.services));
    return { graphs, locks: await this.#lockChanges({ since, head, before, after }, new Set(files)) };
  }

  #tree(commit: Commit): Promise<Tree> {
    const read = async () => {
      const workspace = await readWorkspace(this.#checkout.at(commit), this.#config.graphImport);
      return { workspace, imported: importsOf(workspace, this.#config.services) };
    };
    const tree = this.#trees.get(commit) ?? once(read);
    this.#trees.set(commit, tree);
    return tree();
  }

  async #lockChanges(
    sides: Sides,
    changed: ReadonlySet<string>,
  ): Promise<ReadonlyMap<ServiceName, readonly LockChange[]>> {
    const { before, after, since, head } = sides;
    const used = [before, after].flatMap(({ imported }) =>
      [...imported.services.values()].flatMap(({ locks }) => [...locks.keys()]),
    );
    const files = [...new Set(used)].filter((path) => changed.has(path)).sort();
    const locks = await Promise.all(
      files.map(async (file): Promise<LockPair> => {
        const [was, is] = await Promise.all([this.#lock(since, before, file), this.#lock(head, after, file)]);
        const isBoth = typeof was === 'object' && typeof is === 'object';
        return { file, was, is, comparison: isBoth ? new LockComparison(was, is) : undefined };
      }),
    );
    const names = this.#config.services.map(({ name }) => name);
    return new Map(names.map((name) => [name, locks.flatMap((lock) => changeOf(name, lock, sides))] as const));
  }

  async #lock(commit: Commit, { workspace }: Tree, file: string): Promise<LockSide> {
    const text = (await this.#checkout.at(commit).readAll([file])).get(file);
    if (text === undefined) return undefined;
    return (await parseLock(file, text, requiresBelow(workspace, folderOf(file)))) ?? 'unknown';
  }
}

interface Sides {
  readonly since: Commit;
  readonly head: Commit;
  readonly before: Tree;
  readonly after: Tree;
}

/** undefined: it is not there; `unknown`: not in a format that can be compared. */
type LockSide = LockGraph | 'unknown' | undefined;

interface LockPair {
  readonly file: string;
  readonly was: LockSide;
  readonly is: LockSide;
  /** undefined when there are not two that can be compared. */
  readonly comparison: LockComparison | undefined;
}

/** What a changed lock file means to one service; nothing when all that it resolves for it is as before. */
function changeOf(name: ServiceName, lock: LockPair, { before, after }: Sides): readonly LockChange[] {
  const { file, comparison } = lock;
  const rootsBefore = before.imported.services.get(name)?.locks.get(file);
  const rootsAfter = after.imported.services.get(name)?.locks.get(file);
  if (rootsBefore === undefined && rootsAfter === undefined) return [];
  const whole = wholeBecause(lock, rootsBefore, rootsAfter);
  if (whole !== undefined || comparison === undefined) return [{ file, moved: [], count: 0, whole: whole ?? UNKNOWN }];
  const folder = folderOf(file);
  const moved = comparison.moved(seenFrom(folder, rootsBefore), seenFrom(folder, rootsAfter));
  return moved.length === 0 ? [] : [{ file, moved: moved.slice(0, MAX_MOVED_NAMED), count: moved.length, whole: null }];
}

const UNKNOWN = 'its format is not one that can be compared entry by entry';

type Roots = readonly LockRoot[] | undefined;

function wholeBecause({ was, is }: LockPair, before: Roots, after: Roots): string | undefined {
  if (was === 'unknown' || is === 'unknown') return UNKNOWN;
  if (was === undefined || before === undefined) return 'it did not resolve this service before';
  return is === undefined || after === undefined ? 'it does not resolve this service any more' : undefined;
}

/** Lock files name folders from their own. */
const seenFrom = (folder: string, roots: Roots): readonly LockRoot[] =>
  (roots ?? []).map((root) => ({ ...root, folder: relative(folder, root.folder) }));

const relative = (folder: string, path: string): string =>
  folder === '' ? path : isWithin(path, folder) ? path.slice(folder.length + 1) : `../${path}`;

function requiresBelow(workspace: Workspace, folder: string): ReadonlyMap<string, Requires> {
  const npm = workspace.packages.get('npm') ?? [];
  const below = npm.filter((it) => isWithin(it.folder, folder));
  return new Map(below.map((it) => [relative(folder, it.folder), it.requires]));
}
