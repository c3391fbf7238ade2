import { resolve } from 'node:path';
import type { Commit } from '../../model/index.ts';
import { isCommit } from '../../model/index.ts';
import { systemClock } from '../clock.ts';
import type { Setting } from './environment.ts';
import { type GitPlace, type GitResult, runGit } from './git.ts';
import { once } from './once.ts';
import type { Places } from './options.ts';
import { askRemote } from './remote.ts';

/** Settings of a clone that say where its remote is and how to reach it. */
const WAYS = '^(remote\\..*\\.url|url\\..*\\.insteadof|http\\..*|core\\.sshcommand|credential\\..*)$';
const PATIENCE = { clock: systemClock, random: Math.random };

interface Way {
  readonly url: string;
  readonly settings: readonly Setting[];
}

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

async function wayOf(root: string, place: GitPlace): Promise<Way | undefined> {
  const result = await runGit(place, ['config', '-z', '--get-regexp', WAYS]);
  const all = result.stdout.toString('utf8').split('\0').filter(Boolean).map(parseSetting);
  const urls = all.filter(([key]) => key.startsWith('remote.'));
  const url = (urls.find(([key]) => key === 'remote.origin.url') ?? urls[0])?.[1];
  if (url === undefined) return undefined;
  return { url: absolute(root, url), settings: all.filter(([key]) => !key.startsWith('remote.')) };
}

function parseSetting(text: string): Setting {
  const end = text.indexOf('\n');
  return end < 0 ? [text, 'true'] : [text.slice(0, end), text.slice(end + 1)];
}

/** A path is relative to the clone; `scheme://…` and `host:path` stay as they are. */
function absolute(root: string, url: string): string {
  return /^[^/]*:/.test(url) ? url : resolve(root, url);
}
