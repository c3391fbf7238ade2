import { type Commit, isCommit, userError } from '../../model/index.ts';
import { headsOf, objectsOf } from './objects.ts';
import type { Repository } from './repository.ts';

/** A remote that has lost a commit names one at a time; after so many the rest counts as lost too. */
const MAX_ROUNDS = 8;
/** Files that are not in the clone are fetched in large steps, a few for each base; more than this are a mistake of the caller. */
const MAX_FILE_FETCHES = 256;
/** Larger files are no configuration. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

interface Waiting {
  readonly commit: Commit;
  readonly answer: (there: boolean) => void;
  readonly fail: (thrown: unknown) => void;
}

/** Trees and files of commits, whether the clone has them or they must be fetched. */
export class Trees {
  readonly #repository: Repository;
  readonly #asked = new Map<Commit, Promise<boolean>>();
  readonly #fetched = new Set<Commit>();
  /** Ids of the trees of commits, as far as they were seen. */
  readonly #ids = new Map<Commit, string>();
  #waiting: Waiting[] = [];
  #fileFetches = 0;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /**
   * Whether the tree of a commit can be read, after fetching it if need be: once, at depth 1, without files. Commits that
   * are asked for together are fetched together.
   */
  obtain(commit: Commit): Promise<boolean> {
    if (!isCommit(commit)) return Promise.resolve(false);
    const known = this.#asked.get(commit);
    if (known !== undefined) return known;
    const answer = new Promise<boolean>((resolve, reject) => {
      this.#waiting.push({ commit, answer: resolve, fail: reject });
    });
    if (this.#waiting.length === 1) queueMicrotask(() => void this.#answerAll());
    this.#asked.set(commit, answer);
    return answer;
  }

  /** The ids of the trees of commits, in order; undefined where there is none. */
  async idsOf(commits: readonly Commit[]): Promise<readonly (string | undefined)[]> {
    const unseen = commits.filter((commit) => !this.#ids.has(commit));
    if (unseen.length > 0) await this.#missing(unseen);
    return commits.map((commit) => this.#ids.get(commit));
  }

  /** Fetches whole trees of commits whose own tree is here, but perhaps not all that is in it; not those that were just fetched. */
  async complete(commits: readonly Commit[]): Promise<void> {
    const partial = commits.filter((commit) => !this.#fetched.has(commit));
    if (partial.length > 0) await this.#fetch(partial);
  }

  async #fetch(commits: readonly Commit[]): Promise<void> {
    const { origin, trees } = this.#repository;
    const directory = trees();
    let wanted = commits;
    for (let round = 1; round <= MAX_ROUNDS && wanted.length > 0; round++) {
      // A remote that cannot leave files out says so in a warning and sends them; that is right, only slower.
      const result = await origin.fetch(directory, ['--depth=1', '--filter=blob:none'], wanted);
      if (result?.status === 0) for (const commit of wanted) this.#fetched.add(commit);
      if (result === undefined || result.status === 0) return;
      const left = wanted.filter((commit) => !result.words.includes(commit));
      if (left.length === wanted.length) return;
      wanted = left;
    }
  }

  /** The bytes of files by their ids; those that the clone does not have are fetched in one step. Larger ones are left out. */
  async files(ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    const view = this.#repository.view();
    const heads = await headsOf(view, ids);
    const missing = ids.filter((_, index) => heads[index] === undefined);
    if (missing.length > 0) await this.#fetchFiles(missing);
    const objects = await objectsOf(view, ids, MAX_FILE_BYTES, missing.length > 0 ? undefined : heads);
    return new Map(objects.flatMap((it) => (it === undefined ? [] : [[it.id, it.bytes] as const])));
  }

  async #fetchFiles(ids: readonly string[]): Promise<void> {
    this.#fileFetches += 1;
    if (this.#fileFetches > MAX_FILE_FETCHES) {
      throw userError('git-failed', `More than ${MAX_FILE_FETCHES} fetches were needed to read files of old commits.`);
    }
    const { origin, trees } = this.#repository;
    await origin.fetch(trees(), ['--filter=blob:none'], ids);
  }

  async #answerAll(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const commits = waiting.map((it) => it.commit);
      const missing = await this.#missing(commits);
      if (missing.length > 0) await this.#fetch(missing);
      const doubtful = missing.filter((commit) => !this.#fetched.has(commit));
      const lost = new Set(doubtful.length === 0 ? [] : await this.#missing(doubtful));
      for (const { commit, answer } of waiting) answer(!lost.has(commit));
    } catch (thrown) {
      for (const { fail } of waiting) fail(thrown);
    }
  }

  async #missing(commits: readonly Commit[]): Promise<readonly Commit[]> {
    const view = this.#repository.view();
    const heads = await headsOf(
      view,
      commits.map((commit) => `${commit}^{tree}`),
    );
    for (const [index, commit] of commits.entries()) {
      const id = heads[index]?.id;
      if (id !== undefined) this.#ids.set(commit, id);
    }
    return commits.filter((_, index) => heads[index] === undefined);
  }
}
