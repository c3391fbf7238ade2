import { resolve } from 'node:path';
import type { Setting } from './environment.ts';
import { type GitPlace, runGit } from './git.ts';

/** Settings of a clone that say where its remotes are and how to reach them. */
const WAYS = '^(remote\\..*\\.url|url\\..*\\.insteadof|http\\..*|core\\.sshcommand|credential\\..*)$';

/** Where a remote is, and the settings that git needs on the way there. */
export interface Way {
  readonly url: string;
  readonly settings: readonly Setting[];
}

/**
 * The way that a clone has to one of its remotes; undefined when it has none of this name.
 *
 * @param name default: `origin`, or the first where there is no such
 */
export async function wayOf(root: string, place: GitPlace, name?: string): Promise<Way | undefined> {
  const result = await runGit(place, ['config', '-z', '--get-regexp', WAYS]);
  const all = result.stdout.toString('utf8').split('\0').filter(Boolean).map(parseSetting);
  const urls = all.filter(([key]) => key.startsWith('remote.'));
  const named = urls.find(([key]) => key === `remote.${name ?? 'origin'}.url`);
  const url = (named ?? (name === undefined ? urls[0] : undefined))?.[1];
  if (url === undefined) return undefined;
  return { url: absolute(root, url), settings: all.filter(([key]) => !key.startsWith('remote.')) };
}

/** A path is relative to the clone; `scheme://…` and `host:path` stay as they are. */
export function absolute(root: string, url: string): string {
  return /^[^/]*:/.test(url) ? url : resolve(root, url);
}

function parseSetting(text: string): Setting {
  const end = text.indexOf('\n');
  return end < 0 ? [text, 'true'] : [text.slice(0, end), text.slice(end + 1)];
}
