import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { monorepo, programOf, server, slipwayFile } from '../support/monorepo.ts';
import { contentOf, World } from '../support/runner.ts';

const validEvent = formats
  .default(new Ajv2020({ strict: false }))
  .compile(JSON.parse(readFileSync(new URL('../../schemas/deploy-event.schema.json', import.meta.url), 'utf8')));

describe('the life of a service', () => {
  let world: World;
  let images: Readonly<Record<'one' | 'two' | 'three', string>>;
  let commits: Readonly<Record<'one' | 'two' | 'three', string>>;
  beforeAll(async () => {
    world = await World.start();
    const one = world.push(monorepo(world), 'The first');
    const first = await world.build('api');
    const two = world.push({ [programOf('api')]: server('api-2') }, 'The second');
    const second = await world.build('api');
    const three = world.push({ [programOf('api')]: server('api-3') }, 'The third');
    images = { one: first, two: second, three: await world.build('api') };
    commits = { one, two, three };
  });
  afterAll(() => world.close());

  const dev = { service: 'api', environment: 'dev' };
  const production = { service: 'api', environment: 'production' };

  test('deployed: it runs, and the deploy is recorded from start to end', async () => {
    const ran = await world.deploy({ ...dev, image: images.one }, { at: commits.one });
    expect(ran).toMatchObject({ conclusion: 'success', exitCode: 0, annotations: [] });
    expect(ran.outputs).toMatchObject({ status: 'deployed', reason: '', image: images.one, changed: 'true' });
    expect(ran.outputs['previous-image']).toBe('');
    expect(await (await fetch(ran.outputs['url'] ?? '')).text()).toBe('api-1');
    expect(ran.report).toMatchObject({ action: 'deploy-to-env', status: 'deployed', live: images.one, mode: 'deploy' });
    expect(ran.summary).toContain('### api');
    const events = world.events('api', 'dev');
    expect(events.map((it) => [it['seq'], it['phase'], it['status']])).toEqual([
      [1, 'start', 'in_progress'],
      [2, 'finish', 'success'],
    ]);
    const event = JSON.parse(ran.outputs['event'] ?? '');
    expect(event).toEqual(events[1]);
    for (const it of events) expect([validEvent(it), validEvent.errors]).toEqual([true, null]);
    expect(event).toMatchObject({ commit: { sha: commits.one, title: 'The first' }, actor: { login: 'dana' } });
    // The job is over, its orphans are killed, `post:` has nothing to do: it runs on.
    expect(ran.posts).toMatchObject([{ conclusion: 'success', log: [], summary: '' }]);
    expect(await world.answer('api', 'dev')).toBe('api-1');
  });

  test('unchanged: nothing is written; with a new commit only the record moves on', async () => {
    const before = [contentOf(world.runtime), world.ledger()];
    const same = await world.deploy({ ...dev, image: images.one }, { at: commits.one });
    expect(same.outputs).toMatchObject({ status: 'unchanged', reason: 'unchanged', changed: 'false' });
    expect(same.conclusion).toBe('success');
    expect([contentOf(world.runtime), world.ledger()]).toEqual(before);
    const newer = await world.deploy({ ...dev, image: images.one, commit: commits.two }, { at: commits.two });
    expect(newer.outputs).toMatchObject({ status: 'unchanged', changed: 'false' });
    expect(world.events('api', 'dev').slice(2)).toMatchObject([{ phase: 'both', outcome: 'unchanged' }]);
    expect(world.state('api', 'dev')).toMatchObject({ live: { commit: commits.two } });
  });

  test('a new image takes its place; the image of the commit is found by its tag', async () => {
    const ran = await world.deploy(dev, { at: commits.two });
    expect(ran.outputs).toMatchObject({ status: 'deployed', image: images.two, 'previous-image': images.one });
    expect(await world.answer('api', 'dev')).toBe('api-2');
    expect(world.processes()).toHaveLength(1);
  });

  test('an older commit is superseded; nothing is written', async () => {
    const before = [contentOf(world.runtime), world.ledger()];
    const ran = await world.deploy({ ...dev, image: images.one, commit: commits.one });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { status: 'superseded', changed: 'false' } });
    expect([contentOf(world.runtime), world.ledger()]).toEqual(before);
  });

  test('a commit that went a separate way is refused, unless that is passed, which is recorded', async () => {
    world.git('checkout', '--quiet', '-b', 'hotfix', commits.one);
    const apart = world.push({ 'README.md': 'apart' }, 'Apart');
    world.git('checkout', '--quiet', 'main');
    const inputs = { ...dev, image: images.one, commit: apart };
    const ran = await world.deploy(inputs, { at: apart });
    expect(ran).toMatchObject({ conclusion: 'failure', exitCode: 1 });
    expect(ran.outputs).toMatchObject({ status: 'gate-failed', reason: 'diverged', changed: 'false' });
    expect(ran.annotations).toMatchObject([{ level: 'error', message: expect.stringMatching(/^diverged /) }]);
    const passed = await world.deploy({ ...inputs, override: 'ancestry' }, { at: apart });
    expect(passed.outputs['status']).toBe('deployed');
    expect(world.events('api', 'dev').at(-1)).toMatchObject({ gates: { overridden: ['ancestry'] } });
    // Back on the way: the commit of main is not the one that is live, and has gone another way too.
    const back = await world.deploy({ ...dev, image: images.two, override: 'ancestry' }, { at: commits.two });
    expect(back.outputs['status']).toBe('deployed');
  });

  test('promotion: refused before it has settled, then the very image that is live before', async () => {
    const early = await world.deploy({ ...production, image: images.three }, { at: commits.three });
    expect(early.outputs).toMatchObject({ status: 'gate-failed', reason: 'promotion-missing', changed: 'false' });
    expect(world.events('api', 'production')).toEqual([]);
    expect(world.target('api', 'production')).toBeUndefined();
    const ran = await world.deploy({ ...production, 'promote-from': 'dev' }, { at: commits.three });
    expect(ran.outputs).toMatchObject({ status: 'deployed', image: images.two });
    expect(world.state('api', 'production')).toMatchObject({ live: { commit: commits.two } });
  });

  test('plan shows what would be, and writes nothing at all', async () => {
    const before = [contentOf(world.runtime), world.ledger()];
    const ran = await world.deploy({ ...dev, image: images.three, mode: 'plan' });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { status: 'planned', changed: 'false', event: '' } });
    expect(ran.log.join('\n')).toMatch(/passed +promotion[\s\S]*verdict +go/);
    const refused = await world.deploy({ ...production, image: images.three, mode: 'plan' });
    expect(refused.outputs).toMatchObject({ status: 'planned', reason: 'promotion-missing' });
    expect([contentOf(world.runtime), world.ledger()]).toEqual(before);
  });

  test('rollback: back to what was good; what was left does not come back by itself', async () => {
    expect((await world.deploy({ ...dev, image: images.three })).outputs['status']).toBe('deployed');
    const ran = await world.deploy({ ...dev, mode: 'rollback', reason: 'prices are wrong' }, { actor: 'erin' });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { status: 'rolled-back', image: images.two } });
    expect(await world.answer('api', 'dev')).toBe('api-2');
    const event = world.events('api', 'dev').at(-1);
    expect(event).toMatchObject({ kind: 'rollback', actor: { login: 'erin' }, message: 'prices are wrong' });
    const before = [contentOf(world.runtime), world.ledger()];
    const again = await world.deploy({ ...dev, image: images.three });
    expect(again).toMatchObject({ conclusion: 'success', outputs: { status: 'held', reason: 'held' } });
    expect(again.report['sentence']).toContain('erin');
    expect([contentOf(world.runtime), world.ledger()]).toEqual(before);
    const forced = await world.deploy({ ...dev, image: images.three, override: 'hold' });
    expect(forced.outputs['status']).toBe('deployed');
  });

  test('rollback to a digest or an event; to one that was never good there is refused', async () => {
    const digest = images.one.split('@')[1] ?? '';
    const byDigest = await world.deploy({ ...dev, mode: 'rollback', to: digest });
    expect(byDigest.outputs).toMatchObject({ status: 'rolled-back', image: images.one });
    const good = world.state('api', 'dev')['good'];
    const second = (Array.isArray(good) ? good : []).find((it) => images.two.endsWith(it.image.digest));
    const byEvent = await world.deploy({ ...dev, mode: 'rollback', to: second.event });
    expect(byEvent.outputs).toMatchObject({ status: 'rolled-back', image: images.two });
    const unknown = await world.deploy({ ...dev, mode: 'rollback', to: `sha256:${'f'.repeat(64)}` });
    expect(unknown).toMatchObject({ conclusion: 'failure' });
    expect(unknown.outputs).toMatchObject({ status: 'gate-failed', reason: 'nothing-to-roll-back-to' });
    const first = await world.deploy({ ...production, mode: 'rollback' });
    expect(first.outputs).toMatchObject({ status: 'gate-failed', reason: 'nothing-to-roll-back-to' });
  });

  test('rollback without a checkout takes its target from the ledger', async () => {
    expect((await world.deploy({ ...dev, image: images.three, override: 'hold' })).outputs['status']).toBe('deployed');
    const workspace = world.emptyFolder();
    const ran = await world.deploy({ ...dev, mode: 'rollback', ledger: world.remote }, { workspace });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { status: 'rolled-back', image: images.two } });
    expect(await world.answer('api', 'dev')).toBe('api-2');
    const none = { service: 'web', environment: 'dev', mode: 'rollback', ledger: world.remote };
    expect((await world.deploy(none, { workspace })).report).toMatchObject({ reason: 'never-deployed' });
    const nowhere = await world.deploy({ ...none, ledger: `${world.root}/nowhere` }, { workspace });
    expect(nowhere.report).toMatchObject({ reason: 'ledger-unavailable' });
  });

  test('hold refuses everything until it is released', async () => {
    expect((await world.deploy({ ...dev, mode: 'hold', reason: 'audit' })).outputs['status']).toBe('held');
    const ran = await world.deploy({ ...dev, image: images.three });
    expect(ran.outputs).toMatchObject({ status: 'held', changed: 'false' });
    const released = await world.deploy({ ...dev, mode: 'release' });
    expect(released).toMatchObject({ conclusion: 'success', outputs: { reason: 'released' } });
    expect(world.state('api', 'dev')).toMatchObject({ held: [] });
    expect((await world.deploy({ ...dev, image: images.three })).outputs['status']).toBe('deployed');
  });

  test('removed: nothing runs; once more is unchanged', async () => {
    const ran = await world.deploy({ ...production, mode: 'remove' });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { status: 'removed', changed: 'true' } });
    expect(await world.answer('api', 'production')).toBeUndefined();
    expect(world.state('api', 'production')).toMatchObject({ live: null });
    expect((await world.deploy({ ...production, mode: 'remove' })).outputs['status']).toBe('unchanged');
  });

  test('the ledger is whole after all of that', async () => {
    const answer = await world.cli(['verify']);
    expect(answer).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('every one is verified') });
  });
});

describe('what is bad', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    world.push(monorepo(world));
  });
  afterAll(() => world.close());

  test('the first deploy fails: the evidence is told, and nothing is left running', async () => {
    world.push({ [programOf('web')]: server('web-bad', { health: 500, says: 'cannot reach the | database' }) });
    const image = await world.build('web');
    const ran = await world.deploy({ service: 'web', environment: 'dev', image, timeout: '2s' });
    expect(ran).toMatchObject({ conclusion: 'failure', exitCode: 1 });
    expect(ran.outputs).toMatchObject({ status: 'failed', reason: 'unhealthy', changed: 'true' });
    expect(ran.summary).toContain('cannot reach the | database');
    expect(ran.annotations[0]?.message).toMatch(/^unhealthy .*HTTP 500/);
    expect(world.processes()).toEqual([]);
    expect(world.events('web', 'dev').at(-1)).toMatchObject({ status: 'failure', verify: { result: 'failed' } });
  });

  test('the next one is taken back by itself, and held', async () => {
    world.push({ [programOf('api')]: server('api-good') });
    const good = await world.build('api');
    const deploy = (image: string) => world.deploy({ service: 'api', environment: 'dev', image });
    expect((await deploy(good)).outputs['status']).toBe('deployed');
    world.push({ [programOf('api')]: `console.error('no such table'); process.exit(3);` });
    const bad = await world.build('api');
    const ran = await deploy(bad);
    expect(ran).toMatchObject({ conclusion: 'failure', exitCode: 1 });
    expect(ran.outputs).toMatchObject({ status: 'rolled-back-after-failure', reason: 'start-failed', image: bad });
    expect(ran.summary).toContain('no such table');
    expect(await world.answer('api', 'dev')).toBe('api-good');
    expect((await deploy(bad)).outputs).toMatchObject({ status: 'held', changed: 'false' });
    world.push({ [programOf('api')]: server('api-fixed') });
    expect((await deploy(await world.build('api'))).outputs['status']).toBe('deployed');
    expect(world.state('api', 'dev')).toMatchObject({ held: [] });
  });

  test('names and images that are none', async () => {
    const reason = async (inputs: Record<string, string>) => {
      const ran = await world.deploy({ service: 'api', environment: 'dev', ...inputs });
      expect(ran).toMatchObject({ conclusion: 'failure', outputs: { status: 'failed' } });
      expect(ran.annotations).toHaveLength(1);
      expect(ran.outputs['reason']).toBe(ran.report['reason']);
      return ran.annotations[0]?.message;
    };
    const repository = `${world.registry.host}/acme/shop/api`;
    expect(await reason({ image: `${repository}@sha256:${'0'.repeat(64)}` })).toMatch(/^image-not-found .*sha256:0000/);
    expect(await reason({ image: `${repository}:main` })).toMatch(/^input-invalid .*by digest/);
    world.push({ 'README.md': 'not built' });
    expect(await reason({})).toMatch(/^image-not-found .*no tag sha-/);
    expect(await reason({ service: 'apy' })).toMatch(/^service-unknown .*"apy"/);
    expect(await reason({ environment: 'prod' })).toMatch(/^environment-unknown .*"prod".*dev, production/);
    expect(await reason({ 'promote-from': 'production' })).toMatch(/^promotion-missing /);
    expect(await reason({ timeout: 'soon' })).toMatch(/^input-invalid The input `timeout` must be a duration/);
    expect(await reason({ override: 'frieze' })).toMatch(
      /^input-invalid The input `override` must be a list of freeze.*"frieze"/,
    );
  });

  test('a freeze stops, unless it is passed, which is recorded', async () => {
    const freeze = [{ from: '2020-01-01T00:00', to: '2099-01-01T00:00', zone: 'Europe/Berlin', reason: 'holidays' }];
    world.push({
      'slipway.yml': slipwayFile(world, { environments: { dev: { freeze }, production: { after: 'dev' } } }),
      [programOf('job')]: server('job-2'),
    });
    const inputs = { service: 'job', environment: 'dev', image: await world.build('job') };
    const ran = await world.deploy(inputs);
    expect(ran.outputs).toMatchObject({ status: 'gate-failed', reason: 'freeze-active' });
    expect(ran.annotations[0]?.message).toContain('holidays');
    const passed = await world.deploy({ ...inputs, override: 'freeze', reason: 'the shop is down' });
    expect(passed.outputs['status']).toBe('deployed');
    expect(passed.summary).toContain('overridden');
    expect(world.events('job', 'dev').at(-1)).toMatchObject({
      gates: { overridden: ['freeze'] },
      message: 'the shop is down',
    });
  });
});
