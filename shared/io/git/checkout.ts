import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Checkout,
  type Commit,
  type CommitFacts,
  type CommitFiles,
  isCommit,
  once,
  type ReasonCode,
  type TrackedFiles,
  userError,
} from '../../model/index.ts';
import { commitFiles } from './commit-files.ts';
import { failed, type GitResult, gitOutput, runGit } from './git.ts';
import type { History } from './history.ts';
import { plainRef } from './layout.ts';
import { splitNames, splitRaw } from './names.ts';
import { headsOf, objectOf, parseCommit } from './objects.ts';
import type { GitOptions } from './options.ts';
import { openRepository, type Repository } from './repository.ts';
import { Trees } from './trees.ts';

/** A larger commit object is no commit that a person made. */
const MAX_COMMIT_BYTES = 1024 * 1024;

/**
 * Every difference between two trees: both sides of a rename, changes of type and mode, submodules. Nothing
 * here looks into a file, so no setting and no attribute has a say.
 */
const DIFF = ['diff', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none'];

/**
 * Opens the clone that a folder is in. Throws `not-a-repository`, `git-missing`.
 *
 * What its methods fetch goes to repositories of our own in `options.scratch`; the clone and its configuration are only read.
 */
export async function openCheckout(directory: string, options: GitOptions): Promise<Checkout> {
  return new GitCheckout(await openRepository(directory, options));
}

/** Where the submodules of a repository are told (gitmodules(5)). */
const MODULES = '.gitmodules';

class GitCheckout implements Checkout {
  readonly root: string;
  readonly shallow: boolean;
  readonly sparse: boolean;
  readonly tracked: TrackedFiles;
  readonly #repository: Repository;
  readonly #trees: Trees;
  #begun: { readonly base: Commit; readonly head: Commit; readonly result: Promise<GitResult> } | undefined;
  readonly #history: () => Promise<History>;

  constructor(repository: Repository) {
    this.root = repository.root;
    this.shallow = repository.shallow;
    this.sparse = repository.sparse;
    this.tracked = {
      format: repository.format,
      unchanged: async (folder) => (await import('./unchanged.ts')).unchangedFiles(repository, folder),
    };
    this.#repository = repository;
    this.#trees = new Trees(repository);
    this.#history = once(async () => new (await import('./history.ts')).History(repository));
  }

  async resolve(name: string): Promise<Commit | undefined> {
    if (name === '' || name.startsWith('-') || /[\0\n]/.test(name)) return undefined;
    const branch = name.replace(/^refs\/heads\//, '').replace(/^(refs\/remotes\/)?origin\//, '');
    const local = await this.#find([name, `refs/remotes/origin/${branch}`]);
    if (local !== undefined) return local;
    const remote = name.startsWith('refs/') && branch !== name ? `refs/heads/${branch}` : branch;
    if (isCommit(name)) return (await this.obtain(name)) ? name : undefined;
    return await this.#repository.origin.lookUp(await this.#repository.trees(), remote);
  }

  async facts(commit: Commit): Promise<CommitFacts | undefined> {
    if (!isCommit(commit)) return undefined;
    const object = await objectOf(await this.#repository.view(), commit, MAX_COMMIT_BYTES);
    if (object?.type !== 'commit') return undefined;
    const { sha, parents, date, title, author } = parseCommit(commit, object.bytes);
    return { sha, parents, date, title, author };
  }

  obtain(commit: Commit): Promise<boolean> {
    return this.#trees.obtain(commit);
  }

  async mergeBase(a: Commit, b: Commit): Promise<Commit | undefined> {
    return await (await this.#history()).mergeBase(a, b);
  }

  async relation(from: Commit, to: Commit) {
    return await (await this.#history()).relation(from, to);
  }

  /** Git reads both trees while this process does something else. In a clone that is cut off the base is not there yet. */
  anticipate(base: Commit, head: Commit): void {
    if (this.shallow || base === head) return;
    const result = this.#diff(base, head);
    // Whoever asks gets the error; nobody has to ask.
    result.catch(() => undefined);
    this.#begun = { base, head, result };
  }

  async changed(base: Commit, head: Commit): Promise<readonly string[]> {
    const begun = this.#begun;
    this.#begun = undefined;
    const first = await (begun?.base === base && begun.head === head ? begun.result : this.#diff(base, head));
    if (first.status === 0) return await this.#named(base, head, first.stdout);
    // Something is not here: the commits, or (in a clone with `--filter=tree:0`) folders of theirs.
    const [baseThere, headThere] = await Promise.all([this.obtain(base), this.obtain(head)]);
    if (!headThere) throw lost('git-failed', head);
    if (!baseThere) throw lost('base-unknown', base);
    const second = await this.#diff(base, head);
    if (second.status === 0) return await this.#named(base, head, second.stdout);
    await this.#trees.complete([base, head]);
    const third = await this.#diff(base, head);
    if (third.status !== 0) throw failed(DIFF, third);
    return await this.#named(base, head, third.stdout);
  }

  /**
   * The names that git gave. Only where there are submodules it is asked for modes too, which tell one that has moved from
   * a file.
   */
  async #named(base: Commit, head: Commit, names: Buffer): Promise<readonly string[]> {
    const changed = splitNames(names);
    if (!changed.includes(MODULES) && !existsSync(join(this.root, MODULES))) return changed;
    const raw = await this.#diff(base, head, '--raw');
    if (raw.status !== 0) throw failed(DIFF, raw);
    return splitRaw(raw.stdout).map(({ path, isSubmodule }) => (isSubmodule ? `${path}/` : path));
  }

  async #diff(base: Commit, head: Commit, form: '--name-only' | '--raw' = '--name-only'): Promise<GitResult> {
    const args = [...DIFF, form, '--end-of-options', `${base}^{tree}`, `${head}^{tree}`, '--'];
    return await runGit(await this.#repository.view(), args);
  }

  async uncommitted(pathspecs: readonly string[]): Promise<readonly string[]> {
    const args = ['diff-index', '--name-only', '-z', '--no-renames', '--ignore-submodules=all', 'HEAD', '--'];
    return splitNames(await gitOutput(this.#repository.clone, [...args, ...pathspecs]));
  }

  at(commit: Commit): CommitFiles {
    return commitFiles(this.#repository, this.#trees, commit);
  }

  async tagsAt(commit: Commit): Promise<readonly string[]> {
    const args = ['for-each-ref', `--points-at=${commit}`, '--format=%(refname:lstrip=2)', 'refs/tags/'];
    const result = await runGit(this.#repository.clone, args);
    return result.status === 0 ? result.stdout.toString('utf8').split('\n').filter(Boolean) : [];
  }

  async previousTag(prefix: string, before: Commit) {
    return await (await this.#history()).previousTag(prefix, before);
  }

  /** The commit of the first of some names that this clone has. */
  async #find(names: readonly string[]): Promise<Commit | undefined> {
    const { plain, clone } = this.#repository;
    const [first = ''] = names;
    const known = plain === undefined ? undefined : plainRef(plain, first);
    if (known !== undefined) return known;
    const heads = await headsOf(
      clone,
      names.map((it) => `${it}^{commit}`),
    );
    return heads.find((it) => it !== undefined)?.id;
  }
}

const lost = (code: ReasonCode, commit: Commit): Error =>
  userError(code, `Commit ${commit} is not in this clone, and the remote does not give it.`, {
    remedy: 'Run actions/checkout before this step, on the commit that the run is about.',
  });
