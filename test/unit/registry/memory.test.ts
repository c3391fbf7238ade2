import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { worldsOfTests } from '../../support/registry-world.ts';

const start = worldsOfTests();
const MiB = 1024 * 1024;
const SIZE = 256 * MiB;
/**
 * Beyond what the process needs for a push of a few bytes, in MiB. What comes from the network is garbage at once, which
 * is collected late: reading a body with nothing but `fetch` makes a process grow by 120 MiB, however long the body is.
 */
const MAY_GROW = { push: 80, copy: 160 };
const PROGRAM = fileURLToPath(new URL('../../support/push-file.ts', import.meta.url));

test.each(['push', 'copy'] as const)(
  '%s: a blob of 256 MiB streams; memory does not grow with it',
  async (mode) => {
    const world = await start();
    const file = join(world.directory, 'zeros');
    const sparse = await open(file, 'w');
    await sparse.truncate(SIZE);
    await sparse.close();
    const push = async (...args: string[]) =>
      JSON.parse((await promisify(execFile)(process.execPath, [PROGRAM, ...args])).stdout);
    const digest = zeros(SIZE);
    const pushed = await push('push', world.at('a'), file, digest);
    const last = mode === 'copy' ? await push('copy', world.at('a'), file, digest, world.at('b')) : pushed;
    expect(last).toMatchObject({ done: 'uploaded', retries: 0 });
    expect(last.grew).toBeLessThan(MAY_GROW[mode]);
    await rm(file);
  },
  120_000,
);

function zeros(size: number): string {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(MiB);
  for (let at = 0; at < size; at += MiB) hash.update(piece);
  return `sha256:${hash.digest('hex')}`;
}
