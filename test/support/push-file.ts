import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { systemClock } from '../../shared/io/clock.ts';
import { openRegistry } from '../../shared/io/registry/index.ts';
import { isDigest, type ReplayableBody } from '../../shared/model/index.ts';

/*
 * A program: pushes a file as a blob and prints by how much its memory grew (resident, peak, in MiB) beyond what it needed
 * when it had pushed something small. `push-file.ts REPOSITORY FILE DIGEST`, and `copy` in front to read the blob back
 * from the repository and push it to another one.
 */

const MiB = 1024 * 1024;
const [mode = '', repository = '', file = '', digest = '', target = ''] = process.argv.slice(2);
if (!isDigest(digest)) throw new Error('no digest');
const client = openRegistry({ env: {}, fetch: globalThis.fetch, clock: systemClock, random: Math.random });
const { size } = await stat(file);
const small = new TextEncoder().encode('small');
const smallDigest = `sha256:${await sha(small)}`;
if (!isDigest(smallDigest)) throw new Error('no digest');
await client.pushBlob(repository, smallDigest, { size: small.length, open: () => one(small) });
const start = process.memoryUsage.rss();
const fromFile: ReplayableBody = { size, open: () => createReadStream(file) };
const fromRegistry: ReplayableBody = {
  size,
  open: async function* () {
    yield* await client.blob(repository, { digest, size });
  },
};
const done = await client.pushBlob(
  target === '' ? repository : target,
  digest,
  mode === 'copy' ? fromRegistry : fromFile,
);
console.log(
  JSON.stringify({ done, grew: process.resourceUsage().maxRSS / 1024 - start / MiB, retries: client.traffic.retries }),
);

async function sha(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
