import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyImage } from '../../../shared/build/index.ts';
import type { Fetch, RawManifest, Registry } from '../../../shared/model/index.ts';
import { sha256 } from '../../support/registry-faults.ts';
import { bodyFrom, collect, OCI_INDEX, OCI_MANIFEST, raw } from '../../support/registry-world.ts';
import { pushRelease, realImage, SUBJECT_TYPE, signatureOf } from './real-images.ts';
import { type Mode, type RealRegistry, skopeoPull, startRealRegistry } from './real-registry.ts';

const MODES: readonly Mode[] = ['anonymous', 'basic', 'bearer'];

describe.each(MODES)('docker-registry, %s', (mode) => {
  let registry: RealRegistry;
  let client: Registry;
  beforeAll(async () => {
    registry = await startRealRegistry(mode);
    client = registry.open();
  });
  afterAll(() => registry.stop());

  test('P1, P2, P5: an image of two platforms is pushed by digest, tagged, and skopeo pulls the same digest', async () => {
    const index = await pushRelease(client, registry.at('acme/shop'));
    await client.tag(registry.at('acme/shop'), index, 'v1');
    expect(await skopeoPull(registry, registry.at('acme/shop'), 'v1')).toBe(index.digest);
    expect(await skopeoPull(registry, registry.at('acme/shop'), index.digest)).toBe(index.digest);
    expect((await client.manifest(registry.at('acme/shop'), 'v1'))?.bytes).toEqual(index.bytes);
    expect(await client.resolve(registry.at('acme/shop'), 'v1')).toEqual({
      mediaType: OCI_INDEX,
      digest: index.digest,
      size: index.bytes.length,
    });
  });

  test('P1: what is there is not sent again; bytes come back as they were', async () => {
    const bytes = Buffer.alloc(3_000_000, 'layer');
    const at = registry.at('acme/blobs');
    expect(await client.pushBlob(at, sha256(bytes), bodyFrom(bytes))).toBe('uploaded');
    expect(await client.pushBlob(at, sha256(bytes), bodyFrom(bytes))).toBe('present');
    expect((await collect(await client.blob(at, { digest: sha256(bytes), size: bytes.length }))).equals(bytes)).toBe(
      true,
    );
    expect(await client.hasBlob(at, sha256('nothing'))).toBe(false);
    expect(await client.resolve(at, 'nothing')).toBeUndefined();
  });

  test('A3, E6: a copy to another repository mounts every blob, with one token for both', async () => {
    const index = await pushRelease(client, registry.at('acme/from'));
    const image = { repository: registry.at('acme/from'), digest: index.digest };
    const fresh = registry.open();
    const copied = await copyImage(fresh, image, registry.at('acme/to'));
    expect(copied).toMatchObject({ uploaded: 0, uploadedBytes: 0 });
    expect(copied.mounted).toBeGreaterThan(0);
    expect(await skopeoPull(registry, registry.at('acme/to'), index.digest)).toBe(index.digest);
  });

  test('R4: tags are listed whole and sorted; a repository without any has none', async () => {
    const manifest = await realImage(client, registry.at('acme/tags'), 'tags');
    const names = Array.from({ length: 30 }, (_, at) => `v${at}`);
    for (const name of names) await client.tag(registry.at('acme/tags'), manifest, name);
    expect(await client.tags(registry.at('acme/tags'))).toEqual([...names].sort());
    expect(await client.tags(registry.at('acme/none'))).toEqual([]);
  });

  test('P9: there is no referrers API, so the tag keeps them, once each; tags of releases are not among them', async () => {
    const at = registry.at('acme/signed');
    const image = await realImage(client, at, 'signed');
    await client.tag(at, image, 'v1');
    const signatures: RawManifest[] = [];
    for (const text of ['one', 'two', 'one']) signatures.push(await signatureOf(client, at, image, text));
    const listed = await client.referrers(at, image.digest, SUBJECT_TYPE);
    expect(listed.map(({ digest }) => digest)).toEqual(signatures.slice(0, 2).map(({ digest }) => digest));
    expect(await client.tags(at)).toEqual(['v1']);
    const copied = await copyImage(client, { repository: at, digest: image.digest }, registry.at('acme/signed-too'), {
      referrers: true,
    });
    expect(copied.referrers).toBe(2);
    expect(await client.referrers(registry.at('acme/signed-too'), image.digest)).toHaveLength(2);
  });

  test('P5: an index before its child, and a manifest under a wrong type, are refused in words', async () => {
    const child = { mediaType: OCI_MANIFEST, digest: sha256('none'), size: 4 };
    const index = raw({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child] }, OCI_INDEX);
    const early = client.pushManifest(registry.at('acme/early'), index);
    await expect(early).rejects.toMatchObject({ code: 'registry-refused' });
    await expect(early).rejects.toThrow('MANIFEST_BLOB_UNKNOWN');
    const wrong = client.pushManifest(registry.at('acme/early'), { ...index, mediaType: OCI_MANIFEST });
    await expect(wrong).rejects.toMatchObject({ code: 'registry-refused' });
  });

  test('P3, P4: what a proxy does not let through arrives in chunks', async () => {
    const limited: Fetch = (input, init) => {
      const length = Number(new Headers(init?.headers).get('content-length') ?? 0);
      return length > 5_000_000
        ? Promise.resolve(new Response('<html>413</html>', { status: 413 }))
        : fetch(input, init);
    };
    const bytes = Buffer.from(Array.from({ length: 10_000_000 }, (_, at) => (at * 7) % 251));
    const at = registry.at('acme/chunks');
    expect(await registry.open({ fetch: limited }).pushBlob(at, sha256(bytes), bodyFrom(bytes))).toBe('uploaded');
    expect((await collect(await client.blob(at, { digest: sha256(bytes), size: bytes.length }))).equals(bytes)).toBe(
      true,
    );
  });

  test('A6: without a login', async () => {
    const nobody = registry.open({ login: false });
    const push = nobody.pushBlob(registry.at('acme/nobody'), sha256('x'), bodyFrom(Buffer.from('x')));
    if (mode === 'anonymous') expect(await push).toBe('uploaded');
    else await expect(push).rejects.toMatchObject({ code: 'registry-denied' });
  });
});

describe('docker-registry: what the client stands on', () => {
  let registry: RealRegistry;
  beforeAll(async () => {
    registry = await startRealRegistry('anonymous');
  });
  afterAll(() => registry.stop());

  test('E4: deleting a tag is refused, and deleting a digest takes all of its tags: so the client deletes nothing', async () => {
    const client = registry.open();
    const at = registry.at('acme/delete');
    const manifest = await realImage(client, at, 'delete');
    await client.tag(at, manifest, 'v1');
    await client.tag(at, manifest, 'v2');
    const remove = async (reference: string) => {
      const answer = await fetch(`http://${registry.host}/v2/acme/delete/manifests/${reference}`, { method: 'DELETE' });
      return `${answer.status} ${await answer.text()}`;
    };
    expect(await remove('v1')).toMatch(/^40[05] /);
    expect(await client.tags(at)).toEqual(['v1', 'v2']);
    expect(await remove(manifest.digest)).toMatch(/^202/);
    expect(await client.tags(at)).toEqual([]);
  });

  test('E6: between two registries bytes stream; the digest stays, and skopeo pulls it', async () => {
    const other = await startRealRegistry('basic');
    try {
      const index = await pushRelease(registry.open(), registry.at('acme/shop'));
      const image = { repository: registry.at('acme/shop'), digest: index.digest };
      const copied = await copyImage(other.open(), image, other.at('mirror/shop'));
      expect(copied.mounted).toBe(0);
      expect(copied.uploaded).toBeGreaterThan(0);
      expect(await skopeoPull(other, other.at('mirror/shop'), index.digest)).toBe(index.digest);
    } finally {
      await other.stop();
    }
  });
});

describe('docker-registry: tokens that end soon', () => {
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const pushSlowly = async (registry: RealRegistry) => {
    const client = registry.open();
    for (const text of ['one', 'two', 'three']) {
      await realImage(client, registry.at('acme/slow'), text);
      await pause(1_300);
    }
    return client;
  };

  test('A4: are renewed before they do: nothing is refused', async () => {
    const registry = await startRealRegistry('bearer', { real: 2, told: 1 });
    try {
      const client = await pushSlowly(registry);
      expect(registry.tokens?.asked.length).toBeGreaterThanOrEqual(3);
      expect(registry.tokens?.asked.every(({ login }) => login)).toBe(true);
      expect(client.traffic.retries).toBe(0);
    } finally {
      await registry.stop();
    }
  });

  test('A4: one that the registry ends before its time is replaced, and the body sent again', async () => {
    const registry = await startRealRegistry('bearer', { real: 1, told: 300 });
    try {
      await pushSlowly(registry);
      expect(registry.tokens?.asked.length).toBeGreaterThanOrEqual(2);
    } finally {
      await registry.stop();
    }
  });

  test('A4: what is public is read without a login, by a token of nobody', async () => {
    const registry = await startRealRegistry('bearer');
    try {
      const manifest = await realImage(registry.open(), registry.at('public/base'), 'base');
      const nobody = registry.open({ login: false });
      expect((await nobody.resolve(registry.at('public/base'), manifest.digest))?.digest).toBe(manifest.digest);
      const denied = nobody.resolve(registry.at('acme/private'), 'v1');
      await expect(denied).rejects.toMatchObject({ code: 'registry-denied' });
    } finally {
      await registry.stop();
    }
  });
});
