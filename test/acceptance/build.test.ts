import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refuse } from '../../shared/demo/registry-replies.ts';
import { monorepo, programOf, server, serviceFile, slipwayFile } from '../support/monorepo.ts';
import { basicAuth, faulty } from '../support/registry-faults.ts';
import { type Ran, World } from '../support/runner.ts';

/** Requests to the registry since a mark that write something. */
const writes = (world: World, since: number): readonly string[] =>
  world.registry.requests
    .slice(since)
    .filter((it) => !['GET', 'HEAD'].includes(it.method))
    .map((it) => `${it.method} ${it.path}`);

const tagsOf = (ran: Ran): readonly string[] => JSON.parse(ran.outputs['tags'] ?? '[]');

describe('one image, built once', () => {
  let world: World;
  let commit: string;
  beforeAll(async () => {
    world = await World.start();
    commit = world.push(monorepo(world), 'Begin');
  });
  afterAll(() => world.close());

  const build = (inputs: Record<string, string>, settings: Parameters<World['run']>[2] = {}) =>
    world.run('build-and-tag-image', { service: 'api', ...inputs }, settings);

  test('a pull request builds without pushing: nothing is written to the registry, the layout is there', async () => {
    const mark = world.registry.requests.length;
    const payload = { pull_request: { number: 1, base: { ref: 'main' }, head: { ref: 'x' } } };
    const ran = await build({}, { event: { name: 'pull_request', payload }, ref: 'refs/pull/1/merge' });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { image: '', tags: '[]', reused: 'false' } });
    expect(ran.report).toMatchObject({ status: 'built', uploads: 0 });
    expect(writes(world, mark)).toEqual([]);
    const layout = ran.outputs['layout'] ?? '';
    expect(JSON.parse(readFileSync(join(layout, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' });
    const digest = (ran.outputs['digest'] ?? '').replace('sha256:', '');
    expect(existsSync(join(layout, 'blobs', 'sha256', digest))).toBe(true);
  });

  test('on the default branch it is pushed; the same content again is reused, without one upload; force builds', async () => {
    const built = await build({});
    const image = `${world.registry.host}/acme/shop/api@${built.outputs['digest']}`;
    expect(built).toMatchObject({ conclusion: 'success', outputs: { image, reused: 'false' }, annotations: [] });
    expect(built.report).toMatchObject({ status: 'built', image, reused: false, service: 'api', retries: 0 });
    expect(built.report['uploads']).toBeGreaterThan(0);
    expect(built.report['uploaded-bytes']).toBeGreaterThan(0);
    expect(built.outputs['version']).toMatch(new RegExp(`^\\d{8}-${commit.slice(0, 12)}$`));
    expect(tagsOf(built)).toEqual(expect.arrayContaining([`sha-${commit}`, 'main']));
    expect(built.log.join('\n')).toContain('The registry has no image of this content');
    expect(built.summary).toContain('### api: built');

    const uploads = world.registry.uploads();
    const next = world.push({ 'README.md': 'words' });
    const reused = await build({});
    expect(reused.outputs).toMatchObject({ image, reused: 'true', layout: '' });
    expect(reused.report).toMatchObject({ status: 'reused', uploads: 0, 'uploaded-bytes': 0 });
    expect(tagsOf(reused)).toContain(`sha-${next}`);
    expect(world.registry.uploads()).toBe(uploads);

    const forced = await build({ force: 'true' });
    expect(forced.report).toMatchObject({ status: 'forced', reused: false });
    expect(forced.outputs['image']).toBe(image);
  });

  test('only what an image is made of makes another one', async () => {
    const key = async (service: string) =>
      (await world.run('build-and-tag-image', { service, push: 'never' })).outputs['content-key'];
    const [api, job] = await Promise.all([key('api'), key('job')]);
    expect(api).not.toBe(job);
    world.push({ [programOf('job')]: server('job-2'), 'services/job/notes.md': 'not in the image' });
    expect(await Promise.all([key('api'), key('job')])).toEqual([api, expect.not.stringMatching(`^${job}$`)]);
  });

  test('`verified` cannot be verified yet: it builds, and says the one line that changes it', async () => {
    const ran = await build({ reuse: 'verified' });
    expect(ran.report).toMatchObject({ status: 'built', reused: false });
    expect(ran.summary).toContain('reuse: tag');
    expect(ran.report['why']).toContain('`image: { reuse: tag }` in slipway.yml');
  });

  test('`preview` writes only below its own repository', async () => {
    const mark = world.registry.requests.length;
    const ran = await build({ push: 'preview', force: 'true' });
    expect(ran.outputs['image']).toContain('/acme/shop/api/preview@sha256:');
    const written = writes(world, mark);
    expect(written.length).toBeGreaterThan(0);
    for (const it of written) expect(it).toContain('/v2/acme/shop/api/preview/');
  });

  test('what is missing, and what cannot be carried out, is named', async () => {
    const native = { base: 'scratch', layers: [{ from: 'dist', to: '/app' }], entrypoint: ['node', '/app/x.js'] };
    world.push({
      'services/api/slipway.service.yml': serviceFile({ image: { native } }),
      'services/web/slipway.service.yml': serviceFile({ image: { builder: 'docker' } }),
      'services/job/slipway.service.yml': serviceFile({ image: { builder: 'docker', secrets: ['npm'] } }),
      'services/job/Dockerfile': 'FROM scratch',
    });
    const failing = async (service: string, inputs: Record<string, string> = {}) => {
      const ran = await build({ service, ...inputs });
      expect(ran).toMatchObject({ conclusion: 'failure', exitCode: 1 });
      return ran.annotations[0]?.message;
    };
    expect(await failing('api')).toMatch(/^context-missing .*`from: dist`.*services\/api\/dist/);
    expect(await failing('web')).toMatch(/^dockerfile-missing web has no Dockerfile/);
    expect(await failing('job')).toMatch(/^secret-missing job is built with the secret `npm`/);
    expect(await failing('ape')).toMatch(/^service-unknown .*"ape".*api, job, web/);
    expect(await failing('api', { cache: 'sometimes' })).toMatch(/^input-invalid The input `cache` must be one of/);
    expect(await failing('api', { push: 'sometimes' })).toMatch(/^input-invalid The input `push` must be one of/);
  });
});

describe('a registry that does not help', () => {
  const files = (world: World) => ({
    'slipway.yml': slipwayFile(world),
    'services/api/slipway.service.yml': serviceFile(),
    [programOf('api')]: server('api'),
  });

  test('down, broken, or closed to us: each has its own code, and says which registry', async () => {
    const worlds = await Promise.all([
      World.start({ around: faulty(() => 'reset') }),
      World.start({ around: faulty(() => ({ status: 503, body: 'maintenance' })) }),
      World.start({ around: basicAuth('ann', 'secret') }),
      World.start({ around: faulty((it) => (it.method === 'POST' ? refusal : undefined)) }),
    ]);
    try {
      const rans = await Promise.all(
        worlds.map(async (world) => {
          world.push(files(world));
          return world.run('build-and-tag-image', { service: 'api' });
        }),
      );
      const codes = rans.map((it) => it.report['reason']);
      expect(codes).toEqual(['registry-unavailable', 'registry-unavailable', 'registry-denied', 'registry-denied']);
      rans.forEach((ran, index) => {
        expect(ran).toMatchObject({ conclusion: 'failure', exitCode: 1 });
        expect(ran.annotations).toHaveLength(1);
        expect(ran.annotations[0]?.message).toContain(worlds[index]?.registry.host);
      });
    } finally {
      for (const world of worlds) await world.close();
    }
  });

  const denied = refuse(403, 'DENIED', 'requested access to the resource is denied');
  const refusal = { status: 403, body: String(denied.body) };
});
