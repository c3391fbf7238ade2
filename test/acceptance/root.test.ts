import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { monorepo, programOf, server } from '../support/monorepo.ts';
import { World } from '../support/runner.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
  world.push(monorepo(world));
});
afterAll(() => world.close());

const both = (service: string, environment: string) => world.run('root', { service, environment });

test('builds a service and deploys it to an environment that is not production', async () => {
  const ran = await both('api', 'dev');
  expect(ran).toMatchObject({ conclusion: 'success', annotations: [] });
  expect(ran.outputs).toMatchObject({ status: 'deployed', image: expect.stringMatching(/\/api@sha256:[0-9a-f]{64}$/) });
  expect(JSON.parse(ran.outputs['event'] ?? '')).toMatchObject({ service: 'api', status: 'success' });
  expect(ran.report).toMatchObject({ action: 'deploy-to-env', status: 'deployed' });
  expect(ran.summary).toMatch(/services selected[\s\S]*### api: built[\s\S]*in dev: deployed/);
  expect(await world.answer('api', 'dev')).toBe('api-1');
  world.push({ 'README.md': 'words' });
  const again = await both('api', 'dev');
  expect(again.outputs).toMatchObject({ status: 'unchanged', image: ran.outputs['image'] });
});

test('refuses production, and names that are none, before anything is built', async () => {
  const before = world.registry.requests.length;
  const production = await both('api', 'production');
  expect(production).toMatchObject({ conclusion: 'failure', outputs: { image: '', status: '' } });
  expect(production.annotations).toMatchObject([
    { message: expect.stringMatching(/^input-invalid The environment production is of class production/) },
  ]);
  expect(production.report).toMatchObject({ action: 'detect-changed-services', reason: 'input-invalid' });
  const unknown = await both('ape', 'dev');
  expect(unknown.report).toMatchObject({ reason: 'service-unknown' });
  const nowhere = await both('api', 'deev');
  expect(nowhere.report).toMatchObject({ reason: 'environment-unknown' });
  expect(world.registry.requests).toHaveLength(before);
});

test('what cannot be built is not deployed; what is bad is taken back, and the job fails', async () => {
  world.push({ 'services/job/src': undefined });
  const unbuilt = await both('job', 'dev');
  expect(unbuilt).toMatchObject({ conclusion: 'failure', report: { reason: 'context-missing' } });
  expect(world.events('job', 'dev')).toEqual([]);
  world.push({ [programOf('api')]: server('api-bad', { health: 500 }) });
  const bad = await both('api', 'dev');
  expect(bad).toMatchObject({ conclusion: 'failure', outputs: { status: 'rolled-back-after-failure' } });
  expect(await world.answer('api', 'dev')).toBe('api-1');
});
