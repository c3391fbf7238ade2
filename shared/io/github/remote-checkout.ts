import {
  type Checkout,
  type Commit,
  type CommitFiles,
  isCommit,
  type RunContext,
  userError,
} from '../../model/index.ts';
import { type GitHubOptions, openOctokit, whereOf } from './octokit.ts';
import { type FromMergeBase, GitHubSource, refuseLargePull, type TreeEntry } from './source.ts';
import { treeFiles } from './tree-files.ts';

/** The pull request that a run is about. */
type Pull = Extract<RunContext['trigger'], { kind: 'pull-request' }>;

/**
 * Stands in for a checkout where there is none: what GitHub's API says of the commit that actions/checkout would have
 * checked out. A list that GitHub cuts off is never taken for the whole: then trees are compared, else `base-unknown` is
 * thrown.
 *
 * @param directory the folder that the step works in
 */
export async function openRemoteCheckout(
  options: GitHubOptions,
  run: RunContext,
  directory: string,
): Promise<Checkout> {
  const source = new GitHubSource(await openOctokit(options), whereOf(options.repository));
  const pull = run.trigger.kind === 'pull-request' ? run.trigger : undefined;
  return new RemoteCheckout(source, { root: directory, head: run.sha, pull });
}

class RemoteCheckout implements Checkout {
  readonly root: string;
  readonly shallow = false;
  readonly #source: GitHubSource;
  readonly #head: Commit;
  readonly #pull: Pull | undefined;
  /** Comparisons from merge bases, by the commits that they are between. */
  readonly #compared = new Map<string, FromMergeBase>();
  /** Bases from which the files of the pull request are counted. */
  readonly #ofPull = new Set<string>();

  constructor(source: GitHubSource, { root, head, pull }: { root: string; head: Commit; pull: Pull | undefined }) {
    this.root = root;
    this.#source = source;
    this.#head = head;
    this.#pull = pull;
  }

  async resolve(name: string): Promise<Commit | undefined> {
    if (name === 'HEAD') return this.#head;
    if (isCommit(name)) return name;
    // The event has the commit of the target branch already.
    if (this.#pull !== undefined && name === `refs/heads/${this.#pull.base.ref}`) return this.#pull.base.sha;
    return name === '' ? undefined : await this.#source.commit(name);
  }

  /** Not asked for: where the parents of a merge would be looked at, GitHub's list of a pull request says as much. */
  async facts(): Promise<undefined> {
    return undefined;
  }

  async obtain(commit: Commit): Promise<boolean> {
    return isCommit(commit);
  }

  async mergeBase(a: Commit, b: Commit): Promise<Commit | undefined> {
    const pull = this.#pull?.head.sha === b ? this.#pull : undefined;
    if (pull !== undefined) refuseLargePull(pull.number, pull.changedFiles);
    const found = await this.#source.compare(a, b);
    // The files of a pull request are counted from the merge base, also where GitHub does not tell which commit that is.
    const base = found?.mergeBase ?? (pull === undefined ? undefined : a);
    if (base === undefined) return undefined;
    if (pull !== undefined) this.#ofPull.add(pairOf(base, b));
    if (found !== undefined) this.#compared.set(pairOf(base, b), found);
    return base;
  }

  async relation(): Promise<'unknown'> {
    return 'unknown';
  }

  async successors(): Promise<undefined> {
    return undefined;
  }

  async changed(base: Commit, head: Commit): Promise<readonly string[]> {
    const pair = pairOf(base, head);
    const found =
      this.#compared.get(pair) ?? (this.#ofPull.has(pair) ? undefined : await this.#source.compare(base, head));
    // From another merge base it is not what the two trees differ in: what only `base` has would be left out.
    if (found?.mergeBase === base && found.paths !== undefined) return found.paths;
    if (this.#pull !== undefined && this.#ofPull.has(pair)) {
      return await this.#source.pullFiles(this.#pull.number, this.#pull.changedFiles);
    }
    const [before, after] = await Promise.all([this.#source.tree(base), this.#source.tree(head)]);
    if (before === undefined || after === undefined) throw withoutTrees(base, head);
    return differences(before, after);
  }

  at(commit: Commit): CommitFiles {
    return treeFiles(this.#source, commit);
  }

  async tagsAt(): Promise<readonly string[]> {
    return [];
  }

  async previousTag(): Promise<never> {
    throw userError('base-unknown', 'without a checkout, tags are not looked through.');
  }
}

const pairOf = (base: Commit, head: Commit): string => `${base}...${head}`;

const withoutTrees = (base: Commit, head: Commit): Error =>
  userError('base-unknown', `GitHub does not give the whole difference between ${base} and ${head}.`);

/** Paths of files that are in one tree as they are not in the other. Names that are no UTF-8 may look alike: each counts. */
function differences(before: readonly TreeEntry[], after: readonly TreeEntry[]): readonly string[] {
  const left = new Map(filesOf(before));
  const differing = new Set<string>();
  for (const [key, path] of filesOf(after)) if (!left.delete(key)) differing.add(path);
  for (const path of left.values()) differing.add(path);
  return [...differing];
}

const filesOf = (tree: readonly TreeEntry[]): readonly (readonly [key: string, path: string])[] =>
  tree.filter(({ type }) => type !== 'tree').map(({ path, mode, id }) => [[path, mode, id].join('\0'), path]);
