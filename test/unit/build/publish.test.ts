import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inspect, type Published, publish, reuse } from '../../../shared/build/index.ts';
import type { Around } from '../../../shared/demo/registry.ts';
import { commitTag, KEY_ANNOTATION, keyTag } from '../../../shared/image/index.ts';
import { type Digest, type ImagePlan, UserError } from '../../../shared/model/index.ts';
import {
  basicAuth,
  type Fault,
  faulty,
  immutableTags,
  once,
  requestIs,
  sha256,
} from '../../support/registry-faults.ts';
import { OCI_MANIFEST, raw } from '../../support/registry-world.ts';
import { COMMIT } from '../image/facts.ts';
import { failure, openWorkshop, stepsOf, type Workshop } from './world.ts';

const shops: Workshop[] = [];
const open = async (around?: Around) => {
  const shop = await openWorkshop(around ? { around } : {});
  shops.push(shop);
  return shop;
};
afterEach(async () => {
  for (const it of shops.splice(0)) await it.close();
});

/** Hundreds of requests over loopback, on a machine that others use too. */
const PROPERTY_TIMEOUT_MS = 60_000;

/** What an action does: plan, then build and publish, or reuse. */
async function run(
  shop: Workshop,
  options: Parameters<Workshop['plan']>[0] = {},
): Promise<Published & { plan: ImagePlan }> {
  const { plan } = await shop.plan(options);
  const registry = options.registry ?? shop.world.client;
  if (plan.decision.kind === 'reuse')
    return { ...(await reuse(plan, plan.decision.image, registry, stepsOf(plan))), plan };
  const built = await shop.build(options);
  return { ...(await publish(built.plan, built.layout, registry, stepsOf(built.plan))), plan: built.plan };
}
const digestAt = async (shop: Workshop, tag: string) => (await shop.world.client.resolve(shop.repository, tag))?.digest;
const src = 'services/checkout/src';
const otherCommit = 'f'.repeat(40);

describe('publish', () => {
  test('everything is there, by digest, under its key, its commit and its tags', async () => {
    const shop = await open();
    shop.settings = { tags: ['branch', 'latest'] };
    const { image, tags, plan, left, adopted, pushed } = await run(shop);
    expect(image.repository).toBe(shop.repository);
    expect(tags).toEqual([keyTag(plan.key), `sha-${COMMIT}`, 'latest', 'main']);
    expect(await shop.world.client.tags(shop.repository)).toEqual([...tags].sort());
    for (const tag of tags) expect(await digestAt(shop, tag)).toBe(image.digest);
    expect({ left, adopted }).toEqual({ left: [], adopted: false });
    expect(pushed).toMatchObject({ uploaded: 2, present: 0 });
    const whole = await inspect(shop.world.client, shop.repository, image.digest, {
      key: plan.key,
      platforms: [{ os: 'linux', architecture: 'amd64' }],
    });
    expect(whole.kind).toBe('whole');
  });

  test('P5: blobs, children by digest, the index, then the key, then the commit, then the others', async () => {
    const shop = await open();
    shop.settings = { platforms: ['linux/amd64', 'linux/arm64'], tags: ['branch'] };
    const { plan, image } = await run(shop);
    const puts = shop.world.server.requests.filter(({ method }) => method === 'PUT').map(({ path }) => path);
    const kinds = puts.map((path) =>
      path.includes('/uploads/')
        ? 'blob'
        : path.endsWith(image.digest)
          ? 'index'
          : path.includes('sha256:')
            ? 'child'
            : path.split('/').at(-1),
    );
    expect(kinds).toEqual([
      'blob',
      'blob',
      'blob',
      'child',
      'child',
      'index',
      keyTag(plan.key),
      commitTag(COMMIT),
      'main',
    ]);
  });

  test('P7: a blob that the registry lost in between is sent again', async () => {
    const shop = await open(
      once(requestIs('PUT', /manifests\/sha256/), {
        status: 400,
        body: '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}',
      }),
    );
    const { image } = await run(shop);
    expect(await digestAt(shop, `sha-${COMMIT}`)).toBe(image.digest);
  });
});

describe('reuse', () => {
  test('the same content for another commit: nothing is built, nothing is uploaded, the tags are set', async () => {
    const shop = await open();
    const first = await run(shop);
    const uploads = shop.world.server.uploads();
    shop.source = { commit: otherCommit };
    const client = shop.world.open();
    const second = await run(shop, { registry: client });
    expect(second.plan.decision.kind).toBe('reuse');
    expect(second.image).toEqual(first.image);
    expect(shop.world.server.uploads()).toBe(uploads);
    expect(client.traffic).toMatchObject({ uploads: 0, uploadedBytes: 0 });
    expect(await digestAt(shop, `sha-${otherCommit}`)).toBe(first.image.digest);
    expect(await digestAt(shop, `sha-${COMMIT}`)).toBe(first.image.digest);
  });

  test('U7: old content comes back with its old digest, and the moving tags follow', async () => {
    const shop = await open();
    const before = await run(shop);
    await shop.put(`${src}/server.js`, 'worse');
    shop.source = { commit: 'e'.repeat(40) };
    const worse = await run(shop);
    expect(await digestAt(shop, 'main')).toBe(worse.image.digest);
    await shop.put(`${src}/server.js`, 'console.log("hello")');
    shop.source = { commit: otherCommit };
    const back = await run(shop);
    expect(back.plan.decision.kind).toBe('reuse');
    expect(back.image).toEqual(before.image);
    expect(await digestAt(shop, 'main')).toBe(before.image.digest);
  });

  test('U14: with `verified`, what is under the key is neither taken nor adopted', async () => {
    const shop = await open();
    const { plan } = await shop.plan();
    const config = Buffer.from('{"forged":true}');
    await shop.world.client.pushBlob(shop.repository, sha256(config), {
      size: config.length,
      open: async function* () {
        yield await Promise.resolve(config);
      },
    });
    const forged = raw({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: 'c', digest: sha256(config), size: config.length },
      layers: [],
      annotations: { [KEY_ANNOTATION]: plan.key.value },
    });
    await shop.world.client.pushManifest(shop.repository, forged);
    await shop.world.client.tag(shop.repository, forged, keyTag(plan.key));
    shop.settings = { reuse: 'verified' };
    const { image, plan: ours } = await run(shop);
    expect(ours.decision).toMatchObject({ kind: 'build', why: expect.stringContaining('verified') });
    expect(image.digest).not.toBe(forged.digest);
    expect(await digestAt(shop, keyTag(plan.key))).toBe(image.digest);
    expect(await digestAt(shop, `sha-${COMMIT}`)).toBe(image.digest);
  });

  test('what has changed since the image before is told', async () => {
    const shop = await open();
    await run(shop);
    await shop.put('services/checkout/src/server.js', 'console.log("changed")');
    shop.native = { user: '65532' };
    const { plan } = await shop.plan();
    expect(plan.decision.why).toContain(`: compared with sha-${COMMIT}, config and files changed.`);
  });

  test('a build is no failure of images before it that cannot be read', async () => {
    const shop = await open();
    const { plan } = await shop.plan();
    await shop.world.client.tag(shop.repository, await foreign(shop), `sha-${COMMIT}`);
    expect((await shop.plan()).plan.decision.why).toBe(plan.decision.why);
  });

  test.each<[string, (shop: Workshop, first: Published & { plan: ImagePlan }) => Promise<unknown>, RegExp]>([
    ['a blob is gone', removeBlob, /its blob sha256:[0-9a-f]{64} is gone/],
    [
      'a child is gone',
      (shop, { image }) => removeChild(shop, image.digest),
      /its manifest sha256:[0-9a-f]{64} is gone/,
    ],
    [
      'the tag is of something else',
      async (shop, { plan }) => shop.world.client.tag(shop.repository, await foreign(shop), keyTag(plan.key)),
      /carries no content key/,
    ],
  ])('what is not whole is not reused: %s', async (_name, damage, why) => {
    const shop = await open();
    shop.settings = { platforms: ['linux/amd64', 'linux/arm64'] };
    const first = await run(shop);
    await damage(shop, first);
    const second = await run(shop);
    expect(second.plan.decision).toMatchObject({ kind: 'build', why: expect.stringMatching(why) });
    expect(second.image).toEqual(first.image);
    expect(
      (
        await inspect(shop.world.client, shop.repository, keyTag(second.plan.key), {
          key: second.plan.key,
          platforms: [],
        })
      ).kind,
    ).toBe('whole');
  });

  test('a lookup that fails otherwise builds and says so; without rights it is an error', async () => {
    const down = await open(
      faulty(({ path, method }) =>
        method === 'GET' && path.includes('/manifests/key-') ? { status: 503 } : undefined,
      ),
    );
    expect((await down.plan()).plan.decision).toMatchObject({ kind: 'build', why: expect.stringContaining('503') });
    const locked = await open(basicAuth('a', 'b'));
    expect((await failure(locked.plan())).code).toBe('registry-denied');
    expect((await locked.plan({ push: false })).plan.decision.kind).toBe('build');
  });

  test('an image that vanished since it was found is told', async () => {
    const shop = await open();
    const { image, plan } = await run(shop);
    await fetch(`http://${shop.world.server.host}/v2/acme/shop/checkout/manifests/${image.digest}`, {
      method: 'DELETE',
    });
    expect((await failure(reuse(plan, image, shop.world.client, stepsOf(plan)))).code).toBe('image-not-found');
  });
});

describe('tags that are written once', () => {
  test('a forced build leaves the tag of the commit, and hands its own digest on', async () => {
    const shop = await open();
    const first = await run(shop);
    await replaceKeyed(shop, first);
    const forced = await run(shop, { force: true });
    expect(forced.plan.decision).toMatchObject({ kind: 'build', forced: true });
    expect(forced.adopted).toBe(false);
    const other = await digestAt(shop, `sha-${COMMIT}`);
    expect(forced.image.digest).not.toBe(other);
    expect(forced.left).toEqual(
      expect.arrayContaining([{ tag: `sha-${COMMIT}`, digest: other, why: 'The build was forced.' }]),
    );
    expect(forced.tags).not.toContain(`sha-${COMMIT}`);
    expect(await digestAt(shop, 'main')).toBe(forced.image.digest);
  });

  test('a refresh (another epoch, another base) leaves the tag of the commit too', async () => {
    const shop = await open();
    shop.settings = { cacheEpoch: 'monthly', tags: ['sha', 'date', 'branch'] };
    const first = await run(shop);
    shop.now += 40 * 86_400_000;
    const refreshed = await run(shop);
    expect(refreshed.image.digest).not.toBe(first.image.digest);
    expect(refreshed.left.map(({ tag }) => tag)).toEqual([
      `sha-${COMMIT}`,
      '20260103-0123456789ab',
      'sha-0123456789ab',
    ]);
    expect(await digestAt(shop, `sha-${COMMIT}`)).toBe(first.image.digest);
    expect(await digestAt(shop, 'main')).toBe(refreshed.image.digest);
  });

  test.each([
    // U16: each run builds.
    'off',
    // With nothing to verify with, each run builds too.
    'verified',
    // Another run has published since the registry was asked, so that none was there to take.
    'tag',
  ] as const)('a second run of a commit whose bytes are others leaves its tags and its version: %s', async (reuse) => {
    const shop = await open();
    shop.source = { tagsAtCommit: ['v1.0.0'] };
    shop.settings = { reuse, tags: ['sha', 'branch', 'semver'] };
    const first = await run(shop);
    const other = await foreign(shop, { [KEY_ANNOTATION]: first.plan.key.value });
    const once = [`sha-${COMMIT}`, '1.0.0', 'sha-0123456789ab'];
    for (const tag of once) await shop.world.client.tag(shop.repository, other, tag);
    await shop.world.client.tag(shop.repository, await foreign(shop), keyTag(first.plan.key));
    const second = await run(shop);
    expect(second.image.digest).not.toBe(other.digest);
    expect(second.left.map(({ tag }) => tag)).toEqual(once);
    for (const tag of once) expect(await digestAt(shop, tag)).toBe(other.digest);
    expect(await digestAt(shop, 'main')).toBe(second.image.digest);
  });

  test('a version that is another image already is a conflict that names both, and nothing moves', async () => {
    const shop = await open();
    shop.settings = { tags: ['semver', 'latest'] };
    shop.source = { tagsAtCommit: ['v1.0.0'] };
    const first = await run(shop);
    await shop.put(`${src}/server.js`, 'other');
    shop.source = { commit: otherCommit, tagsAtCommit: ['v1.0.0'] };
    const error = await failure(run(shop));
    expect(error.code).toBe('tag-conflict');
    expect(error.message).toContain(first.image.digest);
    expect(error.message).toMatch(/:1\.0\.0 points at/);
    expect(await digestAt(shop, 'latest')).toBe(first.image.digest);
  });

  test('a registry whose tags are immutable takes a second run of the same commit', async () => {
    const shop = await open(immutableTags({ status: 400, code: 'TAG_INVALID', message: 'immutable' }));
    const first = await run(shop);
    const uploads = shop.world.server.uploads();
    expect((await run(shop)).image).toEqual(first.image);
    shop.settings = { reuse: 'off' };
    expect((await run(shop)).image).toEqual(first.image);
    expect(shop.world.server.uploads()).toBe(uploads);
  });
});

describe('two publishers', () => {
  test('of the same content: one image, the first one’s', async () => {
    const shop = await open();
    const late = await shop.build();
    const winner = await replaceKeyed(shop, await run(shop));
    const { image, adopted } = await publish(
      { ...late.plan, tags: late.plan.tags.filter(({ tag }) => !tag.includes('0123456789ab')) },
      late.layout,
      shop.world.client,
      stepsOf(late.plan),
    );
    expect(adopted).toBe(true);
    expect(image.digest).toBe(winner);
    expect(await digestAt(shop, 'main')).toBe(winner);
  });

  test('at the very same time: both succeed, with one digest, since the build is reproducible', async () => {
    const shop = await open();
    const builds = [await shop.build(), await shop.build(), await shop.build()];
    const results = await Promise.all(
      builds.map(({ plan, layout }) => publish(plan, layout, shop.world.open(), stepsOf(plan))),
    );
    expect(new Set(results.map(({ image }) => image.digest)).size).toBe(1);
    for (const tag of results[0]?.tags ?? []) expect(await digestAt(shop, tag)).toBe(results[0]?.image.digest);
  });

  test('one that finds an image that is not whole under its key does not adopt it', async () => {
    const shop = await open();
    const { plan, layout } = await shop.build();
    await shop.world.client.tag(shop.repository, await foreign(shop), keyTag(plan.key));
    const { image, adopted } = await publish(plan, layout, shop.world.client, stepsOf(plan));
    expect(adopted).toBe(false);
    expect(await digestAt(shop, keyTag(plan.key))).toBe(image.digest);
  });
});

describe('whatever goes wrong on the way', () => {
  const fault = fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    {
      weight: 4,
      arbitrary: fc.constantFrom<Fault>(
        'reset',
        'lost',
        { status: 503 },
        { status: 429, headers: { 'Retry-After': '1' } },
        { cutRequestAfter: 30 },
        { cutReplyAfter: 2 },
        { change: { 'Docker-Content-Digest': undefined } },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Fault>(
        { status: 403 },
        { status: 400, body: '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}' },
        { status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' },
        { change: { 'Docker-Content-Digest': sha256('another') } },
      ),
    },
  );

  test(
    'the right digest under every tag, or a named error; and a tag never points at what is not whole',
    async () => {
      let plan: (Fault | undefined)[] = [];
      const shop = await open(faulty(() => plan.shift()));
      const built = await shop.build();
      const expected = built.layout.top.digest;
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(fault, { maxLength: 60 }), async (faults) => {
          runs += 1;
          const repository = shop.world.at(`run-${runs}`);
          const mine = { ...built.plan, repository };
          plan = [...faults];
          const outcome = await publish(mine, built.layout, shop.world.open(), stepsOf(mine)).catch(
            (error: unknown) => error,
          );
          plan = [];
          const tags = await shop.world.client.tags(repository);
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(UserError);
          else expect([...tags]).toEqual(mine.tags.map(({ tag }) => tag).sort());
          for (const tag of tags) expect((await shop.world.client.resolve(repository, tag))?.digest).toBe(expected);
          const wanted = { key: mine.key, platforms: [{ os: 'linux', architecture: 'amd64' }] };
          if (tags.length > 0)
            expect((await inspect(shop.world.client, repository, expected, wanted)).kind).toBe('whole');
          // Tags are written in order, so what is missing is missing at the end.
          if (!tags.includes(keyTag(mine.key))) expect(tags).toEqual([]);
        }),
        { numRuns: 100, seed: 17 },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

/** Puts another image with the same key in the place of one, as another zlib would have made it. */
async function replaceKeyed(shop: Workshop, first: Published & { plan: ImagePlan }): Promise<Digest> {
  const manifest = await shop.world.client.manifest(shop.repository, first.image.digest);
  const text = Buffer.from(manifest?.bytes ?? []).toString('utf8');
  const bytes = Buffer.from(text.replace('"annotations":{', '"annotations":{"made-by":"another",'));
  const other = { mediaType: OCI_MANIFEST, digest: sha256(bytes), bytes };
  await shop.world.client.pushManifest(shop.repository, other);
  for (const tag of first.tags) await shop.world.client.tag(shop.repository, other, tag);
  return other.digest;
}

async function foreign(shop: Workshop, annotations: Readonly<Record<string, string>> = {}) {
  const manifest = raw({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: 'c', digest: sha256('none'), size: 4 },
    layers: [],
    annotations,
  });
  const config = Buffer.from('none');
  await shop.world.client.pushBlob(shop.repository, sha256(config), {
    size: 4,
    open: async function* () {
      yield await Promise.resolve(config);
    },
  });
  await shop.world.client.pushManifest(shop.repository, manifest);
  return manifest;
}

async function removeBlob(shop: Workshop): Promise<void> {
  const index = await manifestJson(shop, `sha-${COMMIT}`);
  const child = await manifestJson(shop, index.manifests?.[0]?.digest ?? '');
  await erase(shop, `blobs/${child.layers?.[0]?.digest}`);
}

async function removeChild(shop: Workshop, digest: string): Promise<void> {
  const index = await manifestJson(shop, digest);
  await erase(shop, `manifests/${index.manifests?.[0]?.digest}`);
}

interface AnyManifest {
  manifests?: { digest: string }[];
  layers?: { digest: string }[];
}
async function manifestJson(shop: Workshop, reference: string): Promise<AnyManifest> {
  const manifest = await shop.world.client.manifest(shop.repository, reference);
  return JSON.parse(Buffer.from(manifest?.bytes ?? []).toString('utf8')) as AnyManifest;
}
async function erase(shop: Workshop, rest: string): Promise<void> {
  const answer = await fetch(`http://${shop.world.server.host}/v2/acme/shop/checkout/${rest}`, { method: 'DELETE' });
  expect(answer.status).toBe(202);
}
