import type { Requires } from '../package.ts';
import { nameOf } from '../paths.ts';
import type { LockGraph } from './lock-graph.ts';
import { parsePackageLock } from './package-lock.ts';

export { LockComparison } from './comparison.ts';
export type { LockGraph } from './lock-graph.ts';

/** @param requires what the packages of the repository ask for, by their folders */
type ParseLock = (text: string, requires: ReadonlyMap<string, Requires>) => LockGraph | undefined;

/** Lock files, and settings of a root, that are compared entry by entry, by name. A parser gives undefined for a format that it does not know. */
const LOCKS: Readonly<Record<string, () => Promise<ParseLock>>> = {
  'package-lock.json': async () => parsePackageLock,
  'npm-shrinkwrap.json': async () => parsePackageLock,
  'pnpm-lock.yaml': async () => (await import('./pnpm-lock.ts')).parsePnpmLock,
  'package.json': async () => (await import('./settings.ts')).parseRootManifest,
  'pnpm-workspace.yaml': async () => (await import('./settings.ts')).parsePnpmSettings,
  'yarn.lock': async () => (await import('./yarn-lock.ts')).parseYarnLock,
};

/** Reads a lock file, with folders as from the root of the repository; undefined when it is not in a format that is known. */
export async function parseLock(
  path: string,
  text: string,
  requires: ReadonlyMap<string, Requires>,
): Promise<LockGraph | undefined> {
  const parse = await LOCKS[nameOf(path)]?.();
  try {
    return parse?.(text, requires);
  } catch {
    // Whatever a parser has against it: then it counts as a whole.
    return undefined;
  }
}
