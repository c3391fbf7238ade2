import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KEY_ANNOTATION } from '../../shared/image/index.ts';
import { systemClock } from '../../shared/io/clock.ts';
import { openRegistry } from '../../shared/io/registry/index.ts';
import { monorepo, programOf, serviceFile } from '../support/monorepo.ts';
import { sha256 } from '../support/registry-faults.ts';
import { bodyFrom, OCI_MANIFEST, raw } from '../support/registry-world.ts';
import { World } from '../support/runner.ts';

const pems = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    private: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    public: String(publicKey.export({ format: 'pem', type: 'spki' })),
  };
};
const KEY = pems();
const OTHERS = pems();
const SIGNED = { env: { REUSE_KEY: KEY.private } };
const reuse = { reuse: 'verified', 'reuse-key': { public: '.slipway/reuse.pub', private: { env: 'REUSE_KEY' } } };

const client = () =>
  openRegistry({ env: {}, fetch: globalThis.fetch, clock: systemClock, random: Math.random, warn: () => undefined });

describe('an image is reused when a key proves who made it', () => {
  let world: World;
  let begin: string;
  beforeAll(async () => {
    world = await World.start();
    begin = world.push({ ...monorepo(world, { image: reuse }), '.slipway/reuse.pub': KEY.public });
  });
  afterAll(() => world.close());
  const build = (settings: Parameters<World['run']>[2] = {}, inputs: Record<string, string> = {}) =>
    world.run('build-and-tag-image', { service: 'api', ...inputs }, settings);

  test('one that nobody has signed is built anew, and says so; without the private key it stays so', async () => {
    const first = await build();
    expect(first).toMatchObject({ conclusion: 'success' });
    expect(first.annotations[0]?.message).toMatch(/^signing-key-missing .*has no REUSE_KEY/);
    const second = await build();
    expect(second.report).toMatchObject({ status: 'built', reused: false });
    expect(second.report['why']).toMatch(
      /is not taken: sha256:[0-9a-f]{64} has no signature of the key .slipway\/reuse.pub/,
    );
  });

  test('one that this workflow has signed is reused, also by a pull request, and is not signed again', async () => {
    const signed = await build(SIGNED);
    expect(signed).toMatchObject({ conclusion: 'success', annotations: [] });
    expect(signed.report).toMatchObject({ status: 'built', signature: expect.stringMatching(/^sha256:/) });
    expect(signed.summary).toContain('Signature');
    world.push({ 'README.md': 'words' });
    const uploads = world.registry.uploads();
    const reused = await build(SIGNED);
    expect(reused.report).toMatchObject({ status: 'reused', image: signed.outputs['image'] });
    expect(reused.report['why']).toContain('the key .slipway/reuse.pub proves who made it');
    expect(world.registry.uploads()).toBe(uploads);
    const payload = { pull_request: { number: 1, base: { ref: 'main' }, head: { ref: 'x' } } };
    const asked = await build({ event: { name: 'pull_request', payload }, ref: 'refs/pull/1/merge' });
    expect(asked.report).toMatchObject({ status: 'reused', image: signed.outputs['image'] });
    for (const ran of [signed, reused]) expect(JSON.stringify(ran)).not.toContain(KEY.private.split('\n')[1]);
  });

  test('U14: what is put under the key by someone else is not taken, signed by another key or not', async () => {
    const good = await build(SIGNED);
    const repository = `${world.registry.host}/acme/shop/api`;
    const key = good.outputs['content-key'] ?? '';
    const config = Buffer.from('{"os":"linux","architecture":"amd64"}');
    await client().pushBlob(repository, sha256(config), bodyFrom(config));
    const forged = raw({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length },
      layers: [],
      annotations: { [KEY_ANNOTATION]: key },
    });
    await client().pushManifest(repository, forged);
    await client().tag(repository, forged, `key-${key.slice(0, 40)}`);
    const built = await build();
    expect(built.outputs['digest']).toBe(good.outputs['digest']);
    expect(built.report['why']).toContain(`${forged.digest} has no signature`);
  });

  test('U14: a pull request does not bring its own key', async () => {
    world.git('checkout', '--quiet', '-b', 'theirs');
    const theirs = world.push({ '.slipway/reuse.pub': OTHERS.public, [programOf('api')]: 'console.log("theirs")' });
    const preview = await build(
      { at: theirs, ref: 'refs/heads/theirs', env: { REUSE_KEY: OTHERS.private } },
      { push: 'always' },
    );
    // Its private key is not the other half of what the default branch has.
    expect(preview.annotations[0]?.message).toMatch(
      /^config-invalid The private key of `image.reuse-key` is not the other half/,
    );
    world.git('checkout', '--quiet', 'main');
  });

  test('what a pull request makes is signed in no case', async () => {
    world.push({ [programOf('api')]: 'console.log("from a pull request")' });
    const payload = { pull_request: { number: 1, base: { ref: 'main' }, head: { ref: 'x' } } };
    const event = { event: { name: 'pull_request', payload }, ref: 'refs/pull/1/merge' };
    const made = await build({ ...SIGNED, ...event }, { push: 'always' });
    expect(made.report).toMatchObject({ status: 'built', signature: null });
    expect((await build(SIGNED)).report).toMatchObject({ status: 'built', signature: expect.any(String) });
  });

  test('a key that the default branch does not have is said; the key may lie beside the service', async () => {
    world.push({ '.slipway/reuse.pub': undefined });
    expect((await build()).report['why']).toContain('the branch main has no services/api/.slipway/reuse.pub');
    world.push({ 'services/api/.slipway/reuse.pub': KEY.public });
    expect((await build()).report['why']).toContain('the key services/api/.slipway/reuse.pub proves who made it');
  });

  test('with no key configured the one line that changes it is said', async () => {
    world.push({
      'services/job/slipway.service.yml': serviceFile({ image: { ...serviceFile().image, 'reuse-key': undefined } }),
    });
    world.push({
      'slipway.yml': JSON.stringify({
        ...JSON.parse(String(world.git('show', `${begin}:slipway.yml`))),
        image: { reuse: 'verified' },
      }),
    });
    const ran = await world.run('build-and-tag-image', { service: 'job' });
    expect(ran.report['why']).toContain(
      'there is no `image.reuse-key` to verify with. `image: { reuse: tag }` in slipway.yml',
    );
  });
});
