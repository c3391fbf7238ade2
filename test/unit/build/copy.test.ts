import { describe, expect, test } from '@jest/globals';
import { copyImage } from '../../../shared/build/index.ts';
import type { Around } from '../../../shared/demo/registry.ts';
import type { RegistryReply } from '../../../shared/demo/registry-replies.ts';
import { formatRepository, parseRepository, type RawManifest, type Registry } from '../../../shared/model/index.ts';
import { type Fault, faulty, once, requestIs, sha256 } from '../../support/registry-faults.ts';
import { referrersApi } from '../../support/registry-referrers.ts';
import {
  bodyFrom,
  collect,
  OCI_INDEX,
  OCI_MANIFEST,
  pushSample,
  raw,
  sampleImage,
  type World,
  worldsOfTests,
} from '../../support/registry-world.ts';

const start = worldsOfTests();
const FOREIGN = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
const INTOTO = 'application/vnd.in-toto+json';
const descriptor = ({ mediaType, digest, bytes }: RawManifest) => ({ mediaType, digest, size: bytes.length });

/** An image for two platforms with an attestation child, as BuildKit makes them; a referrer with one about itself, and a signature tag. */
async function release(client: Registry, repository: string): Promise<{ index: RawManifest; sbom: RawManifest }> {
  const children = [await pushSample(client, repository, 'amd64'), await pushSample(client, repository, 'arm64')];
  const attestation = await pushSample(client, repository, 'attestation');
  const index = raw(
    {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [
        ...children.map((it, at) => ({
          ...descriptor(it),
          platform: { os: 'linux', architecture: ['amd64', 'arm64'][at] },
        })),
        { ...descriptor(attestation), platform: { os: 'unknown', architecture: 'unknown' } },
      ],
    },
    OCI_INDEX,
  );
  await client.pushManifest(repository, index);
  const sbom = await attach(client, repository, index, 'sbom');
  await attach(client, repository, sbom, 'signature of the sbom');
  const signature = await pushSample(client, repository, 'signature');
  await client.tag(repository, signature, `${index.digest.replace(':', '-')}.sig`);
  return { index, sbom };
}

async function attach(client: Registry, repository: string, subject: RawManifest, text: string): Promise<RawManifest> {
  const payload = Buffer.from(text);
  const layer = { mediaType: INTOTO, digest: sha256(payload), size: payload.length };
  await client.pushBlob(repository, layer.digest, bodyFrom(payload));
  const it = raw({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: INTOTO,
    config: layer,
    layers: [layer],
    subject: descriptor(subject),
  });
  await client.pushManifest(repository, it);
  return it;
}

const blobsOfSamples = ['amd64', 'arm64', 'attestation'].flatMap((text) => sampleImage(text).blobs);
const isWhole = async ({ client }: World, repository: string, index: RawManifest): Promise<void> => {
  expect((await client.manifest(repository, index.digest))?.bytes).toEqual(index.bytes);
  for (const text of ['amd64', 'arm64', 'attestation']) {
    const { manifest, blobs } = sampleImage(text);
    expect((await client.manifest(repository, manifest.digest))?.bytes).toEqual(manifest.bytes);
    for (const blob of blobs)
      expect(await collect(await client.blob(repository, { digest: sha256(blob), size: blob.length }))).toEqual(blob);
  }
};

describe('E6: copy', () => {
  test('within a registry blobs are mounted: none of their bytes moves', async () => {
    const world = await start();
    const { index } = await release(world.client, world.at('a'));
    const before = world.server.requests.length;
    const copied = await copyImage(world.client, { repository: world.at('a'), digest: index.digest }, world.at('b'));
    expect(copied).toMatchObject({ mounted: 6, uploaded: 0, uploadedBytes: 0, manifests: 4, referrers: 0 });
    const moved = world.server.requests
      .slice(before)
      .filter(({ method, path }) => path.includes('/blobs/') && ['GET', 'PUT', 'PATCH'].includes(method));
    expect(moved).toEqual([]);
    await isWhole(world, world.at('b'), index);
    expect(await world.client.tags(world.at('b'))).toEqual([]);
    const again = await copyImage(world.client, { repository: world.at('a'), digest: index.digest }, world.at('b'));
    expect(again).toMatchObject({ present: 6, mounted: 0, uploaded: 0 });
  });

  test('between registries bytes stream, digests stay, each blob is read once', async () => {
    const [from, to] = [await start(), await start()];
    const { index } = await release(from.client, from.at('a'));
    const copied = await copyImage(from.client, { repository: from.at('a'), digest: index.digest }, to.at('b'));
    expect(copied.image).toEqual({ repository: to.at('b'), digest: index.digest });
    expect(copied).toMatchObject({
      uploaded: 6,
      mounted: 0,
      uploadedBytes: blobsOfSamples.reduce((sum, it) => sum + it.length, 0),
    });
    expect(from.server.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/')).length).toBe(
      6,
    );
    await isWhole(to, to.at('b'), index);
  });

  test.each<[string, Around | undefined]>([
    ['without the API', undefined],
    ['with it', referrersApi()],
  ])(
    'referrers, what is about them, and signature tags come along when asked for (registry %s)',
    async (_name, around) => {
      const from = await start();
      const to = await start(around === undefined ? {} : { around });
      const { index, sbom } = await release(from.client, from.at('a'));
      const image = { repository: from.at('a'), digest: index.digest };
      const copied = await copyImage(from.client, image, to.at('b'), { referrers: true });
      expect(copied).toMatchObject({ manifests: 4, referrers: 3 });
      for (const subject of [index, sbom]) {
        const wanted = await from.client.referrers(from.at('a'), subject.digest);
        expect(wanted).toHaveLength(1);
        expect(await to.client.referrers(to.at('b'), subject.digest)).toMatchObject(
          wanted.map(({ digest }) => ({ digest })),
        );
      }
      const tag = `${index.digest.replace(':', '-')}.sig`;
      expect((await to.client.resolve(to.at('b'), tag))?.digest).toBe(sampleImage('signature').manifest.digest);
    },
  );

  test.each<[string, Fault]>([
    ['the source breaks', { cutReplyAfter: 100 }],
    ['the source is busy', { status: 503 }],
  ])('%s in the middle: it goes on, without a file in between', async (_name, fault) => {
    const from = await start({ around: once(requestIs('GET', /blobs/), fault, fault, fault) });
    const to = await start();
    const { index } = await release(from.client, from.at('a'));
    await copyImage(from.client, { repository: from.at('a'), digest: index.digest }, to.at('b'));
    await isWhole(to, to.at('b'), index);
  });

  test('the destination breaks in the middle: the source is read anew', async () => {
    const from = await start();
    const to = await start({ around: once(requestIs('PUT', /uploads/), { cutRequestAfter: 10 }, { status: 502 }) });
    const { index } = await release(from.client, from.at('a'));
    await copyImage(from.client, { repository: from.at('a'), digest: index.digest }, to.at('b'));
    await isWhole(to, to.at('b'), index);
  });

  test('a source that gives other bytes is told, and no manifest is written', async () => {
    const wrong = faulty(({ method, path }) =>
      method === 'GET' && path.includes('/blobs/')
        ? { replace: (it: RegistryReply) => ({ ...it, body: spoilt(it.body) }) }
        : undefined,
    );
    const [from, to] = [await start({ around: wrong }), await start()];
    const { index } = await release(from.client, from.at('a'));
    const copy = copyImage(from.client, { repository: from.at('a'), digest: index.digest }, to.at('b'));
    await expect(copy).rejects.toMatchObject({ code: 'image-invalid' });
    expect(to.server.requests.filter(({ path }) => path.includes('/manifests/'))).toEqual([]);
  });

  test('a child that is gone, and an image that is not there, are told', async () => {
    const from = await start();
    const { index } = await release(from.client, from.at('a'));
    const child = sampleImage('arm64').manifest.digest;
    const at = parseRepository(from.at('a'));
    await fetch(`http://${at.host}/v2/${at.path}/manifests/${child}`, { method: 'DELETE' });
    for (const [digest, named] of [
      [index.digest, child],
      [sha256('none'), sha256('none')],
    ] as const) {
      const copy = copyImage(from.client, { repository: formatRepository(at), digest }, from.at('b'));
      await expect(copy).rejects.toMatchObject({ code: 'image-not-found' });
      await expect(copy).rejects.toThrow(named);
    }
  });

  test('layers that lie elsewhere stay there', async () => {
    const to = await start();
    const { manifest, blobs } = sampleImage('x');
    const { config } = JSON.parse(Buffer.from(manifest.bytes).toString('utf8'));
    const foreign = { mediaType: FOREIGN, digest: sha256('far'), size: 3, urls: ['https://cdn.example/x'] };
    const strange = raw({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [foreign] });
    const body = Buffer.from(strange.bytes).toString('utf8');
    const given = { status: 200, headers: { 'Content-Type': OCI_MANIFEST }, body };
    const source = await start({ around: faulty(({ path }) => (path.endsWith(strange.digest) ? given : undefined)) });
    await source.client.pushBlob(source.at('a'), config.digest, bodyFrom(blobs[0] ?? Buffer.alloc(0)));
    const copy = copyImage(source.client, { repository: source.at('a'), digest: strange.digest }, to.at('b'));
    // The registry of the demonstration wants every layer; what counts is that the foreign one was not asked for.
    await expect(copy).rejects.toThrow('MANIFEST_BLOB_UNKNOWN');
    expect(source.server.requests.filter(({ path }) => path.includes(sha256('far')))).toEqual([]);
  });
});

async function* spoilt(body: string | AsyncIterable<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  for await (const chunk of typeof body === 'string' ? [Buffer.from(body)] : (body ?? []))
    yield Buffer.from(chunk).fill(0);
}
