import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BuildJob, buildImage, gatherImageFacts, type Layout, publish } from '../../../shared/build/index.ts';
import { type ImageFacts, keyOf, planImage } from '../../../shared/image/index.ts';
import type { ImagePlan } from '../../../shared/model/index.ts';
import { SETTINGS, sourceFacts } from '../image/facts.ts';
import { failure, MACHINE, openWorkshop, stepsOf, type Workshop } from './world.ts';

let shop: Workshop;
/** An image that some tool has made, in the folder of the service. */
let made: Layout;
beforeEach(async () => {
  shop = await openWorkshop();
  shop.settings = { platforms: ['linux/amd64', 'linux/arm64'] };
  made = (await shop.build({ push: false })).layout;
  await cp(made.directory, join(shop.root, 'services/checkout/dist/image'), { recursive: true });
});
afterEach(() => shop.close());

async function facts(source: string): Promise<ImageFacts> {
  const image = { ...SETTINGS, repository: shop.world.at('acme/given'), native: undefined, source };
  const found = await gatherImageFacts({
    root: shop.root,
    service: { name: 'given', path: 'services/checkout', image },
    covers: () => false,
    source: undefined,
    now: 0,
    registry: shop.world.client,
    scratch: shop.scratch,
  });
  if (found === undefined) throw new Error('nothing');
  return found;
}

async function build(source: string, push = true): Promise<{ plan: ImagePlan; layout: Layout }> {
  const image = await facts(source);
  const lookup = { kind: 'skipped' } as const;
  const plan = planImage({
    image,
    source: sourceFacts(),
    key: keyOf(image),
    lookup,
    push,
    force: false,
    reuse: 'verified',
  });
  const directory = join(shop.scratch, 'given');
  const job: BuildJob = { plan, root: shop.root, directory, date: '2026-01-01T00:00:00Z', cache: 'off' };
  return { plan, layout: await buildImage(image, job, { ...MACHINE, registry: shop.world.client }) };
}

describe('an image that another program has made', () => {
  test('a layout is pushed under the digest that it has, with all its platforms and our tags', async () => {
    const { plan, layout } = await build('dist/image');
    expect(plan.decision).toMatchObject({ kind: 'build', why: expect.stringContaining('image.source') });
    const published = await publish(plan, layout, shop.world.client, stepsOf(plan));
    expect(published.image.digest).toBe(made.top.digest);
    expect(published.tags).toEqual(expect.arrayContaining([`key-${plan.key.value.slice(0, 40)}`, 'main']));
    expect(await shop.world.client.resolve(shop.world.at('acme/given'), 'main')).toMatchObject({
      digest: made.top.digest,
    });
    expect((await facts('dist/image')).platforms.map(({ architecture }) => architecture)).toEqual(['amd64', 'arm64']);
    const again = await build('dist/image');
    expect((await publish(again.plan, again.layout, shop.world.client, stepsOf(again.plan))).pushed).toMatchObject({
      uploaded: 0,
    });
  });

  test('its content key is that of its digest: the same wherever it lies', async () => {
    const key = keyOf(await facts('dist/image'));
    await cp(join(shop.root, 'services/checkout/dist/image'), join(shop.root, 'elsewhere'), { recursive: true });
    expect(keyOf(await facts('../../elsewhere')).value).toBe(key.value);
    await shop.put('services/checkout/src/server.js', 'console.log("other")');
    const other = (await shop.build({ push: false })).layout;
    await cp(other.directory, join(shop.root, 'services/checkout/dist/other'), { recursive: true });
    expect(keyOf(await facts('dist/other')).value).not.toBe(key.value);
  });

  test('one in a registry is copied by digest; within a registry not a byte moves', async () => {
    const built = await shop.build();
    await publish(built.plan, built.layout, shop.world.client, stepsOf(built.plan));
    const reference = `${shop.repository}@${built.layout.top.digest}`;
    const { plan, layout } = await build(reference);
    const published = await publish(plan, layout, shop.world.client, stepsOf(plan));
    expect(published.image).toEqual({ repository: shop.world.at('acme/given'), digest: built.layout.top.digest });
    expect(published.pushed).toMatchObject({ uploaded: 0 });
    expect(published.pushed.mounted).toBeGreaterThan(0);
    expect(keyOf(await facts(reference)).value).toBe(keyOf(await facts('dist/image')).value);
  });

  test('one in a registry that is not pushed comes whole into the layout', async () => {
    const built = await shop.build();
    await publish(built.plan, built.layout, shop.world.client, stepsOf(built.plan));
    const { layout } = await build(`${shop.repository}@${built.layout.top.digest}`, false);
    expect(layout.borrowed.size).toBe(0);
    const names = (folder: string) => readdir(join(folder, 'blobs', 'sha256'));
    expect((await names(layout.directory)).sort()).toEqual((await names(made.directory)).sort());
  });

  test('what is not there is said', async () => {
    expect((await failure(facts('dist/none'))).message).toMatch(/^context-missing .*dist\/none/);
    expect((await failure(facts('ghcr.io/acme/x:1'))).message).toMatch(/named by its digest/);
    const nobody = `${shop.repository}@sha256:${'0'.repeat(64)}`;
    expect((await failure(facts(nobody))).message).toMatch(/^image-not-found .*@sha256:0/);
  });
});
