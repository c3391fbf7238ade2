import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { monorepo } from '../support/monorepo.ts';
import { actionFolder, type JobSettings, World } from '../support/runner.ts';
import { startWebhook, type Webhook } from '../support/webhook.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const web = { service: 'web', environment: 'dev' };

let world: World;
let hook: Webhook;
beforeAll(async () => {
  [world, hook] = await Promise.all([World.start(), startWebhook()]);
  const sinks = [
    { kind: 'webhook', name: 'hook', url: hook.url },
    { kind: 'webhook', name: 'other', url: hook.url },
  ];
  world.push(monorepo(world, { sinks }), 'Begin');
});
afterAll(async () => {
  await Promise.all([world.close(), hook.close()]);
});

const imageOf = (letter: string) => `ghcr.io/acme/shop/web@${digest(letter)}`;
const record = (inputs: Record<string, string>, settings: JobSettings = {}) =>
  world.run('record-deploy-event', { ...web, ...inputs }, settings);

test('a whole deploy of another tool is one event, in the ledger and in the sinks', async () => {
  const times = { 'started-at': '2026-01-02T03:04:05Z', 'finished-at': '2026-01-02T03:05:05+00:00' };
  const ran = await record({ image: imageOf('a'), version: '1.0', status: 'success', incident: 'INC-7', ...times });
  expect(ran).toMatchObject({ conclusion: 'success', annotations: [], report: { status: 'recorded' } });
  expect(ran.outputs).toMatchObject({
    'ledger-ref': 'refs/slipway/v1/dev/web',
    sinks: '{"hook":"ok","other":"ok"}',
    'deployment-id': '',
  });
  const [event, ...more] = world.events('web', 'dev');
  expect(more).toEqual([]);
  expect(event).toMatchObject({
    id: ran.outputs['event-id'],
    phase: 'both',
    kind: 'deploy',
    status: 'success',
    version: '1.0',
    times: { started: '2026-01-02T03:04:05.000Z', finished: '2026-01-02T03:05:05.000Z' },
    links: { incident: 'INC-7' },
    commit: { title: 'Begin' },
  });
  expect(world.state('web', 'dev')).toMatchObject({ live: { image: { digest: digest('a') } } });
  expect(ran.posts).toMatchObject([{ conclusion: 'success', log: [] }]);
});

test('start opens; the step after the job closes it as the job ended', async () => {
  const job = world.job({ run: '600' });
  const uses = actionFolder('record-deploy-event');
  const started = await job.step({ uses, with: { ...web, image: imageOf('b'), phase: 'start' } });
  expect(started.conclusion).toBe('success');
  expect(world.state('web', 'dev')).toMatchObject({ in_doubt: { owner: 'acme/shop/600/1/job' } });
  await job.end();
  expect(world.events('web', 'dev').slice(1)).toMatchObject([
    { phase: 'start', status: 'in_progress' },
    { phase: 'finish', status: 'success', outcome: 'deployed' },
  ]);
  expect(world.state('web', 'dev')).toMatchObject({ in_doubt: null, live: { image: { digest: digest('b') } } });
});

test('of a job that failed, or was cancelled, the end says so; what ran before is what runs', async () => {
  const uses = actionFolder('record-deploy-event');
  const failing = world.job();
  await failing.step({ uses, with: { ...web, image: imageOf('c'), phase: 'start' } });
  await failing.step({ uses: actionFolder('deploy-to-env'), with: { service: 'nobody', environment: 'dev' } });
  await failing.end();
  expect(world.events('web', 'dev').at(-1)).toMatchObject({ status: 'failure', outcome: 'failed' });
  const cancelled = world.job();
  await cancelled.step({ uses, with: { ...web, image: imageOf('c'), phase: 'start' } });
  cancelled.cancel();
  await cancelled.end();
  expect(world.events('web', 'dev').at(-1)).toMatchObject({ status: 'cancelled', outcome: 'cancelled' });
  expect(world.state('web', 'dev')).toMatchObject({ in_doubt: null, live: { image: { digest: digest('b') } } });
});

test('a finish in the same job closes it at once, and nothing is left for the step after the job', async () => {
  const job = world.job();
  const uses = actionFolder('record-deploy-event');
  await job.step({ uses, with: { ...web, image: imageOf('d'), phase: 'start' } });
  const finish = await job.step({ uses, with: { ...web, image: imageOf('d'), phase: 'finish', status: 'success' } });
  expect(finish.conclusion).toBe('success');
  const count = world.events('web', 'dev').length;
  expect((await job.end()).every((it) => it.conclusion === 'success')).toBe(true);
  expect(world.events('web', 'dev')).toHaveLength(count);
  expect(world.events('web', 'dev').at(-1)).toMatchObject({ phase: 'finish', status: 'success' });
});

test('going back to what ran before is found to be a rollback; a change of settings moves no image', async () => {
  await record({ image: imageOf('b'), status: 'success' });
  expect(world.events('web', 'dev').at(-1)).toMatchObject({ kind: 'rollback', outcome: 'rolled-back' });
  const flag = await record({ kind: 'flag', status: 'success' });
  expect(flag.conclusion).toBe('success');
  expect(world.events('web', 'dev').at(-1)).toMatchObject({ kind: 'flag', artifact: null });
  expect(world.state('web', 'dev')).toMatchObject({ live: { image: { digest: digest('b') } } });
});

test('an event of deploy-to-env is only sent on, to the sinks that are named', async () => {
  const image = await world.build('api');
  const deployed = await world.deploy({ service: 'api', environment: 'dev', image });
  const before = world.ledger();
  hook.received.length = 0;
  const ran = await world.run('record-deploy-event', { event: deployed.outputs['event'] ?? '', sinks: 'other' });
  expect(ran).toMatchObject({ conclusion: 'success', report: { status: 'forwarded' } });
  expect(ran.outputs['sinks']).toBe('{"other":"ok"}');
  expect(hook.received).toHaveLength(1);
  expect(hook.received[0]?.body['customData']).toEqual(JSON.parse(deployed.outputs['event'] ?? ''));
  expect(world.ledger()).toEqual(before);
});

test('a commit that git does not know is recorded as it is, and never as another', async () => {
  const unknown = 'd'.repeat(40);
  const ran = await record({ image: imageOf('e'), commit: unknown, status: 'success' }, { run: '700' });
  expect(ran.conclusion).toBe('success');
  expect(world.state('web', 'dev')).toMatchObject({ live: { commit: unknown } });
  const named = await record({ image: imageOf('e'), commit: 'v9', status: 'success' }, { run: '701' });
  expect(named).toMatchObject({ conclusion: 'failure', report: { reason: 'input-invalid' } });
});

test('what cannot be recorded is refused with its reason, and nothing is written', async () => {
  const before = world.ledger();
  const reason = async (inputs: Record<string, string>) => {
    const ran = await world.run('record-deploy-event', inputs);
    expect(ran).toMatchObject({ conclusion: 'failure', exitCode: 1 });
    return ran.annotations[0]?.message;
  };
  expect(await reason({})).toMatch(/^input-invalid The input `service` is needed/);
  expect(await reason({ ...web })).toMatch(/^input-invalid The input `image` is needed/);
  expect(await reason({ ...web, image: 'web:latest' })).toMatch(/^input-invalid .*by digest/);
  expect(await reason({ ...web, image: imageOf('a'), 'started-at': 'yesterday' })).toMatch(
    /^input-invalid .*`started-at`.*"yesterday"/,
  );
  expect(await reason({ ...web, image: imageOf('a'), sinks: 'hock' })).toMatch(/^input-invalid .*hock.*hook, other/);
  expect(await reason({ event: '{"v":1}' })).toMatch(/^input-invalid The input `event` is no deploy event/);
  expect(await reason({ ...web, environment: 'moon', image: imageOf('a') })).toMatch(/^environment-unknown .*"moon"/);
  expect(world.ledger()).toEqual(before);
});
