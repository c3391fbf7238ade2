import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { monorepo, programOf, server, serviceFile, slipwayFile } from '../support/monorepo.ts';
import { actionFolder, World } from '../support/runner.ts';

const dev = { service: 'api', environment: 'dev' };

let world: World;
beforeAll(async () => {
  world = await World.start();
  world.push(monorepo(world));
});
afterAll(() => world.close());

/** A checkout as actions/checkout makes it when nothing is said: of one commit, without its history. */
const shallow = (commit: string) => world.checkout(commit, '--depth=1');

test('checkouts of depth 1, from the first deploy to the last: who follows whom is known all the same', async () => {
  const one = world.git('rev-parse', 'HEAD');
  const first = await world.deploy(
    { ...dev, image: await world.build('api', { workspace: shallow(one) }) },
    { workspace: shallow(one) },
  );
  expect(first.outputs['status']).toBe('deployed');
  world.push({ 'README.md': 'between' });
  const two = world.push({ [programOf('api')]: server('api-2') });
  const workspace = shallow(two);
  const detected = await world.detect({ environments: 'dev' }, { workspace });
  expect(detected.outputs['services']).toContain('"api"');
  const image = await world.build('api', { workspace });
  const second = await world.deploy({ ...dev, image }, { workspace });
  expect(second).toMatchObject({ outputs: { status: 'deployed' }, annotations: [] });
  // The job of the older commit was slow: it comes last, and finds out that it is late.
  const late = await world.deploy(
    { ...dev, image: first.outputs['image'] ?? '' },
    { at: one, workspace: shallow(one) },
  );
  expect(late.outputs['status']).toBe('superseded');
  expect(world.gitIn(workspace, 'rev-list', '--count', '--all')).toBe('1');
});

test('two deploys in one job, the second cancelled: only that one is taken back', async () => {
  world.push({ [programOf('api')]: server('api-3', { listensAfter: 700 }), [programOf('job')]: server('job-2') });
  const [api, job] = [await world.build('api'), await world.build('job')];
  const both = world.job();
  const uses = actionFolder('deploy-to-env');
  const first = await both.step({ uses, with: { service: 'job', environment: 'dev', image: job } });
  expect(first.outputs['status']).toBe('deployed');
  const second = await both.step({ uses, with: { ...dev, image: api }, interrupt: { at: /^applied/, by: 'cancel' } });
  expect(second.conclusion).toBe('cancelled');
  const posts = await both.end();
  expect(posts.map((it) => it.annotations.length)).toEqual([1, 0]);
  expect(await world.answer('job', 'dev')).toBe('job-2');
  expect(await world.answer('api', 'dev')).toBe('api-2');
  expect(world.state('job', 'dev')).toMatchObject({ in_doubt: null });
});

test('a service that prints more than anybody reads: what is kept of it is bounded, the newest lines are there', async () => {
  const flood = `for (let line = 0; line < 20_000; line += 1) console.log(line + ' ' + '\\u{1F6A2}'.repeat(500));`;
  world.push({ [programOf('api')]: `${flood}\nprocess.stdout.write('the last words', () => process.exit(4));` });
  const ran = await world.deploy({ ...dev, image: await world.build('api') });
  expect(ran.outputs).toMatchObject({ status: 'rolled-back-after-failure', reason: 'start-failed' });
  expect(Buffer.byteLength(ran.outputs['event'] ?? '')).toBeLessThanOrEqual(32 * 1024);
  expect(Buffer.byteLength(ran.outputs['report'] ?? '')).toBeLessThanOrEqual(64 * 1024);
  expect(ran.summary.length).toBeLessThan(100_000);
  expect(ran.summary).toContain('the last words');
  expect(Math.max(...ran.log.map((line) => line.length))).toBeLessThan(2_100);
});

test('U15: what an earlier step made, unknown to git, is in the image and in its key', async () => {
  world.push({
    '.gitignore': 'made/',
    'services/job/slipway.service.yml': serviceFile({
      image: {
        tags: ['sha'],
        native: {
          base: 'scratch',
          layers: [
            { from: 'src', to: '/app' },
            { from: 'made', to: '/app/made' },
          ],
          entrypoint: ['node', '/app/server.mjs'],
        },
      },
    }),
  });
  const workspace = world.checkout(world.git('rev-parse', 'HEAD'), '--no-local');
  const make = (text: string) => {
    mkdirSync(join(workspace, 'services/job/made'), { recursive: true });
    writeFileSync(join(workspace, 'services/job/made/app.jar'), text);
  };
  const build = (inputs: Record<string, string> = {}) =>
    world.run('build-and-tag-image', { service: 'job', ...inputs }, { workspace });
  make('one');
  const one = await build();
  expect(one.report['status']).toBe('built');
  expect((await build()).report['status']).toBe('reused');
  make('two');
  // One commit, two contents: the tag of the commit stays with the first, and the digest of the second is handed on.
  const two = await build();
  expect(two).toMatchObject({ conclusion: 'success', report: { status: 'built', reused: false } });
  expect(two.outputs['digest']).not.toBe(one.outputs['digest']);
  expect(two.outputs['content-key']).not.toBe(one.outputs['content-key']);
  expect(one.outputs['tags']).toContain('"sha-');
  expect(two.outputs['tags']).not.toContain('"sha-');
  expect(two.summary).toContain('was left at');
});

test('U11: two repositories with a service of one name, in one ledger', async () => {
  const ledger = join(world.root, 'acme', 'deploys');
  world.gitIn(world.root, 'init', '--quiet', '--bare', '--initial-branch=main', '--template=', ledger);
  world.push({ ...monorepo(world, { ledger: { repository: 'acme/deploys' } }) });
  const env = { GITHUB_SERVER_URL: `file://${world.root}` };
  const image = (letter: string) => `ghcr.io/acme/shop/api@sha256:${letter.repeat(64)}`;
  const record = (repository: string, letter: string) =>
    world.run(
      'record-deploy-event',
      { ...dev, image: image(letter), status: 'success' },
      { env: { ...env, GITHUB_REPOSITORY: repository } },
    );
  const [shop, blog] = [await record('acme/shop', 'a'), await record('acme/blog', 'b')];
  expect([shop.conclusion, blog.conclusion]).toEqual(['success', 'success']);
  const refs = world.gitIn(ledger, 'for-each-ref', '--format=%(refname)').split('\n');
  expect(refs.sort()).toEqual(['refs/slipway/v1/dev/acme%2Fblog%2Fapi', 'refs/slipway/v1/dev/acme%2Fshop%2Fapi']);
  expect(shop.outputs['ledger-ref']).toBe('refs/slipway/v1/dev/acme%2Fshop%2Fapi');
  const board = await world.run('publish-deploy-board', {}, { env });
  expect(board).toMatchObject({ conclusion: 'success', outputs: { events: '2', verified: 'true' } });
  world.push({ 'slipway.yml': slipwayFile(world) });
});

test('U12: a renamed service goes on where it was', async () => {
  const web = { service: 'web', environment: 'dev' };
  const good = await world.build('web');
  expect((await world.deploy({ ...web, image: good })).outputs['status']).toBe('deployed');
  world.git('mv', 'services/web', 'services/storefront');
  world.push({ 'services/storefront/slipway.service.yml': serviceFile({ aliases: ['web'] }) });
  const detected = await world.detect({ environments: 'dev' });
  expect(JSON.parse(detected.outputs['services'] ?? '')).toContain('storefront');
  expect(detected.outputs['removed']).toBe('[]');
  const renamed = { service: 'storefront', environment: 'dev' };
  const ran = await world.deploy({ ...renamed, image: await world.build('storefront') });
  expect(ran.outputs).toMatchObject({ status: 'deployed', 'previous-image': good });
  expect(world.events('storefront', 'dev')[0]).toMatchObject({ seq: 3 });
  expect((await world.deploy({ ...web, image: good })).annotations[0]?.message).toContain(
    'It is called storefront now',
  );
  expect((await world.cli(['verify'])).exitCode).toBe(0);
});
