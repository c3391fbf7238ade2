import { type Commit, isCommit, once } from '../../model/index.ts';
import { systemClock } from '../clock.ts';
import type { GitResult } from './git.ts';
import type { Places } from './options.ts';
import { askRemote } from './remote.ts';
import { type Way, wayOf } from './way.ts';

const PATIENCE = { clock: systemClock, random: Math.random };

/**
 * The remote that a clone came from. It is reached as the clone itself would reach it (proxies, headers and keys of its
 * configuration are carried over), but nothing is ever written to the clone.
 */
export class Origin {
  readonly #places: Places;
  readonly #way: () => Promise<Way | undefined>;

  constructor(root: string, places: Places) {
    this.#places = places;
    this.#way = once(() => wayOf(root, places.workTree(root)));
  }

  /** Fetches into a repository of our own; `wants` are refspecs or ids. undefined when the clone has no remote. */
  async fetch(
    gitDirectory: string,
    options: readonly string[],
    wants: readonly string[],
  ): Promise<GitResult | undefined> {
    const way = await this.#way();
    if (way === undefined) return undefined;
    const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', ...options];
    const place = this.#places.online(gitDirectory, way.settings);
    return await askRemote(place, [...args, '--stdin', way.url], PATIENCE, `${wants.join('\n')}\n`);
  }

  /** The commit of a branch or tag of the remote; undefined when it has none of this name, or cannot be asked. */
  async lookUp(gitDirectory: string, name: string): Promise<Commit | undefined> {
    const way = await this.#way();
    if (way === undefined || !/^[^\s~^:?*[\\-][^\s~^:?*[\\]*$/.test(name)) return undefined;
    const refs = name.startsWith('refs/') ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`];
    // An annotated tag shows its commit under the name with `^{}`, which is the one to prefer.
    const wanted = refs.flatMap((ref) => [`${ref}^{}`, ref]);
    const place = this.#places.online(gitDirectory, way.settings);
    const result = await askRemote(place, ['ls-remote', '--quiet', way.url, ...wanted], PATIENCE);
    if (result.status !== 0) return undefined;
    const found = new Map(parseRefs(result.stdout.toString('utf8')));
    const id = wanted.map((ref) => found.get(ref)).find((it) => it !== undefined);
    return id !== undefined && isCommit(id) ? id : undefined;
  }
}

/** Lines of `git ls-remote`: id, tab, ref. */
export function parseRefs(output: string): readonly (readonly [ref: string, id: string])[] {
  return output
    .split('\n')
    .map((line) => line.split('\t'))
    .flatMap(([id, ref]) => (id !== undefined && ref !== undefined ? [[ref, id] as const] : []));
}
