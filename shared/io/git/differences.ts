import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Commit, type ReasonCode, userError } from '../../model/index.ts';
import { failed, type GitResult, runGit } from './git.ts';
import { type RawDifference, splitDifferences, splitNames, splitRaw } from './names.ts';
import type { Repository } from './repository.ts';
import type { Trees } from './trees.ts';

/**
 * Every difference between two trees: both sides of a rename, changes of type and mode, submodules. Nothing here looks
 * into a file, so no setting and no attribute has a say.
 */
const HOW = ['-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none'];
const DIFF = ['diff', ...HOW];
/** Many comparisons at once, of pairs of trees by their ids (git-diff-tree(1), `--stdin`). */
const DIFF_MANY = ['diff-tree', '-r', '--stdin', '--raw', '--no-abbrev', ...HOW];

/** Where the submodules of a repository are told (gitmodules(5)). */
const MODULES = '.gitmodules';

type Paths = readonly string[];

/** Compares trees of commits. What is not in the clone is fetched when a comparison has failed for it. */
export class Differences {
  readonly #repository: Repository;
  readonly #trees: Trees;
  /** Comparisons that were begun before anyone asked, by base and head; undefined: it has to be made anew. */
  readonly #begun = new Map<string, Promise<Paths | undefined>>();

  constructor(repository: Repository, trees: Trees) {
    this.#repository = repository;
    this.#trees = trees;
  }

  /** Begins comparisons, in one process however many they are. Whoever asks gets the errors; nobody has to ask. */
  begin(bases: readonly Commit[], head: Commit): void {
    const [only] = bases;
    if (only === undefined) return;
    if (bases.length === 1) this.#keep(only, head, this.#tryOnce(only, head));
    else {
      const all = this.#compareAll(bases, head);
      for (const base of bases)
        this.#keep(
          base,
          head,
          all.then((found) => found?.get(base)),
        );
    }
  }

  /** Paths that differ. Throws `base-unknown` when the base cannot be had, `git-failed` when the head cannot. */
  async between(base: Commit, head: Commit): Promise<Paths> {
    const key = `${base} ${head}`;
    const begun = this.#begun.get(key);
    this.#begun.delete(key);
    const first = await (begun ?? this.#tryOnce(base, head));
    if (first !== undefined) return first;
    // Something is not here: the commits, or (in a clone with `--filter=tree:0`) folders of theirs.
    const [baseThere, headThere] = await Promise.all([this.#trees.obtain(base), this.#trees.obtain(head)]);
    if (!headThere) throw lost('git-failed', head);
    if (!baseThere) throw lost('base-unknown', base);
    const second = await this.#tryOnce(base, head);
    if (second !== undefined) return second;
    await this.#trees.complete([base, head]);
    const third = await this.#diff(base, head);
    if (third.status !== 0) throw failed(DIFF, third);
    return await this.#named(base, head, third.stdout);
  }

  #keep(base: Commit, head: Commit, paths: Promise<Paths | undefined>): void {
    paths.catch(() => undefined);
    this.#begun.set(`${base} ${head}`, paths);
  }

  /** undefined when git cannot compare the two. */
  async #tryOnce(base: Commit, head: Commit): Promise<Paths | undefined> {
    const result = await this.#diff(base, head);
    return result.status === 0 ? await this.#named(base, head, result.stdout) : undefined;
  }

  /**
   * The names that git gave. Only where there are submodules it is asked for modes too, which tell one that has moved from
   * a file.
   */
  async #named(base: Commit, head: Commit, names: Buffer): Promise<Paths> {
    const changed = splitNames(names);
    if (!this.#hasModules(changed)) return changed;
    const raw = await this.#diff(base, head, '--raw');
    if (raw.status !== 0) throw failed(DIFF, raw);
    return splitRaw(raw.stdout).map(pathOf);
  }

  #hasModules(changed: Paths): boolean {
    return changed.includes(MODULES) || existsSync(join(this.#repository.root, MODULES));
  }

  #diff(base: Commit, head: Commit, form: '--name-only' | '--raw' = '--name-only'): Promise<GitResult> {
    const args = [...DIFF, form, '--end-of-options', `${base}^{tree}`, `${head}^{tree}`, '--'];
    return runGit(this.#repository.view(), args);
  }

  /** undefined where not all can be compared like this. */
  async #compareAll(bases: readonly Commit[], head: Commit): Promise<ReadonlyMap<Commit, Paths> | undefined> {
    const [to, ...from] = await this.#trees.idsOf([head, ...bases]);
    const known = bases.flatMap((base, index) => {
      const tree = from[index];
      return tree === undefined ? [] : [{ base, pair: `${tree} ${to}` }];
    });
    if (to === undefined || known.length === 0) return undefined;
    const compare = async () => {
      const pairs = known.map(({ pair }) => pair);
      const result = await runGit(this.#repository.view(), DIFF_MANY, `${pairs.join('\n')}\n`);
      return result.status === 0 ? splitDifferences(result.stdout, pairs) : undefined;
    };
    const first = await compare();
    if (first === undefined) await this.#trees.complete([head, ...bases]);
    const found = first ?? (await compare());
    return found && new Map(known.map(({ base }, index) => [base, this.#pathsOf(found[index] ?? [])]));
  }

  /** The same as {@link #named} gives for one base. */
  #pathsOf(differences: readonly RawDifference[]): Paths {
    const changed = differences.map(({ path }) => path);
    return this.#hasModules(changed) ? differences.map(pathOf) : changed;
  }
}

const pathOf = ({ path, isSubmodule }: RawDifference): string => (isSubmodule ? `${path}/` : path);

const lost = (code: ReasonCode, commit: Commit): Error =>
  userError(code, `Commit ${commit} is not in this clone, and the remote does not give it.`, {
    remedy: 'Run actions/checkout before this step, on the commit that the run is about.',
  });
