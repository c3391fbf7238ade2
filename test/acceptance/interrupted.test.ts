import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { monorepo, programOf, server, slipwayFile } from '../support/monorepo.ts';
import { type Ran, World } from '../support/runner.ts';

const dev = { service: 'api', environment: 'dev' };
const APPLIED = /^applied; waiting/;

let world: World;
let good: string;
beforeAll(async () => {
  world = await World.start();
  world.push(monorepo(world));
  good = await world.build('api');
});
afterAll(() => world.close());

/** Pushes and builds a version of the api. */
const version = (name: string, options: Parameters<typeof server>[1] = {}): Promise<string> => {
  world.push({ [programOf('api')]: server(name, options) });
  return world.build('api');
};
const deploy = async (image: string): Promise<void> => {
  const ran = await world.deploy({ ...dev, image });
  expect(ran.outputs['status']).toBe('deployed');
};
const newest = () => world.events('api', 'dev').at(-1);

describe('the machine dies', () => {
  test('after the commit point: the stream is in doubt, the next run (another home, another attempt) finishes it', async () => {
    await deploy(good);
    const image = await version('api-killed', { listensAfter: 700 });
    const died = await world.deploy({ ...dev, image }, { run: '900', interrupt: { at: APPLIED, by: 'kill' } });
    expect(died).toMatchObject({ killedBy: 'SIGKILL', posts: [], outputs: {} });
    expect(world.state('api', 'dev')).toMatchObject({ in_doubt: { owner: 'acme/shop/900/1/job' }, seq: 3 });
    const home = join(world.root, 'another-home');
    mkdirSync(home);
    const next = await world.deploy({ ...dev, image }, { run: '900', attempt: 2, env: { HOME: home } });
    expect(next).toMatchObject({ conclusion: 'success', outputs: { status: 'deployed', image } });
    expect(await world.answer('api', 'dev')).toBe('api-killed');
    expect(world.processes()).toHaveLength(1);
    expect(world.state('api', 'dev')).toMatchObject({ in_doubt: null });
    expect(world.events('api', 'dev').map((it) => it['status'])).toEqual([
      'in_progress',
      'success',
      'in_progress',
      'superseded',
      'in_progress',
      'success',
    ]);
  });

  test('before it: nothing has changed; the next run of another image goes on from there', async () => {
    const doomed = await version('api-doomed');
    const next = await version('api-next');
    const died = await world.deploy({ ...dev, image: doomed }, { interrupt: { at: /^preparing/, by: 'kill' } });
    expect(died.killedBy).toBe('SIGKILL');
    expect(await world.answer('api', 'dev')).toBe('api-killed');
    const ran = await world.deploy({ ...dev, image: next });
    expect(ran.outputs).toMatchObject({ status: 'deployed', image: next });
    expect(await world.answer('api', 'dev')).toBe('api-next');
    expect((await world.cli(['verify'])).exitCode).toBe(0);
  });
});

describe('the job is cancelled', () => {
  const cancelled = async (inputs: Record<string, string>): Promise<Ran> => {
    const ran = await world.deploy({ ...dev, ...inputs }, { interrupt: { at: APPLIED, by: 'cancel' } });
    // It came to rest by itself: the runner did not have to kill it, and would have after ten seconds.
    expect(ran).toMatchObject({ conclusion: 'cancelled', exitCode: 1, killedBy: null });
    return ran;
  };

  test('`post:` takes back what was half done, and says so; the old version answers', async () => {
    const image = await version('api-slow', { listensAfter: 'never' });
    const ran = await cancelled({ image });
    expect(ran.outputs).toMatchObject({ status: 'cancelled', changed: 'true' });
    expect(ran.posts).toHaveLength(1);
    expect(ran.posts[0]?.annotations).toMatchObject([
      { level: 'error', message: expect.stringMatching(/^cancelled .*is back/) },
    ]);
    expect(ran.posts[0]?.summary).toContain('cancelled');
    expect(await world.answer('api', 'dev')).toBe('api-next');
    expect(newest()).toMatchObject({ phase: 'finish', status: 'cancelled', outcome: 'cancelled' });
    expect(world.state('api', 'dev')).toMatchObject({ in_doubt: null, held: [] });
    expect(world.processes()).toHaveLength(1);
    // A cancelled image is not a bad one: it may come again.
    const plan = await world.deploy({ ...dev, image, mode: 'plan' });
    expect(plan.outputs).toMatchObject({ status: 'planned', reason: '' });
  });

  test('`on-cancel: leave` leaves it, and the end is recorded all the same', async () => {
    const image = await version('api-left', { listensAfter: 1_500 });
    const ran = await cancelled({ image, 'on-cancel': 'leave' });
    expect(ran.posts[0]?.annotations[0]?.message).toContain('left running, unverified');
    expect(newest()).toMatchObject({ status: 'cancelled', outcome: 'cancelled' });
    const next = await version('api-after');
    await deploy(next);
    expect(await world.answer('api', 'dev')).toBe('api-after');
  });

  test.each([
    ['deploy-to-env', {}],
    ['record-deploy-event', { status: 'success' }],
  ] as const)('before the first line of %s: nothing was saved, and `post:` does nothing', async (action, more) => {
    const image = await version('api-never');
    const before = { target: world.target('api', 'dev'), ledger: world.ledger() };
    const inputs = { ...dev, image, ...more };
    const ran = await world.run(action, inputs, { interrupt: { at: 'start', by: 'cancel' } });
    expect(ran).toMatchObject({ conclusion: 'cancelled', state: {}, log: [] });
    expect(ran.posts).toMatchObject([{ conclusion: 'success', exitCode: 0, log: [], outputs: {}, summary: '' }]);
    expect({ target: world.target('api', 'dev'), ledger: world.ledger() }).toEqual(before);
  });

  test('before anything was written there is nothing to take back', async () => {
    const image = await version('api-early');
    const before = world.target('api', 'dev');
    const ran = await world.deploy({ ...dev, image }, { interrupt: { at: /^Plan for/, by: 'cancel' } });
    expect(ran.conclusion).toBe('cancelled');
    expect(await world.answer('api', 'dev')).toBe('api-after');
    expect(world.state('api', 'dev')).toMatchObject({ in_doubt: null });
    expect(world.target('api', 'dev')).toEqual(before);
    await deploy(image);
  });
});

describe('the ledger', () => {
  beforeAll(() => world.hook(`test ! -e closed || { echo 'no pushes today'; exit 1; }`));
  const closed = (is: boolean) => {
    const mark = join(world.remote, 'closed');
    if (is) writeFileSync(mark, '');
    else rmSync(mark);
  };

  test('refuses the start: nothing is deployed', async () => {
    const image = await version('api-unrecorded');
    const before = world.ledger();
    closed(true);
    const ran = await world.deploy({ ...dev, image });
    closed(false);
    expect(ran).toMatchObject({ conclusion: 'failure', exitCode: 1 });
    expect(ran.outputs).toMatchObject({ reason: 'ledger-unavailable', changed: 'false' });
    expect(ran.annotations.at(-1)?.message).toMatch(/^ledger-unavailable .*no pushes today/);
    expect(await world.answer('api', 'dev')).toBe('api-early');
    expect(world.ledger()).toEqual(before);
    expect(world.processes()).toHaveLength(1);
  });

  test('refuses only the end: the deploy stands, the stream is in doubt, the next run settles it', async () => {
    const image = await version('api-unfinished');
    const ran = await world.deploy({ ...dev, image }, { onLine: (line) => APPLIED.test(line) && closed(true) });
    closed(false);
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { status: 'deployed' } });
    expect(ran.annotations).toMatchObject([
      { level: 'warning', message: expect.stringMatching(/^ledger-unavailable .*stays in doubt/) },
    ]);
    expect(await world.answer('api', 'dev')).toBe('api-unfinished');
    expect(world.state('api', 'dev')).toMatchObject({ in_doubt: {} });
    const promoted = { service: 'api', environment: 'production', image };
    expect((await world.deploy(promoted)).outputs['reason']).toBe('promotion-missing');
    const next = await world.deploy({ ...dev, image });
    expect(next).toMatchObject({ conclusion: 'success' });
    expect(world.state('api', 'dev')).toMatchObject({ in_doubt: null });
    expect((await world.deploy(promoted)).outputs['status']).toBe('deployed');
  });

  test('refuses, but a rollback goes on all the same', async () => {
    closed(true);
    const ran = await world.deploy({ ...dev, mode: 'rollback' });
    closed(false);
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { status: 'rolled-back' } });
    expect(await world.answer('api', 'dev')).toBe('api-early');
    // The target has kept what the ledger could not: the next run records it, and what was left does not come back.
    const again = await world.deploy({ ...dev, image: ran.outputs['previous-image'] ?? '' });
    expect(again).toMatchObject({ conclusion: 'success', outputs: { status: 'held', changed: 'false' } });
    expect(world.events('api', 'dev').at(-1)).toMatchObject({ kind: 'rollback', outcome: 'rolled-back' });
    expect(await world.answer('api', 'dev')).toBe('api-early');
    expect(await world.cli(['verify'])).toMatchObject({ exitCode: 0 });
  });
});

describe('several at once', () => {
  test('two deploys of one stream go one after the other, and the newer one stays', async () => {
    const older = await version('api-older');
    const olderCommit = world.git('rev-parse', 'HEAD');
    const newer = await version('api-newer');
    const [first, second] = await Promise.all([
      world.deploy({ ...dev, image: older, commit: olderCommit }, { at: olderCommit }),
      world.deploy({ ...dev, image: newer }),
    ]);
    expect(second.outputs['status']).toBe('deployed');
    expect(['deployed', 'superseded']).toContain(first.outputs['status']);
    expect(await world.answer('api', 'dev')).toBe('api-newer');
    expect(world.processes()).toHaveLength(2);
    expect((await world.cli(['verify'])).exitCode).toBe(0);
  });

  test('who does not want to wait ends `locked`, and says who has it', async () => {
    const slow = await version('api-waits', { listensAfter: 2_500 });
    const next = await version('api-impatient');
    let other: Promise<Ran> | undefined;
    const start = (line: string) => {
      if (APPLIED.test(line)) other ??= world.deploy({ ...dev, image: next, 'lock-wait': '1ms' });
    };
    const ran = await world.deploy({ ...dev, image: slow }, { run: '901', onLine: start });
    const locked = await other;
    expect(ran.outputs['status']).toBe('deployed');
    expect(locked).toMatchObject({ conclusion: 'failure', outputs: { status: 'locked', changed: 'false' } });
    expect(locked?.annotations[0]?.message).toMatch(/^locked .*acme\/shop\/901\/1\/job/);
    expect(await world.answer('api', 'dev')).toBe('api-waits');
  });
});

describe('a bare environment', () => {
  test('no identity for git, no HOME, and nothing but PATH', async () => {
    const image = await version('api-bare');
    const bare = {
      HOME: undefined,
      GIT_CONFIG_GLOBAL: undefined,
      GITHUB_ACTOR: undefined,
      GITHUB_SERVER_URL: undefined,
    };
    const ran = await world.deploy({ ...dev, image }, { env: bare });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { status: 'deployed' }, annotations: [] });
    expect(newest()).toMatchObject({ actor: { login: 'unknown' } });
  });

  test('a port of its own is replaced in place, and comes back', async () => {
    const port = await freePort();
    const target = { kind: 'local', directory: `${world.runtime}/{environment}/{service}`, port };
    const config = slipwayFile(world);
    world.push({
      'slipway.yml': { ...config, deploy: { ...config.deploy, target } },
      [programOf('job')]: server('job-1'),
    });
    const job = { service: 'job', environment: 'dev' };
    const first = await world.deploy({ ...job, image: await world.build('job') });
    expect(first.outputs).toMatchObject({ status: 'deployed', url: `http://127.0.0.1:${port}` });
    world.push({ [programOf('job')]: server('job-bad', { health: 503 }) });
    const ran = await world.deploy({ ...job, image: await world.build('job'), timeout: '2s' });
    expect(ran.outputs['status']).toBe('rolled-back-after-failure');
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('job-1');
  });
});

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
