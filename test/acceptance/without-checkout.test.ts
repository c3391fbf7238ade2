import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type FakeGitHub, startGitHub } from '../support/github.ts';
import type { FakeSource } from '../support/github-source.ts';
import { folders, Remote } from '../support/history.ts';
import { type Ran, World } from '../support/runner.ts';
import {
  ALL,
  config,
  group,
  house,
  onTarget,
  type Pull,
  pull,
  pullEvent,
  pushed,
  type Situation,
  tagged,
} from '../support/situations.ts';

/*
 * Jobs without actions/checkout: GitHub's API stands in for it. What it lists only in part is never taken for the whole.
 */

let world: World;
let folder: (name: string) => string;
let remote: Remote;
let github: FakeGitHub;
beforeAll(async () => {
  world = await World.start();
  folder = folders(world.root);
});
afterAll(() => world.close());
beforeEach(() => {
  remote = new Remote(folder('remote'));
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
});

const SERVICES = JSON.stringify(Object.fromEntries(ALL.map((it) => [it, [`services/${it}/**`]])));
const inline = { services: SERVICES };

const reasonsOf = (ran: Ran) => JSON.parse(readFileSync(ran.outputs['reasons-file'] ?? '', 'utf8'));
const paths = () => github.requests.map(({ path }) => path.replace('/repos/acme/shop/', ''));

async function meet(
  it: Situation,
  source: Partial<FakeSource> = {},
  faults: Parameters<typeof startGitHub>[0] = {},
): Promise<Ran> {
  github = await startGitHub({ ...faults, source: { remote, ...source } });
  const { event, at, ref = 'refs/heads/main', inputs = inline } = it;
  const env = { GITHUB_API_URL: github.url, GITHUB_SERVER_URL: `file://${world.root}` };
  const ran = await world.detect(inputs, { event, at, ref, env, workspace: world.emptyFolder() });
  expect([
    ran.conclusion,
    ran.outputs['services'],
    ran.annotations.map(({ message }) => message.split(' ')[0]),
  ]).toEqual(['success', JSON.stringify(it.services), it.told ?? []]);
  for (const { bases } of reasonsOf(ran).services) expect(bases).toMatchObject([{ rung: it.rung, commit: it.base }]);
  return ran;
}

const files = (count: number, service = 'a') =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`services/${service}/${index}`, '1']));

/** A pull request of `count` files of service a and one of service b, the last of the list. */
function ofFiles(count: number, told: number | 'not told' = count): Situation & { readonly it: Pull } {
  const it = pull(remote, { ...files(count - 1), 'services/b/last': '1' });
  const event = pullEvent(it);
  const { pull_request } = event.event.payload;
  const payload = {
    ...event.event.payload,
    pull_request: { ...pull_request, ...(told === 'not told' ? {} : { changed_files: told }) },
  };
  const at = { at: it.merge, ref: 'refs/pull/7/merge' };
  return { event: { ...event.event, payload }, ...at, services: ['a', 'b'], rung: 'merge-base', base: it.base, it };
}

describe('a pull request', () => {
  test.each([2, 299])('of %i files: one request', async (count) => {
    await meet(ofFiles(count));
    expect(github.requests).toHaveLength(1);
  });

  test('of 1,250 files: all pages', async () => {
    const situation = ofFiles(1_250);
    await meet(situation, { pulls: { 7: situation.it } });
    expect(paths().filter((it) => it === 'pulls/7/files')).toHaveLength(13);
  });

  test('of 1,250 files, that are not counted in the event', async () => {
    const situation = ofFiles(1_250, 'not told');
    await meet(situation, { pulls: { 7: situation.it } });
    expect(github.requests).toHaveLength(14);
  });

  test('of 3,500 files: everything, without a request', async () => {
    const unknown = { services: ALL, rung: 'unknown', base: null };
    const ran = await meet({ ...ofFiles(3_500), ...unknown });
    expect(github.requests).toEqual([]);
    expect(JSON.stringify(reasonsOf(ran))).toContain('changes 3500 files, and GitHub lists no more than 3000');
  });

  test('of 3,500 files, that are not counted in the event: everything', async () => {
    const situation = ofFiles(3_500, 'not told');
    await meet(
      { ...situation, services: ALL, rung: 'unknown', base: null, told: ['base-unknown'] },
      { pulls: { 7: situation.it } },
    );
  });

  test('of which GitHub lists fewer files than it has: everything', async () => {
    const situation = ofFiles(400, 401);
    await meet(
      { ...situation, services: ALL, rung: 'unknown', base: null, told: ['base-unknown'] },
      { pulls: { 7: situation.it } },
    );
  });

  test('whose commits GitHub does not compare: its list of files, from the base of the event', async () => {
    const situation = ofFiles(120);
    const faults = [{ path: /compare/, status: 404 }];
    await meet(situation, { pulls: { 7: situation.it } }, { faults });
  });

  test('that moves a file from one service to another', async () => {
    const base = remote.commit({ ...house(), 'services/a/moved': 'the same text\n' });
    const head = remote.commit(
      { 'services/a/moved': undefined, 'services/b/x': 'the same text\n' },
      { branch: 'topic', parents: [base] },
    );
    await meet({
      ...pullEvent({ base, head, main: base, merge: head }),
      at: head,
      services: ['a', 'b'],
      rung: 'merge-base',
      base,
    });
  });

  test('on its target branch, from a fork', async () => {
    await meet(onTarget({ 'services/c/x': '1' }, ['c'])(remote));
  });

  test('that may not be read: everything, and what right is missing', async () => {
    const unknown = { services: ALL, rung: 'unknown', base: null };
    const faults = [{ path: /./, status: 403, times: 10, body: { message: 'Resource not accessible by integration' } }];
    const ran = await meet({ ...ofFiles(2), ...unknown }, {}, { faults });
    expect(JSON.stringify(reasonsOf(ran))).toContain('contents: read');
  });
});

describe('a push', () => {
  test('of few files: one request', async () => {
    const base = remote.commit(house());
    const at = remote.commits([{ 'services/a/x': '1' }, { 'services/b/x': '1' }]);
    await meet({ ...pushed(base, at), services: ['a', 'b'], rung: 'before', base });
    expect(github.requests).toHaveLength(1);
  });

  test('of more files than a comparison lists: the trees', async () => {
    const base = remote.commit(house());
    const at = remote.commit({ ...files(400), 'services/b/last': '1' });
    await meet({ ...pushed(base, at), services: ['a', 'b'], rung: 'before', base });
    expect(github.requests).toHaveLength(3);
  });

  test('of more files than anything lists: everything', async () => {
    const base = remote.commit(house());
    const at = remote.commit(files(400));
    const unknown = { services: ALL, rung: 'unknown', base: null, told: ['base-unknown'] };
    await meet({ ...pushed(base, at), ...unknown }, { truncated: true });
  });

  test('forced: what only the old tip had counts too', async () => {
    const first = remote.commit(house());
    const old = remote.commit({ 'services/a/x': '1' });
    const at = remote.commit({ 'services/b/x': '1' }, { parents: [first] });
    await meet({ ...pushed(old, at, { forced: true }), services: ['a', 'b'], rung: 'before', base: old });
  });

  test('forced, and the old tip is gone: everything', async () => {
    remote.commit(house());
    const at = remote.commit({ 'services/b/x': '1' });
    const unknown = { services: ALL, rung: 'unknown', base: null, told: ['base-unknown'] };
    await meet({ ...pushed('b'.repeat(40), at, { forced: true }), ...unknown });
  });

  test('the first of a branch', async () => {
    const base = remote.commit(house());
    const at = remote.commit({ 'services/b/x': '1' }, { branch: 'topic', parents: [base] });
    remote.commit({ 'services/c/x': '1' }, { parents: [base] });
    await meet({
      ...pushed('0'.repeat(40), at, { commits: [{}] }),
      ref: 'refs/heads/topic',
      services: ['b'],
      rung: 'merge-base',
      base,
    });
  });
});

describe('other events', () => {
  test('a merge group', async () => {
    await meet(group([])(remote));
  });

  test('a tag: tags are not looked through', async () => {
    const unknown = () => ({ services: ALL, rung: 'unknown', base: null });
    await meet(tagged('v1.2.0', [], unknown)(remote));
  });
});

describe('the configuration of the repository', () => {
  test('is read through the API, and what it was before', async () => {
    const base = remote.commit(house());
    const at = remote.commit({
      'services/b/slipway.service.yml': '{"image":{"builder":"none"},"team":"new"}',
      'services/c': undefined,
    });
    const ran = await meet({ ...pushed(base, at), inputs: {}, services: ['b'], rung: 'before', base });
    expect(ran.outputs['removed']).toBe('["c"]');
  });

  test('of environments: the ledger of the repository itself is read', async () => {
    const files = house();
    const at = remote.commit({ ...files, 'slipway.yml': config({ environments: { dev: {} } }) });
    const situation = { ...pushed('0'.repeat(40), at), inputs: {}, services: ALL, rung: 'deployed', base: null };
    const ran = await meet(situation);
    expect(reasonsOf(ran).services[0].why[0]).toContain('Nothing is recorded as running in dev');
  });

  test('of more files than are read one by one is refused, with what to do', async () => {
    const names = Array.from({ length: 201 }, (_, index) => `s${index}`);
    const texts = names.map((it) => [
      `services/${it}/slipway.service.yml`,
      JSON.stringify({ team: it, image: { builder: 'none' } }),
    ]);
    const at = remote.commit({ ...house([]), ...Object.fromEntries(texts) });
    github = await startGitHub({ source: { remote } });
    const env = { GITHUB_API_URL: github.url };
    const ran = await world.detect({}, { ...pushed('0'.repeat(40), at), env, workspace: world.emptyFolder() });
    expect(ran).toMatchObject({ conclusion: 'failure', report: { reason: 'not-a-repository' } });
    expect(ran.annotations[0]?.message).toMatch(/more than 200 files.*actions\/checkout.*`services`/);
  });
});

describe('what is no job without a checkout', () => {
  const answer = async (settings: Parameters<World['detect']>[1], inputs: Record<string, string> = inline) => {
    github = await startGitHub({ source: { remote } });
    const at = remote.commit(house());
    const env = { GITHUB_API_URL: github.url, ...settings?.env };
    return await world.detect(inputs, {
      ...pushed('0'.repeat(40), at),
      workspace: world.emptyFolder(),
      ...settings,
      env,
    });
  };

  test('one without a token', async () => {
    expect((await answer({ token: '' })).report).toMatchObject({ reason: 'not-a-repository' });
  });

  test('a folder that was named', async () => {
    const ran = await answer({}, { ...inline, 'working-directory': 'no/such' });
    expect(ran.report).toMatchObject({ reason: 'not-a-repository' });
    expect(github.requests).toEqual([]);
  });

  test('a runner without git has none, and an archive of the sources instead', async () => {
    const ran = await answer({ env: { PATH: join(world.root, 'nowhere') } });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { count: '3' } });
  });
});
