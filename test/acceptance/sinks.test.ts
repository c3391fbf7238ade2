import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type FakeGitHub, startGitHub } from '../support/github.ts';
import { monorepo, programOf, server, slipwayFile } from '../support/monorepo.ts';
import { TOKEN, World } from '../support/runner.ts';
import { startWebhook, type Webhook } from '../support/webhook.ts';

const dev = { service: 'api', environment: 'dev' };

let world: World;
let hook: Webhook;
let github: FakeGitHub;
let env: Record<string, string>;
beforeAll(async () => {
  [world, hook, github] = await Promise.all([World.start(), startWebhook(), startGitHub()]);
  env = { GITHUB_API_URL: github.url, HOOK_TOKEN: 'token-of-the-hook' };
  world.push(monorepo(world, { sinks: [{ kind: 'github' }, webhook()] }));
});
afterAll(async () => {
  await Promise.all([world.close(), hook.close(), github.close()]);
});
beforeEach(() => {
  hook.received.length = 0;
  hook.answer = { status: 202, body: '' };
});

const webhook = (more: object = {}) => ({
  kind: 'webhook',
  name: 'hook',
  url: hook.url,
  token: { env: 'HOOK_TOKEN' },
  ...more,
});
const types = () => hook.received.map((it) => it.headers['ce-type']);
const statesOf = (id: number) => github.deployments[id - 1]?.statuses.map((it) => it.state);

test('a deploy is sent to every sink, its start and its end once each', async () => {
  const image = await world.build('api');
  const ran = await world.deploy({ ...dev, image }, { env });
  expect(ran).toMatchObject({ conclusion: 'success', annotations: [] });
  expect(types()).toEqual(['dev.cdevents.pipelinerun.started.0.3.0', 'dev.cdevents.service.deployed.0.3.0']);
  expect(hook.received.map((it) => it.headers['authorization'])).toEqual(Array(2).fill('Bearer token-of-the-hook'));
  expect(hook.received.map((it) => it.body['customData'])).toEqual(world.events('api', 'dev'));
  expect(github.deployments).toMatchObject([
    {
      sha: world.git('rev-parse', 'HEAD'),
      environment: 'dev/api',
      task: 'deploy',
      production: false,
      payload: { service: 'api', ledger: 'refs/slipway/v1/dev/api' },
    },
  ]);
  expect(statesOf(1)).toEqual(['in_progress', 'success']);
  expect(github.requests[0]?.authorization).toContain(TOKEN);
  // The same again is no event, and no marker.
  await world.deploy({ ...dev, image }, { env });
  expect(hook.received).toHaveLength(2);
  expect(github.deployments).toHaveLength(1);
});

test('a run that died and is run again makes no second marker', async () => {
  world.push({ [programOf('api')]: server('api-2', { listensAfter: 700 }) });
  const image = await world.build('api');
  const first = { env, run: '500', interrupt: { at: /^applied/, by: 'kill' } } as const;
  expect((await world.deploy({ ...dev, image }, first)).killedBy).toBe('SIGKILL');
  const again = await world.deploy({ ...dev, image }, { env, run: '500', attempt: 2 });
  expect(again.outputs['status']).toBe('deployed');
  expect(github.deployments).toHaveLength(2);
  expect(statesOf(2)?.at(-1)).toBe('success');
  expect(statesOf(1)).toEqual(['in_progress', 'success', 'inactive']);
  // Who counts by the id of CloudEvents sees one start and one end of the deploy.
  const ids = new Set(hook.received.map((it) => `${it.headers['ce-type']} ${it.headers['ce-id']}`));
  const own = [...ids].filter((it) => /started|upgraded/.test(it));
  expect(own).toHaveLength(2);
  expect(github.violations).toEqual([]);
});

test('a rollback is a deployment of its own; what failed says so', async () => {
  const rollback = await world.deploy({ ...dev, mode: 'rollback' }, { env });
  expect(rollback.outputs['status']).toBe('rolled-back');
  expect(types()).toContain('dev.cdevents.service.rolledback.0.3.0');
  expect(github.deployments.at(-1)).toMatchObject({ task: 'rollback' });
  world.push({ [programOf('api')]: 'process.exit(1);' });
  const failed = await world.deploy({ ...dev, image: await world.build('api') }, { env });
  expect(failed.outputs['status']).toBe('rolled-back-after-failure');
  expect(types()).toContain('dev.cdevents.pipelinerun.finished.0.3.0');
  expect(statesOf(github.deployments.length)?.at(-1)).toBe('failure');
});

test('a sink that is down is a warning; one that is required fails the step, and the deploy stands', async () => {
  hook.answer = { status: 400, body: 'no' };
  world.push({ 'slipway.yml': slipwayFile(world, { sinks: [webhook()] }), [programOf('api')]: server('api-3') });
  const image = await world.build('api');
  const ran = await world.deploy({ ...dev, image }, { env });
  expect(ran).toMatchObject({ conclusion: 'success', outputs: { status: 'deployed' } });
  expect(ran.annotations.map((it) => it.level)).toEqual(['warning', 'warning']);
  expect(ran.annotations[0]?.message).toMatch(/^sink-failed The sink hook did not take the event: .*HTTP 400/);

  world.push({
    'slipway.yml': slipwayFile(world, { sinks: [webhook({ required: true })] }),
    [programOf('api')]: server('api-4'),
  });
  const required = await world.deploy({ ...dev, image: await world.build('api') }, { env });
  expect(required).toMatchObject({ conclusion: 'failure', exitCode: 1 });
  expect(required.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
  expect(required.report).toMatchObject({ status: 'deployed', reason: 'sink-failed' });
  expect(required.annotations.filter((it) => it.level === 'error')).toHaveLength(1);
  expect(await world.answer('api', 'dev')).toBe('api-4');
  expect(world.state('api', 'dev')).toMatchObject({ in_doubt: null });
});

test('the address of a sink can be a secret', async () => {
  world.push({
    'slipway.yml': slipwayFile(world, { sinks: [webhook({ url: { env: 'HOOK_ADDRESS' }, required: true })] }),
    [programOf('api')]: server('api-secret-address'),
  });
  const image = await world.build('api');
  const unset = await world.deploy({ ...dev, image }, { env });
  expect(unset.annotations[0]?.message).toMatch(/^config-invalid The sink hook .*HOOK_ADDRESS, which is not set/);
  const ran = await world.deploy({ ...dev, image }, { env: { ...env, HOOK_ADDRESS: hook.url } });
  expect(ran).toMatchObject({ conclusion: 'success', annotations: [] });
  expect(types()).toContain('dev.cdevents.service.upgraded.0.3.0');
});

test('settings of a sink that are wrong are found before anything is deployed', async () => {
  world.push({ 'slipway.yml': slipwayFile(world, { sinks: [{ kind: 'datadog', token: { env: 'DD' } }] }) });
  const unset = await world.deploy({ ...dev, image: await world.build('api') }, { env });
  expect(unset.annotations[0]?.message).toMatch(
    /^config-invalid The sink datadog .*takes a secret from the variable DD/,
  );
  world.push({ 'slipway.yml': slipwayFile(world, { sinks: [{ kind: 'webhook', url: 'x', token: 'abc' }] }) });
  const literal = await world.deploy({ ...dev, mode: 'rollback' }, { env });
  expect(literal.annotations[0]).toMatchObject({
    message: expect.stringMatching(/: config-invalid .*must not hold a secret/),
    properties: { file: 'slipway.yml', line: expect.stringMatching(/^\d+$/) },
  });
  expect(literal.unmasked).not.toContain('abc');
});
