import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Clock,
  type Commit,
  once,
  type Random,
  type StreamChange,
  type StreamCommit,
  type StreamStore,
  userError,
} from '../../model/index.ts';
import { type GitPlace, type GitResult, runGit } from './git.ts';
import { nameOf } from './late-store.ts';
import { headsOf } from './objects.ts';
import { type GitOptions, ownFolder, type Places, placesOf } from './options.ts';
import { parseRefs } from './origin.ts';
import { hints, makeCommit, pushArguments, pushVerdict, refusal } from './push.ts';
import { askRemote, NETWORK_ATTEMPTS, pause } from './remote.ts';
import { makeBare } from './scratch.ts';
import { chainsOf, readCommits, refsFetched } from './stream-reading.ts';
import { absolute, type Way, wayOf } from './way.ts';

export interface StreamStoreOptions extends GitOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** A clone whose remotes may be named, and whose ways to them (headers, proxies, keys) are used; none is needed. */
  readonly clone?: string | undefined;
}

/** Commits of tips that are kept in memory; beyond that they are read again. */
const MAX_REMEMBERED = 10_000;

type Appended = Awaited<ReturnType<StreamStore['append']>>;
/** What the remote says about a commit whose push had no clear end. */
type Arrival = 'arrived' | 'open' | 'moved' | 'unknown';

/**
 * The remote that keeps the ledger.
 *
 * @param remote URL or path; with `options.clone` also the name of one of its remotes
 */
export function openStreamStore(remote: string, options: StreamStoreOptions): StreamStore {
  return new GitStreamStore(remote, options);
}

class GitStreamStore implements StreamStore {
  readonly name: string;
  readonly #options: StreamStoreOptions;
  readonly #places: Places;
  readonly #way: () => Promise<Way>;
  /** The newest commit of each stream. */
  readonly #tips: OwnRepository;
  /** Whole streams. A repository of its own: one that is cut off can't be told from a stream that begins there. */
  readonly #whole: OwnRepository;
  /** Commits that were read or written here: they never change, so that a tip which did not move is not read again. */
  readonly #known = new Map<Commit, StreamCommit>();
  #commits = 0;

  constructor(remote: string, options: StreamStoreOptions) {
    const credentials = /^[a-z][a-z0-9+.-]*:\/\/([^/@]+)@/i.exec(remote)?.[1];
    this.name = nameOf(remote);
    this.#options = options;
    this.#places = placesOf(options, credentials === undefined ? [] : credentials.split(':'));
    this.#way = once(() => this.#findWay(remote));
    const folder = once(async () => ownFolder(options));
    this.#tips = new OwnRepository(async () => makeBare(join(await folder(), 'tips.git'), 'sha1'));
    this.#whole = new OwnRepository(async () => makeBare(join(await folder(), 'whole.git'), 'sha1'));
  }

  async tips(prefixes: readonly string[]): Promise<ReadonlyMap<string, StreamCommit>> {
    const { place, refs } = await this.#fetch(this.#tips, ['--depth=1'], prefixes);
    await this.#learn(place, new Set(refs.map(([, id]) => id)));
    return new Map(refs.flatMap(([ref, id]) => pair(ref, this.#known.get(id))));
  }

  async #learn(place: GitPlace, ids: ReadonlySet<Commit>): Promise<void> {
    if (this.#known.size > MAX_REMEMBERED) this.#known.clear();
    const unknown = [...ids].filter((id) => !this.#known.has(id));
    for (const [id, commit] of await readCommits(place, unknown)) this.#known.set(id, commit);
  }

  async histories(prefixes: readonly string[]): Promise<ReadonlyMap<string, readonly StreamCommit[]>> {
    const { place, refs } = await this.#fetch(this.#whole, [], prefixes);
    const chains = await chainsOf(
      place,
      refs.map(([, id]) => id),
    );
    const commits = await readCommits(place, [...new Set([...chains.values()].flat())]);
    return new Map(refs.map(([ref, id]) => [ref, (chains.get(id) ?? []).flatMap((it) => commits.get(it) ?? [])]));
  }

  async append(ref: string, change: StreamChange): Promise<Appended> {
    const directory = await this.#tips.directory();
    const place = this.#places.bare(directory);
    if (change.parent !== undefined && !(await this.#has(place, ref, change.parent))) return { kind: 'moved' };
    this.#commits += 1;
    const id = await makeCommit(place, `refs/appended/${this.#commits}`, change);
    this.#known.set(id, { id, parent: change.parent, files: change.files });
    return await this.#push(directory, ref, id, change.parent);
  }

  /** Pushes until the remote has the commit, or somebody else's; asks what became of each push that had no clear end. */
  async #push(directory: string, ref: string, id: Commit, parent: Commit | undefined): Promise<Appended> {
    const { url, settings } = await this.#way();
    let doubt = false;
    for (let attempt = 1; ; attempt++) {
      await pause(this.#options, attempt);
      const place = this.#places.online(directory, settings);
      const result = await runGit(place, pushArguments(url, ref, id, parent));
      const verdict = pushVerdict(result);
      if (verdict === 'written') return { kind: 'appended', id };
      if (verdict === 'refused') throw refusal(this.name, ref, result);
      if (verdict === 'moved' && !doubt) return { kind: 'moved' };
      doubt ||= verdict === 'doubtful';
      const arrival = await this.#arrival(ref, id, parent, doubt);
      if (arrival === 'arrived') return { kind: 'appended', id };
      if (arrival === 'moved') return { kind: 'moved' };
      if (attempt >= NETWORK_ATTEMPTS) throw this.#unavailable('could not be written', result);
    }
  }

  /** @param doubt whether a push of ours may have been written without our knowing */
  async #arrival(ref: string, id: Commit, parent: Commit | undefined, doubt: boolean): Promise<Arrival> {
    const { url, settings } = await this.#way();
    const place = this.#places.online(await this.#tips.directory(), settings);
    const asked = await runGit(place, ['ls-remote', '--quiet', url, ref]);
    if (asked.status !== 0) return 'unknown';
    const tip = new Map(parseRefs(asked.stdout.toString('utf8'))).get(ref);
    if (tip === id) return 'arrived';
    if (tip === parent) return 'open';
    if (tip === undefined || !doubt) return 'moved';
    // Another may have appended to our commit before we could look.
    const history = (await this.histories([ref])).get(ref) ?? [];
    return history.some((it) => it.id === id) ? 'arrived' : 'moved';
  }

  /** Whether the parent of a new commit is here, after one fetch if need be. */
  async #has(place: GitPlace, ref: string, parent: Commit): Promise<boolean> {
    const here = async () => (await headsOf(place, [parent]))[0] !== undefined;
    if (this.#known.has(parent) || (await here())) return true;
    await this.#fetch(this.#tips, ['--depth=1'], [ref]);
    return await here();
  }

  /** Brings refs into a repository of our own; those that the remote does not have (any more) are not among them. */
  async #fetch(repository: OwnRepository, options: readonly string[], prefixes: readonly string[]): Promise<Fetched> {
    const { url, settings } = await this.#way();
    return await repository.alone(async (directory) => {
      // A pattern that matches nothing is no error, an exact name is: so `refs/a` is asked for as `refs/a*`.
      const wanted = prefixes.map((prefix) => `+${prefix}*:${prefix}*\n`).join('');
      const args = ['fetch', '--quiet', '--no-tags', '--prune', '--no-auto-maintenance'];
      const place = this.#places.online(directory, settings);
      for (let attempt = 1; ; attempt++) {
        const result = await askRemote(place, [...args, ...options, '--stdin', url], this.#options, wanted);
        const offline = this.#places.bare(directory);
        if (result.status === 0) return { place: offline, refs: refsFetched(fetchHeadOf(directory), prefixes) };
        if (await this.#isEmpty(place, url, prefixes, result)) return { place: offline, refs: [] };
        // Silence, and yet there is something: it came between the two questions.
        if (!isSilent(result) || attempt >= NETWORK_ATTEMPTS) throw this.#unavailable('could not be read', result);
      }
    });
  }

  /** A fetch with a depth ends with status 1, and says nothing, where no ref matches: so the remote is asked whether that is it. */
  async #isEmpty(place: GitPlace, url: string, prefixes: readonly string[], fetched: GitResult): Promise<boolean> {
    if (!isSilent(fetched)) return false;
    const args = ['ls-remote', '--quiet', url, ...prefixes.map((prefix) => `${prefix}*`)];
    const listed = await askRemote(place, args, this.#options);
    return listed.status === 0 && listed.stdout.length === 0;
  }

  async #findWay(remote: string): Promise<Way> {
    const { clone } = this.#options;
    if (clone === undefined) return { url: absolute('.', remote), settings: [] };
    const place = this.#places.workTree(clone);
    const named = await wayOf(clone, place, remote);
    if (named !== undefined) return named;
    if (/^[\w.-]+$/.test(remote)) {
      throw userError('ledger-unavailable', `The clone in ${clone} has no remote named ${remote}.`, {
        remedy: 'Name a remote of the clone, a URL or owner/repo under `ledger` in slipway.yml.',
      });
    }
    return { url: absolute(clone, remote), settings: (await wayOf(clone, place))?.settings ?? [] };
  }

  #unavailable(what: string, result: GitResult): Error {
    const words = hints(result.words).join('; ') || 'git said nothing';
    return userError('ledger-unavailable', `The ledger at ${this.name} ${what}: ${words}.`);
  }
}

/** What a fetch has brought, and where. */
interface Fetched {
  readonly place: GitPlace;
  readonly refs: readonly (readonly [ref: string, id: Commit])[];
}

/** Written by every fetch that brings something. */
const fetchHeadOf = (directory: string): string => readFileSync(join(directory, 'FETCH_HEAD'), 'utf8');

const isSilent = ({ status, words }: GitResult): boolean => status === 1 && words === '';

function pair(ref: string, commit: StreamCommit | undefined): readonly (readonly [string, StreamCommit])[] {
  return commit === undefined ? [] : [[ref, commit]];
}

/** A repository of our own into which one fetch goes at a time: git locks its list of cut-off commits and does not wait. */
class OwnRepository {
  readonly directory: () => Promise<string>;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(make: () => Promise<string>) {
    this.directory = once(make);
  }

  alone<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(async () => await work(await this.directory()));
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
