import { mkdtempSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fakeDocker, type Script } from '../support/fake-buildx.ts';
import { slipwayFile } from '../support/monorepo.ts';
import { type Ran, World } from '../support/runner.ts';

/* The bundle with a program in the place of Docker's command line; the real one runs in test/e2e/builder. */

let world: World;
beforeAll(async () => {
  world = await World.start();
  world.push({
    'slipway.yml': slipwayFile(world),
    'services/api/slipway.service.yml': { image: { secrets: ['npm_token'] } },
    'services/api/Dockerfile': 'FROM scratch\nCOPY main.js /\n',
    'services/api/main.js': 'main',
  });
});
afterAll(() => world.close());

async function build(script: Script = {}, settings: Parameters<World['run']>[2] = {}) {
  const docker = await fakeDocker(mkdtempSync(join(world.root, 'docker-')), script);
  const env = {
    PATH: `${docker.bin}${delimiter}${process.env['PATH']}`,
    NPM_TOKEN: 'a-secret-of-npm',
    ...settings.env,
  };
  const ran = await world.run('build-and-tag-image', { service: 'api', cache: 'registry' }, { ...settings, env });
  return { ran, calls: await docker.calls() };
}

describe('a Dockerfile', () => {
  let built: Ran;

  test('is built by buildx and pushed by us; the secret goes by the environment and is in no output', async () => {
    const { ran, calls } = await build();
    built = ran;
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { reused: 'false' }, annotations: [] });
    expect(ran.report).toMatchObject({ status: 'built', builder: 'docker' });
    const digest = ran.outputs['digest'] ?? '';
    expect(ran.outputs['image']).toBe(`${world.registry.host}/acme/shop/api@${digest}`);
    expect(JSON.parse(readFileSync(join(ran.outputs['layout'] ?? '', 'index.json'), 'utf8')).manifests[0].digest).toBe(
      digest,
    );
    expect(calls).toHaveLength(1);
    const [call] = calls;
    expect(call?.args).toEqual(
      expect.arrayContaining([
        '--secret=id=npm_token,env=NPM_TOKEN',
        `--cache-from=type=registry,ref=${world.registry.host}/acme/shop/api:buildcache`,
        expect.stringContaining('--cache-to='),
      ]),
    );
    expect(call?.dockerfile).toBe('FROM scratch\nCOPY main.js /\n');
    const own = Object.keys(call?.env ?? {}).filter((name) => /^(?:INPUT|STATE)_/.test(name));
    expect(own).toEqual([]);
    expect(ran.unmasked).not.toContain('a-secret-of-npm');
  });

  test('is not built again when its content is there', async () => {
    const { ran, calls } = await build();
    expect(ran.report).toMatchObject({ status: 'reused', uploads: 0 });
    expect(ran.outputs['image']).toBe(built.outputs['image']);
    expect(calls).toEqual([]);
  });

  test('of a pull request writes neither an image nor a cache', async () => {
    world.push({ 'services/api/main.js': 'of a pull request' });
    const payload = { pull_request: { number: 1, base: { ref: 'main' }, head: { ref: 'x' } } };
    const event = { name: 'pull_request', payload };
    const { ran, calls } = await build({}, { event, ref: 'refs/pull/1/merge' });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { image: '' } });
    expect(calls[0]?.args.filter((it) => it.startsWith('--cache'))).toHaveLength(1);
  });

  test('that fails is shown at its line', async () => {
    world.push({ 'services/api/main.js': 'fails' });
    const fails = [
      '------',
      ' > [1/1] COPY main.js /:',
      '------',
      'Dockerfile:2',
      '-'.repeat(20),
      'ERROR: failed to solve: no',
    ];
    const { ran } = await build({ fails });
    expect(ran).toMatchObject({ conclusion: 'failure', exitCode: 1, report: { reason: 'build-failed' } });
    expect(ran.annotations[0]).toMatchObject({ properties: { file: 'services/api/Dockerfile', line: '2' } });
  });

  test('U16: with the commit in it is built each time, and a notice says why and what to do', async () => {
    const file = (image: object) => ({ image: { reuse: 'tag', ...image } });
    const dockerfile = 'FROM scratch\nARG GIT_SHA\nCOPY main.js /\n';
    const commit = world.push({
      'services/api/slipway.service.yml': file({ 'build-args': { GIT_SHA: '{{sha}}', OTHER: 'x' } }),
      'services/api/Dockerfile': dockerfile,
    });
    const runs = [await build(), await build()];
    for (const { ran, calls } of runs) {
      expect(ran.report).toMatchObject({ status: 'built', why: expect.stringContaining('`GIT_SHA` holds `{{sha}}`') });
      expect(calls[0]?.args).toContain(`--build-arg=GIT_SHA=${commit}`);
      expect(calls[0]?.args.join(' ')).not.toContain('OTHER');
      const said = ran.annotations.map(({ level, message }) => `${level} ${message}`);
      expect(said).toEqual([
        expect.stringMatching(/^notice image-volatile .*`GIT_SHA` holds `\{\{sha\}\}`.*environment variable/),
        expect.stringMatching(/^warning build-arg-unused .*`ARG OTHER`/),
      ]);
    }
    world.push({ 'services/api/slipway.service.yml': file({}) });
    await build();
    expect((await build()).ran.report).toMatchObject({ status: 'reused' });
  });

  test('whose build is cancelled ends its builder', async () => {
    world.push({ 'services/api/main.js': 'waits' });
    const note = join(world.root, 'note');
    const { ran } = await build({ hangs: note }, { interrupt: { at: /#1 waiting/, by: 'cancel' } });
    expect(ran.conclusion).toBe('cancelled');
    expect(ran.report).toMatchObject({ reason: 'cancelled' });
    expect(readFileSync(note, 'utf8')).toBe('ended');
  });
});
