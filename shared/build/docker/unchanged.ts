import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { type DockerFacts, type FileFact, readIgnore } from '../../image/index.ts';
import { canonicalJson, type UnchangedFile, userError } from '../../model/index.ts';
import { listContext } from '../files.ts';

/** A file that was changed less than this before the facts were gathered counts as changed: clocks of disks are coarse. */
const COARSE_MS = 1_000;
/** Digits of an id of git's in a repository of SHA-1. */
const SHA1_DIGITS = 40;

/**
 * The builder has read the context after its key was made of it, so both must be the same: called when the build is done.
 * Only what the disk says has changed since is read again. Throws `build-failed` with the first file that differs.
 */
export async function mustBeUnchanged({ context, dockerfile, service, now }: DockerFacts): Promise<void> {
  const before = new Map(context.files.map((it) => [it.path, it] as const));
  const known = (path: string): UnchangedFile | undefined => {
    const fact = before.get(path);
    if (fact === undefined || fact.mode === '040000') return undefined;
    const changed = lstatSync(join(context.source, path), { throwIfNoEntry: false })?.ctimeMs ?? now;
    return changed < now - COARSE_MS ? { mode: fact.mode, id: fact.hash } : undefined;
  };
  const after = await listContext(context.source, context.source, {
    ignore: readIgnore(context.ignore, '.dockerignore'),
    format: dockerfile.hash.length === SHA1_DIGITS ? 'sha1' : 'sha256',
    known,
  });
  const path = firstDifference(before, after);
  if (path === undefined) return;
  throw userError('build-failed', `${path} in the context of ${service} changed while the image was being built.`, {
    remedy: 'Let the steps that write it end before this one, or leave it out by `.dockerignore`.',
  });
}

function firstDifference(before: ReadonlyMap<string, FileFact>, after: readonly FileFact[]): string | undefined {
  const now = new Map(after.map((it) => [it.path, it] as const));
  const paths = [...new Set([...before.keys(), ...now.keys()])];
  return paths.find((path) => canonicalJson(before.get(path)) !== canonicalJson(now.get(path)));
}
