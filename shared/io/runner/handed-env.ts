import type { Env } from './context.ts';

/**
 * Secrets that a reusable workflow hands to one step of it: it cannot know the names of its caller's secrets, so that one
 * secret holds them all, as the lines of a file for the runner's own GITHUB_ENV.
 */
const HANDED = 'SLIPWAY_ENV';
/** A shorter value would blank out ordinary words. */
const SHORTEST_SECRET = 8;

/**
 * The variables that `SLIPWAY_ENV` holds: `NAME=value` in a line, or `NAME<<END`, lines, `END`. Empty lines and those that
 * begin with `#` are left out, and so is what has no name of a variable.
 */
export function handedEnv(env: Env): Readonly<Record<string, string>> {
  const lines = (env[HANDED] ?? '').split(/\r?\n/);
  const found = new Map<string, string>();
  for (let at = 0; at < lines.length; at += 1) {
    const [, name = '', sign, rest = ''] = /^([A-Za-z_]\w*)(=|<<)(.*)$/.exec(lines[at] ?? '') ?? [];
    if (sign === '=') found.set(name, rest);
    const end = sign === '<<' ? lines.indexOf(rest, at + 1) : -1;
    if (end < 0) continue;
    found.set(name, lines.slice(at + 1, end).join('\n'));
    at = end;
  }
  return Object.fromEntries(found);
}

/** All of it came as a secret, so each value is one, whatever its name says. */
export const handedSecrets = (handed: Readonly<Record<string, string>>): readonly string[] =>
  Object.values(handed).filter((value) => value.length >= SHORTEST_SECRET);
