import { type Commit, mapBounded, userError } from '../../model/index.ts';
import { explain, isStatus, type Octokit } from './octokit.ts';

/** What one answer of `compare` lists at most; a list of this length may be cut off. */
const COMPARE_LIMIT = 300;
/** What GitHub lists of a pull request at most (https://docs.github.com/rest/pulls/pulls#list-pull-requests-files). */
const PULL_LIMIT = 3_000;
const PAGE = 100;
const PAGES_AT_ONCE = 8;

interface Where {
  readonly owner: string;
  readonly repo: string;
}

/** One file or folder of a tree. */
export interface TreeEntry {
  readonly path: string;
  /** As git has it: `100644`, `120000`, … */
  readonly mode: string;
  readonly type: string;
  readonly id: string;
  readonly size: number;
}

/** A comparison from the merge base of two commits. */
export interface FromMergeBase {
  readonly mergeBase: Commit;
  /** undefined: the list may be cut off. */
  readonly paths: readonly string[] | undefined;
}

interface ChangedFile {
  readonly filename: string;
  readonly previous_filename?: string;
}

/** Both sides of a rename. */
const pathsOf = (files: readonly ChangedFile[]): readonly string[] => [
  ...new Set(
    files.flatMap((it) => [it.filename, ...(it.previous_filename === undefined ? [] : [it.previous_filename])]),
  ),
];

/** What GitHub's REST API says of the commits of one repository. Needs `contents: read`, for pull requests `pull-requests: read`. */
export class GitHubSource {
  readonly #octokit: Octokit;
  readonly #where: Where;

  constructor(octokit: Octokit, where: Where) {
    this.#octokit = octokit;
    this.#where = where;
  }

  /** The commit of a branch, a tag or an id; undefined when there is none. */
  async commit(ref: string): Promise<Commit | undefined> {
    const name = ref.replace(/^refs\//, '');
    const ask = () => this.#octokit.rest.repos.getCommit({ ...this.#where, ref: name, per_page: 1 });
    return (await this.#orAbsent(ask, `give the commit of ${name}`, 422))?.data.sha;
  }

  /** What `head` has that `base` has not: one request. undefined when GitHub does not have both, or they have nothing in common. */
  async compare(base: Commit, head: Commit): Promise<FromMergeBase | undefined> {
    const basehead = `${base}...${head}`;
    // One commit: all that is of interest comes with the first page.
    const ask = () =>
      this.#octokit.rest.repos.compareCommitsWithBasehead({ ...this.#where, basehead, per_page: 1, page: 1 });
    const answer = await this.#orAbsent(ask, `compare ${basehead}`);
    if (answer === undefined) return undefined;
    const { merge_base_commit: mergeBase, files } = answer.data;
    const isWhole = files !== undefined && files.length < COMPARE_LIMIT;
    return { mergeBase: mergeBase.sha, paths: isWhole ? pathsOf(files) : undefined };
  }

  /**
   * All files of a pull request. Throws `base-unknown` when GitHub does not list all of them.
   *
   * @param count as the event has it; undefined: not told, so that pages are asked for until one is not full
   */
  async pullFiles(number: number, count: number | undefined): Promise<readonly string[]> {
    refuseLargePull(number, count);
    const files = count === undefined ? await this.#pagesToTheEnd(number) : await this.#pages(number, count);
    const isShort = files.length >= PULL_LIMIT && count === undefined;
    if (isShort || files.length < (count ?? 0)) throw cutOff(number, files.length, count);
    return pathsOf(files);
  }

  /** Everything in a tree; undefined when GitHub does not have the commit, or does not give all of it. */
  async tree(commit: Commit): Promise<readonly TreeEntry[] | undefined> {
    const ask = () => this.#octokit.rest.git.getTree({ ...this.#where, tree_sha: commit, recursive: '1' });
    const answer = await this.#orAbsent(ask, `give the tree of ${commit}`, 422);
    if (answer === undefined || answer.data.truncated) return undefined;
    return answer.data.tree.map(({ path, mode, type, sha, size }) => ({ path, mode, type, id: sha, size: size ?? 0 }));
  }

  /** The text of a file by its id. */
  async text(id: string): Promise<string> {
    try {
      const { data } = await this.#octokit.rest.git.getBlob({ ...this.#where, file_sha: id });
      return Buffer.from(data.content, data.encoding === 'base64' ? 'base64' : 'utf8').toString('utf8');
    } catch (error) {
      throw refused(error, `give the file ${id}`);
    }
  }

  async #pages(number: number, count: number): Promise<readonly ChangedFile[]> {
    const pages = Array.from({ length: Math.max(1, Math.ceil(count / PAGE)) }, (_, index) => index + 1);
    return (await mapBounded(pages, PAGES_AT_ONCE, (page) => this.#page(number, page))).flat();
  }

  async #pagesToTheEnd(number: number): Promise<readonly ChangedFile[]> {
    const files: ChangedFile[] = [];
    for (let page = 1; page <= PULL_LIMIT / PAGE; page++) {
      const more = await this.#page(number, page);
      files.push(...more);
      if (more.length < PAGE) break;
    }
    return files;
  }

  async #page(number: number, page: number): Promise<readonly ChangedFile[]> {
    try {
      const request = { ...this.#where, pull_number: number, per_page: PAGE, page };
      return (await this.#octokit.rest.pulls.listFiles(request)).data;
    } catch (error) {
      throw refused(error, `list the files of pull request ${number}`);
    }
  }

  async #orAbsent<Answer>(
    ask: () => Promise<Answer>,
    what: string,
    ...alsoAbsent: readonly number[]
  ): Promise<Answer | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (isStatus(error, 404, ...alsoAbsent)) return undefined;
      throw refused(error, what);
    }
  }
}

/** Not an error of the step: what GitHub does not say is not known. */
const refused = (error: unknown, what: string): Error => {
  const { message } = explain(error, what, NEEDS);
  return userError('base-unknown', `${message}.`, { remedy: WITH_CHECKOUT, cause: error });
};

/** Rights that the requests here need. */
const NEEDS = 'contents: read` and `pull-requests: read';

const WITH_CHECKOUT = 'Run actions/checkout before this step: then git is asked, which has no such limits.';

/** Throws `base-unknown`, before anything is asked, for a pull request of more files than GitHub lists. */
export function refuseLargePull(number: number, count: number | undefined): void {
  if (count === undefined || count <= PULL_LIMIT) return;
  const sentence = `pull request ${number} changes ${count} files, and GitHub lists no more than ${PULL_LIMIT} of them.`;
  throw userError('base-unknown', sentence, { remedy: WITH_CHECKOUT });
}

function cutOff(number: number, listed: number, count: number | undefined): Error {
  const whole = count === undefined ? 'which may have more' : `which has ${count}`;
  const sentence = `GitHub lists ${listed} files of pull request ${number}, ${whole}.`;
  return userError('base-unknown', sentence, { remedy: WITH_CHECKOUT });
}
