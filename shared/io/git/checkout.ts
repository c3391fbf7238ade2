import {
  type Checkout,
  type Commit,
  type CommitFacts,
  type CommitFiles,
  isCommit,
  once,
  type TrackedFiles,
} from '../../model/index.ts';
import { Differences } from './differences.ts';
import { gitOutput, runGit } from './git.ts';
import type { History } from './history.ts';
import { lateFiles } from './late-files.ts';
import { plainRef } from './layout.ts';
import { splitNames } from './names.ts';
import { headsOf, objectOf, parseCommit } from './objects.ts';
import type { GitOptions } from './options.ts';
import { openRepository, type Repository } from './repository.ts';
import { Trees } from './trees.ts';

/** A list of a large tree takes megabytes. */
const MAX_TREES_KEPT = 4;
/** A larger commit object is no commit that a person made. */
const MAX_COMMIT_BYTES = 1024 * 1024;

/**
 * Opens the clone that a folder is in. Throws `not-a-repository`, `git-missing`.
 *
 * What its methods fetch goes to repositories of our own in `options.scratch`; the clone and its configuration are only read.
 */
export async function openCheckout(directory: string, options: GitOptions): Promise<Checkout> {
  return new GitCheckout(await openRepository(directory, options));
}

class GitCheckout implements Checkout {
  readonly root: string;
  readonly shallow: boolean;
  readonly sparse: boolean;
  readonly tracked: TrackedFiles;
  readonly #repository: Repository;
  readonly #trees: Trees;
  readonly #differences: Differences;
  readonly #files = new Map<Commit, CommitFiles>();
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
    this.#differences = new Differences(repository, this.#trees);
    this.#history = once(async () => new (await import('./history.ts')).History(repository));
  }

  async resolve(name: string): Promise<Commit | undefined> {
    if (name === '' || name.startsWith('-') || /[\0\n]/.test(name)) return undefined;
    const branch = name.replace(/^refs\/heads\//, '').replace(/^(refs\/remotes\/)?origin\//, '');
    const local = await this.#find([name, `refs/remotes/origin/${branch}`]);
    if (local !== undefined) return local;
    const remote = name.startsWith('refs/') && branch !== name ? `refs/heads/${branch}` : branch;
    if (isCommit(name)) return (await this.obtain(name)) ? name : undefined;
    return await this.#repository.origin.lookUp(this.#repository.trees(), remote);
  }

  async facts(commit: Commit): Promise<CommitFacts | undefined> {
    if (!isCommit(commit)) return undefined;
    const object = await objectOf(this.#repository.view(), commit, MAX_COMMIT_BYTES);
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

  async successors(ref: string, commit: Commit, limit: number) {
    const { origin, history } = this.#repository;
    const tip = await origin.lookUp(await history(), ref);
    return tip === undefined ? undefined : await (await this.#history()).successors(commit, tip, limit);
  }

  /** Git reads the trees while this process does something else. In a clone that is cut off a base is not there yet. */
  anticipate(bases: readonly Commit[], head: Commit): void {
    if (bases.length > 1 || !this.shallow) this.#differences.begin(bases, head);
  }

  async changed(base: Commit, head: Commit): Promise<readonly string[]> {
    return await this.#differences.between(base, head);
  }

  async uncommitted(pathspecs: readonly string[]): Promise<readonly string[]> {
    const args = ['diff-index', '--name-only', '-z', '--no-renames', '--ignore-submodules=all', 'HEAD', '--'];
    return splitNames(await gitOutput(this.#repository.clone, [...args, ...pathspecs]));
  }

  /** The same for all who ask at about the same time, so that a tree is listed once. */
  at(commit: Commit): CommitFiles {
    const files = this.#files.get(commit) ?? lateFiles(this.#repository, this.#trees, commit);
    this.#files.delete(commit);
    this.#files.set(commit, files);
    const [oldest] = this.#files.keys();
    if (this.#files.size > MAX_TREES_KEPT && oldest !== undefined) this.#files.delete(oldest);
    return files;
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
