import { type Commit, type Relation, type Succession, tagPrefix } from '../../model/index.ts';
import { type GitPlace, runGit } from './git.ts';
import type { Repository } from './repository.ts';

/** Each question about history that the clone cannot answer costs one fetch of commits at most; all of them, this many. */
const MAX_FETCHES = 4;
/** Only the newest tags are compared; an older one is no nearer. */
const MAX_TAGS = 64;

interface FoundTag {
  readonly tag: string;
  readonly commit: Commit;
}

/** How commits lie to each other, whether the clone has the history or it must be fetched. */
export class History {
  readonly #repository: Repository;
  #fetches = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  async relation(from: Commit, to: Commit): Promise<Relation> {
    if (from === to) return 'same';
    const { clone, shallow } = this.#repository;
    const seen = await relationIn(clone, from, to);
    // Where history is cut off, what is seen of it is true, and what is not seen says nothing.
    if (seen === 'ahead' || seen === 'behind' || (seen === 'diverged' && !shallow)) return seen;
    return (await this.#elsewhere([from, to], [], (place) => relationIn(place, from, to))) ?? 'unknown';
  }

  async mergeBase(a: Commit, b: Commit): Promise<Commit | undefined> {
    if (a === b) return a;
    const { clone, shallow } = this.#repository;
    if (shallow) {
      const seen = await relationIn(clone, a, b);
      if (seen === 'ahead') return a;
      if (seen === 'behind') return b;
    } else {
      const found = await mergeBaseIn(clone, a, b);
      if (found !== undefined) return found.commit;
    }
    return (await this.#elsewhere([a, b], [], (place) => mergeBaseIn(place, a, b)))?.commit;
  }

  async successors(commit: Commit, tip: Commit, limit: number): Promise<Succession | undefined> {
    if (commit === tip) return { commits: [], rewritten: false };
    const { clone, shallow } = this.#repository;
    const ask = (place: GitPlace) => successorsIn(place, commit, tip, limit);
    // Where history is cut off, commits of long ago would look as if they came after.
    const seen = shallow ? undefined : await ask(clone);
    return seen ?? (await this.#elsewhere([commit, tip], [], ask));
  }

  async previousTag(prefix: string, before: Commit): Promise<FoundTag | undefined> {
    const { clone, shallow } = this.#repository;
    const found = shallow ? undefined : await nearestTag(clone, prefix, before);
    if (found !== undefined) return found;
    const refspec = `+refs/tags/${prefix}*:refs/tags/${prefix}*`;
    return await this.#elsewhere([before], [refspec], (place) => nearestTag(place, prefix, before));
  }

  /** Asks a repository of our own that has all commits, filling it first when it cannot answer. One question at a time. */
  #elsewhere<Answer>(
    commits: readonly Commit[],
    refspecs: readonly string[],
    ask: (place: GitPlace) => Promise<Answer | undefined>,
  ): Promise<Answer | undefined> {
    const answer = this.#queue.then(async () => {
      const directory = this.#repository.history();
      const place = this.#repository.bare(directory);
      const known = this.#fetches > 0 && refspecs.length === 0 ? await ask(place) : undefined;
      if (known !== undefined || this.#fetches >= MAX_FETCHES) return known;
      this.#fetches += 1;
      const wants = [...commits.map((commit) => `+${commit}:refs/wanted/${commit}`), ...refspecs];
      const fetched = await this.#repository.origin.fetch(directory, ['--filter=tree:0'], wants);
      return fetched?.status === 0 ? await ask(place) : undefined;
    });
    this.#queue = answer.catch(() => undefined);
    return answer;
  }
}

/** undefined: git does not know one of them. */
async function relationIn(place: GitPlace, from: Commit, to: Commit): Promise<Relation | undefined> {
  const args = ['rev-list', '--left-right', '--count', '--end-of-options', `${from}...${to}`];
  const result = await runGit(place, args);
  const match = /^(\d+)\t(\d+)/.exec(result.stdout.toString('utf8'));
  if (result.status !== 0 || match === null) return undefined;
  const [, only = '', others = ''] = match;
  if (only === '0') return others === '0' ? 'same' : 'ahead';
  return others === '0' ? 'behind' : 'diverged';
}

/** undefined: git does not know one of them. */
async function successorsIn(
  place: GitPlace,
  commit: Commit,
  tip: Commit,
  limit: number,
): Promise<Succession | undefined> {
  const relation = await relationIn(place, commit, tip);
  if (relation === undefined) return undefined;
  const args = ['rev-list', '--first-parent', `--max-count=${limit}`, '--end-of-options', tip, `^${commit}`];
  const result = await runGit(place, args);
  if (result.status !== 0) return undefined;
  const commits = result.stdout.toString('utf8').split('\n').filter(Boolean);
  return { commits, rewritten: relation !== 'ahead' };
}

/** undefined: git does not know one of them. An answer without a commit: they have nothing in common. */
async function mergeBaseIn(
  place: GitPlace,
  a: Commit,
  b: Commit,
): Promise<{ readonly commit: Commit | undefined } | undefined> {
  const result = await runGit(place, ['merge-base', '--end-of-options', a, b]);
  if (result.status === 1) return { commit: undefined };
  return result.status === 0 ? { commit: result.stdout.toString('utf8').trim() } : undefined;
}

/**
 * The nearest tag: one in the history of the commit (not at it) from which no other such tag can be reached. On parallel
 * lines of history that is several; then the newest.
 */
async function nearestTag(place: GitPlace, prefix: string, before: Commit): Promise<FoundTag | undefined> {
  const format = '--format=%(refname:lstrip=2)%00%(objectname)%00%(*objectname)';
  const sorted = ['for-each-ref', '--sort=-creatordate', `--merged=${before}`, format, 'refs/tags/'];
  const listed = await runGit(place, sorted);
  if (listed.status !== 0) return undefined;
  const tags = listed.stdout.toString('utf8').split('\n').filter(Boolean).map(parseTag);
  const wanted = tags.filter((it) => tagPrefix(it.tag) === prefix && it.commit !== before).slice(0, MAX_TAGS);
  const commits = [...new Set(wanted.map((it) => it.commit))];
  const nearest = commits.length < 2 ? commits[0] : await newestTip(place, commits);
  return wanted.find((it) => it.commit === nearest);
}

function parseTag(line: string): FoundTag {
  const [tag = '', id = '', peeled = ''] = line.split('\0');
  return { tag, commit: peeled === '' ? id : peeled };
}

async function newestTip(place: GitPlace, commits: readonly Commit[]): Promise<Commit | undefined> {
  const independent = await runGit(place, ['merge-base', '--independent', ...commits]);
  const tips = independent.stdout.toString('utf8').split('\n').filter(Boolean);
  if (tips.length < 2) return tips[0];
  const sorted = await runGit(place, ['rev-list', '--no-walk=sorted', ...tips]);
  return sorted.stdout.toString('utf8').split('\n', 1)[0];
}
