import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KEY_ANNOTATION } from '../../../shared/image/index.ts';
import { monorepo, programOf } from '../../support/monorepo.ts';
import { World } from '../../support/runner.ts';
import { type RealRegistry, startRealRegistry } from '../registry/real-registry.ts';
import { Cosign, type CosignKey } from './cosign.ts';

const reuse = { reuse: 'verified', 'reuse-key': { public: '.slipway/reuse.pub', private: { env: 'REUSE_KEY' } } };

describe.each([
  ['a key without a password', ''],
  ['a key with a password', 'open sesame'],
])('with %s', (_name, password) => {
  let registry: RealRegistry;
  let world: World;
  let cosign: Cosign;
  let key: CosignKey;
  let other: CosignKey;
  let changes = 0;
  beforeAll(async () => {
    [registry, world, cosign] = await Promise.all([startRealRegistry('anonymous'), World.start(), Cosign.open()]);
    [key, other] = [await cosign.newKey(password), await cosign.newKey('')];
    world.push({
      ...monorepo(world, { registry: registry.at('acme/shop'), image: reuse }),
      '.slipway/reuse.pub': key.publicPem,
    });
  });
  afterAll(async () => {
    await Promise.all([world.close(), registry.stop(), cosign.close()]);
  });

  /** Other content, so that nothing that was signed before is found. */
  const change = () => {
    changes += 1;
    world.push({ [programOf('api')]: `console.log(${changes})` });
  };
  const build = (signed: boolean) =>
    world.run(
      'build-and-tag-image',
      { service: 'api' },
      { env: signed ? { REUSE_KEY: key.privatePem, COSIGN_PASSWORD: password } : {} },
    );

  test('cosign verifies what the action signed, with the content key; by another key it does not', async () => {
    change();
    const ran = await build(true);
    expect(ran).toMatchObject({ conclusion: 'success', annotations: [] });
    const image = ran.outputs['image'] ?? '';
    expect(await cosign.verify(key, image)).toMatchObject({ ok: true });
    const annotation = `${KEY_ANNOTATION}=${ran.outputs['content-key']}`;
    expect(await cosign.verify(key, image, '-a', annotation)).toMatchObject({ ok: true });
    expect(await cosign.verify(key, image, '-a', `${KEY_ANNOTATION}=${'0'.repeat(64)}`)).toMatchObject({ ok: false });
    expect(await cosign.verify(other, image)).toMatchObject({ ok: false });
    expect((await build(false)).report).toMatchObject({ status: 'reused', image });
  });

  test('the action takes what cosign signed with the key, and nothing that it signed with another or says otherwise', async () => {
    change();
    const image = (await build(false)).outputs['image'] ?? '';
    const predicate = join(world.root, 'predicate.json');
    await writeFile(predicate, '{"passed":false}');
    expect(await cosign.sign(other, image)).toMatchObject({ ok: true });
    expect(await cosign.attest(key, image, predicate)).toMatchObject({ ok: true });
    const still = await build(false);
    expect(still.report).toMatchObject({ status: 'built', image });
    expect(still.report['why']).toContain('has no signature of the key');
    expect(await cosign.sign(key, image)).toMatchObject({ ok: true });
    expect((await build(false)).report).toMatchObject({ status: 'reused', image });
  });

  test('both signatures stay beside each other, and cosign still finds its own', async () => {
    change();
    const image = (await build(true)).outputs['image'] ?? '';
    expect(await cosign.sign(other, image)).toMatchObject({ ok: true });
    expect(await cosign.verify(key, image)).toMatchObject({ ok: true });
    expect(await cosign.verify(other, image)).toMatchObject({ ok: true });
  });
});
