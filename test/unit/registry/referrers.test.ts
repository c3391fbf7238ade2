import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import type { Around } from '../../../shared/demo/registry.ts';
import type { RawManifest, Registry } from '../../../shared/model/index.ts';
import { compose, type Fault, faulty, once, requestIs, sha256 } from '../../support/registry-faults.ts';
import { referrersApi } from '../../support/registry-referrers.ts';
import {
  bodyFrom,
  OCI_INDEX,
  OCI_MANIFEST,
  pushSample,
  raw,
  seen,
  worldsOfTests,
} from '../../support/registry-world.ts';

const start = worldsOfTests();
const EMPTY = Buffer.from('{}');
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';

/** A manifest about another one. */
function about(subject: RawManifest, artifactType: string | undefined, text: string): RawManifest {
  const empty = {
    mediaType: artifactType === undefined ? 'application/vnd.acme.config' : EMPTY_TYPE,
    digest: sha256(EMPTY),
    size: 2,
  };
  const { mediaType, digest, bytes } = subject;
  return raw({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    ...(artifactType === undefined ? {} : { artifactType }),
    config: empty,
    layers: [{ ...empty, mediaType: EMPTY_TYPE }],
    subject: { mediaType, digest, size: bytes.length },
    annotations: { text },
  });
}
async function attach(client: Registry, repository: string, it: RawManifest): Promise<RawManifest> {
  await client.pushBlob(repository, sha256(EMPTY), bodyFrom(EMPTY));
  await client.pushManifest(repository, it);
  return it;
}
const tagOf = (subject: RawManifest): string => subject.digest.replace(':', '-');
const SBOM = 'application/spdx+json';

describe('P9: registries with the API', () => {
  test('list what is about a manifest, in pages, and no tag is made', async () => {
    const { client, at, server } = await start({ around: referrersApi({ page: 2 }) });
    const image = await pushSample(client, at('a'), 'x');
    const made: RawManifest[] = [];
    for (const text of ['1', '2', '3', '4', '5']) made.push(await attach(client, at('a'), about(image, SBOM, text)));
    const listed = await client.referrers(at('a'), image.digest);
    expect(listed.map(({ digest }) => digest)).toEqual(made.map(({ digest }) => digest));
    expect(listed[0]).toMatchObject({ artifactType: SBOM, annotations: { text: '1' }, mediaType: OCI_MANIFEST });
    expect(seen(server).filter((it) => it.includes('sha256-'))).toEqual([]);
  });

  test('an answer that gets lost makes no tag either', async () => {
    const lost = once(requestIs('PUT', /manifests/), { change: {} }, 'lost', 'lost', 'lost', 'lost', 'lost', 'lost');
    const { client, at, server } = await start({ around: compose(lost, referrersApi()) });
    const image = await pushSample(client, at('a'), 'x');
    const sbom = await attach(client, at('a'), about(image, SBOM, '1'));
    expect((await client.referrers(at('a'), image.digest)).map(({ digest }) => digest)).toEqual([sbom.digest]);
    expect(seen(server).filter((it) => it.includes('sha256-'))).toEqual([]);
  });

  test.each([true, false])('one artifact type is given, whether the registry filters (%s)', async (filters) => {
    const { client, at } = await start({ around: referrersApi({ filters }) });
    const image = await pushSample(client, at('a'), 'x');
    await attach(client, at('a'), about(image, SBOM, '1'));
    const other = await attach(client, at('a'), about(image, 'application/vnd.in-toto+json', '2'));
    const listed = await client.referrers(at('a'), image.digest, 'application/vnd.in-toto+json');
    expect(listed.map(({ digest }) => digest)).toEqual([other.digest]);
  });
});

describe('P9: registries without it', () => {
  test('a tag of the digest lists them, once each, with type and annotations; listings of tags leave it out', async () => {
    const { client, at } = await start();
    const image = await pushSample(client, at('a'), 'x');
    expect(await client.referrers(at('a'), image.digest)).toEqual([]);
    const sbom = await attach(client, at('a'), about(image, SBOM, '1'));
    const plain = await attach(client, at('a'), about(image, undefined, '2'));
    await attach(client, at('a'), sbom);
    const entry = (it: RawManifest, artifactType: string, text: string) => ({
      mediaType: OCI_MANIFEST,
      digest: it.digest,
      size: it.bytes.length,
      artifactType,
      annotations: { text },
    });
    const expected = [entry(sbom, SBOM, '1'), entry(plain, 'application/vnd.acme.config', '2')];
    expect(await client.referrers(at('a'), image.digest)).toEqual(expected);
    expect(await client.referrers(at('a'), image.digest, SBOM)).toEqual(expected.slice(0, 1));
    expect((await client.manifest(at('a'), tagOf(image)))?.mediaType).toBe(OCI_INDEX);
    await client.tag(at('a'), image, 'v1');
    await client.tag(at('a'), image, `${tagOf(image)}.sig`);
    expect(await client.tags(at('a'))).toEqual(['v1']);
  });

  test('an entry of somebody else stays as it is', async () => {
    const { client, at } = await start();
    const image = await pushSample(client, at('a'), 'x');
    const other = await pushSample(client, at('a'), 'other');
    const theirs = { mediaType: OCI_MANIFEST, digest: other.digest, size: other.bytes.length, 'x-other': { deep: 1 } };
    const index = raw({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [theirs, theirs] }, OCI_INDEX);
    await client.pushManifest(at('a'), index);
    await client.tag(at('a'), index, tagOf(image));
    const ours = await attach(client, at('a'), about(image, SBOM, '1'));
    const listed = await client.referrers(at('a'), image.digest);
    expect(listed).toEqual([theirs, expect.objectContaining({ digest: ours.digest })]);
  });

  test('twenty at the same time: none is lost', async () => {
    const { client, at } = await start();
    const image = await pushSample(client, at('a'), 'x');
    const all = Array.from({ length: 20 }, (_, number) => about(image, SBOM, String(number)));
    await Promise.all(all.map((it) => attach(client, at('a'), it)));
    const listed = await client.referrers(at('a'), image.digest);
    expect(listed.map(({ digest }) => digest).sort()).toEqual(all.map(({ digest }) => digest).sort());
  });

  /** Another writer is faster, so many times: what we wrote is taken, and gone when we look. */
  const overwritten = (times: number): Around => {
    let left = times;
    return async (request, answer) => {
      if (request.method !== 'PUT' || !request.path.includes('/manifests/sha256-') || left === 0) return answer();
      left -= 1;
      const digest = sha256(await buffer(request.incoming));
      return { status: 201, headers: { 'Docker-Content-Digest': digest } };
    };
  };

  test('who is overwritten writes again, and tells when that has no end', async () => {
    for (const [times, code] of [
      [3, undefined],
      [99, 'registry-unavailable'],
    ] as const) {
      const { client, at } = await start({ around: overwritten(times) });
      const image = await pushSample(client, at('a'), 'x');
      const error = await attach(client, at('a'), about(image, SBOM, '1')).catch((it: unknown) => it);
      expect(error).toMatchObject(code === undefined ? { mediaType: OCI_MANIFEST } : { code });
      expect(await client.referrers(at('a'), image.digest)).toHaveLength(code === undefined ? 1 : 0);
    }
  });

  test.each<[string, Fault]>([
    ['404', { status: 404 }],
    ['400', { status: 400 }],
    ['405', { status: 405 }],
    ['a page of something else', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>' }],
  ])('no API is told by %s', async (_name, fault) => {
    const { client, at } = await start({
      around: faulty((it) => (it.path.includes('/referrers/') ? fault : undefined)),
    });
    const image = await pushSample(client, at('a'), 'x');
    await attach(client, at('a'), about(image, SBOM, '1'));
    expect(await client.referrers(at('a'), image.digest)).toHaveLength(1);
  });

  test.each<[string, Fault, string]>([
    ['403', { status: 403 }, 'registry-denied'],
    ['an index that is none', { status: 200, headers: { 'Content-Type': OCI_INDEX }, body: '{}' }, 'image-invalid'],
  ])('%s is an error, not an empty list', async (_name, fault, code) => {
    const { client, at } = await start({
      around: faulty((it) => (it.path.includes('/referrers/') ? fault : undefined)),
    });
    await expect(client.referrers(at('a'), sha256('x'))).rejects.toMatchObject({ code });
  });
});
