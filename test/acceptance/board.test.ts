import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { monorepo, programOf, server } from '../support/monorepo.ts';
import { World } from '../support/runner.ts';

const dev = { service: 'api', environment: 'dev' };
const FOLD = 'refs/heads/slipway-ledger';

let world: World;
beforeAll(async () => {
  world = await World.start();
  world.push(monorepo(world), 'Begin');
  const ran = await world.deploy({ ...dev, image: await world.build('api') });
  expect(ran.outputs['status']).toBe('deployed');
});
afterAll(() => world.close());

const board = (inputs: Record<string, string> = {}) => world.run('publish-deploy-board', inputs);
const refs = () => world.gitIn(world.remote, 'for-each-ref', '--format=%(refname) %(objectname)');

test('without pushing, the site is there and the remote is as it was', async () => {
  const before = refs();
  const output = join(world.root, 'site');
  const ran = await board({ output, push: 'false' });
  expect(ran).toMatchObject({ conclusion: 'success', annotations: [], outputs: { site: output, events: '2' } });
  expect(ran.outputs['verified']).toBe('true');
  expect(ran.report).toMatchObject({ status: 'published', findings: [], root: null });
  const page = readFileSync(join(output, 'index.html'), 'utf8');
  expect(page).toMatch(/^<!doctype html>/i);
  expect(page).toContain('api');
  expect(refs()).toBe(before);
});

test('the ledger is folded into its branch; folding the same again writes nothing', async () => {
  const ran = await board();
  expect(ran).toMatchObject({ conclusion: 'success', outputs: { verified: 'true' } });
  expect(readdirSync(ran.outputs['site'] ?? '')).toContain('index.html');
  const folded = world.gitIn(world.remote, 'ls-tree', '-r', '--name-only', FOLD).split('\n');
  expect(folded).toEqual(expect.arrayContaining(['heads.json', 'root', 'state.json']));
  expect(folded.filter((it) => it.startsWith('events/dev/'))).toHaveLength(1);
  expect(ran.report['root']).toBe(world.gitIn(world.remote, 'show', `${FOLD}:root`));
  const before = refs();
  expect((await board()).outputs['verified']).toBe('true');
  expect(refs()).toBe(before);
});

test('a deploy whose run died is settled on the way', async () => {
  world.push({ [programOf('api')]: server('api-2', { listensAfter: 500 }) });
  const image = await world.build('api');
  const died = await world.deploy({ ...dev, image }, { interrupt: { at: /^applied/, by: 'kill' } });
  expect(died.killedBy).toBe('SIGKILL');
  expect(world.state('api', 'dev')).toMatchObject({ in_doubt: {} });
  const ran = await board();
  expect(ran.report['swept']).toEqual(['api in dev: deployed']);
  expect(ran.summary).toContain('settled: api in dev: deployed');
  expect(world.state('api', 'dev')).toMatchObject({ in_doubt: null, live: { image: { digest: image.split('@')[1] } } });
  expect(world.events('api', 'dev').at(-1)).toMatchObject({ status: 'success', run: { job: 'job' } });
  expect(await world.answer('api', 'dev')).toBe('api-2');
});

test('one that is still alive is left alone', async () => {
  world.push({ [programOf('api')]: server('api-3', { listensAfter: 1_500 }) });
  const image = await world.build('api');
  let seen: ReturnType<typeof board> | undefined;
  const ran = await world.deploy(
    { ...dev, image },
    {
      onLine: (line) => {
        if (line.startsWith('applied')) seen ??= board({ push: 'false' });
      },
    },
  );
  expect(ran.outputs['status']).toBe('deployed');
  expect((await seen)?.report['swept']).toEqual([]);
});

test('a stream that was rewritten after it was folded is named, and the board is not verified', async () => {
  await board();
  const ref = 'refs/slipway/v1/dev/api';
  world.gitIn(world.remote, 'update-ref', ref, world.gitIn(world.remote, 'rev-parse', `${ref}~2`));
  const ran = await board();
  expect(ran).toMatchObject({ conclusion: 'success', outputs: { verified: 'false' } });
  expect(ran.report).toMatchObject({ status: 'published-with-findings', reason: 'ledger-unbelievable' });
  expect(ran.annotations).toMatchObject([
    { level: 'warning', message: expect.stringMatching(/^ledger-unbelievable .*dev\/api.*rewritten/) },
  ]);
  expect(ran.summary).toContain('rewritten');
  expect(existsSync(join(ran.outputs['site'] ?? '', 'index.html'))).toBe(true);
});

test.each([
  ['the checkout itself', '.', /it is the repository/],
  ['a folder that holds it', '../..', /it is the repository/],
  ["git's own folder", '.git/site', /git's own folder/],
  ['a file', 'slipway.yml', /cannot be made/],
])('%s is no place for the site, and nothing is folded', async (_place, output, words) => {
  const before = refs();
  const ran = await board({ output });
  expect(ran).toMatchObject({ conclusion: 'failure', report: { reason: 'input-invalid' } });
  expect(ran.annotations.map((it) => it.message).join()).toMatch(words);
  expect(refs()).toBe(before);
});

test('a ledger that cannot be read is an error', async () => {
  const workspace = world.checkout(world.git('rev-parse', 'HEAD'), '--no-local');
  world.gitIn(workspace, 'remote', 'set-url', 'origin', join(world.root, 'nowhere'));
  const ran = await world.run('publish-deploy-board', {}, { workspace });
  expect(ran).toMatchObject({ conclusion: 'failure', report: { reason: 'ledger-unavailable' } });
});
