import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import type { Layout } from '../../../shared/build/index.ts';
import { pushLayout, SENT_AT_ONCE } from '../../../shared/build/push.ts';
import type { Around } from '../../../shared/demo/registry.ts';
import { compose, type Fault, once, requestIs, sha256 } from '../../support/registry-faults.ts';
import { OCI_MANIFEST, raw, worldsOfTests } from '../../support/registry-world.ts';

const start = worldsOfTests();
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A layout of one image on disk. */
async function layoutOf(layers: number): Promise<Layout> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-push-'));
  folders.push(directory);
  await mkdir(join(directory, 'blobs', 'sha256'), { recursive: true });
  const keep = async (bytes: Uint8Array, mediaType: string) => {
    const digest = sha256(bytes);
    await writeFile(join(directory, 'blobs', digest.replace(':', '/')), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const numbers = Array.from({ length: layers }, (_, number) => Buffer.alloc(5_000, `layer ${number}`));
  const list = await Promise.all(numbers.map((it) => keep(it, 'application/vnd.oci.image.layer.v1.tar')));
  const config = await keep(Buffer.from('{}'), 'application/vnd.oci.image.config.v1+json');
  const { bytes } = raw({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: list });
  const top = await keep(bytes, OCI_MANIFEST);
  return { directory, top, images: [{ manifest: top, config, layers: list }], borrowed: new Map() };
}

test('blobs are sent at the same time, and never more than the bound', async () => {
  let now = 0;
  let most = 0;
  const counting: Around = async (request, answer) => {
    if (request.method !== 'PUT') return answer();
    now += 1;
    most = Math.max(most, now);
    // Uploads wait for each other, until as many are under way as may be or nobody comes any more.
    for (let turn = 0; turn < 50 && now < SENT_AT_ONCE; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 1));
    const reply = await answer();
    now -= 1;
    return reply;
  };
  const { client, at, server } = await start({ around: counting });
  const layout = await layoutOf(20);
  expect(await pushLayout(client, at('a'), layout)).toMatchObject({ uploaded: 21, present: 0, mounted: 0 });
  expect(most).toBe(SENT_AT_ONCE);
  expect(server.uploads()).toBe(21);
});

test('layers that another repository of the registry has are mounted, not sent; where it has them not, they are', async () => {
  const { client, at } = await start({});
  const layout = await layoutOf(3);
  await pushLayout(client, at('base'), layout);
  const mountable = new Map((layout.images[0]?.layers ?? []).map(({ digest }) => [digest, at('base')] as const));
  expect(await pushLayout(client, at('a'), { ...layout, mountable })).toMatchObject({ mounted: 3, uploaded: 1 });
  const other = await layoutOf(4);
  const wrong = new Map((other.images[0]?.layers ?? []).map(({ digest }) => [digest, at('nobody')] as const));
  expect(await pushLayout(client, at('b'), { ...other, mountable: wrong })).toMatchObject({ mounted: 0, uploaded: 5 });
});

test('P7: blobs that the registry has lost in the meantime are sent again, once', async () => {
  const unknown: Fault = { status: 404, body: '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}' };
  const put = requestIs('PUT', /manifests/);
  const vanishing: Around = (request, answer) =>
    // Said to be there before the first manifest, and not afterwards.
    request.method === 'HEAD' && request.path.includes('/blobs/') && !lost
      ? Promise.resolve({ status: 200 })
      : answer();
  let lost = false;
  const noticing: Around = (request, answer) => {
    if (put(request)) lost = true;
    return answer();
  };
  const { client, at, server } = await start({
    around: compose(noticing, vanishing, once(put, unknown, unknown, unknown)),
  });
  const layout = await layoutOf(3);
  expect(await pushLayout(client, at('a'), layout)).toMatchObject({ present: 4, uploaded: 0 });
  expect(server.uploads()).toBe(4);
  expect((await client.resolve(at('a'), layout.top.digest))?.digest).toBe(layout.top.digest);
});
