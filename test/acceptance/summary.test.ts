import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { monorepo, programOf, server, slipwayFile } from '../support/monorepo.ts';
import { World } from '../support/runner.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
  world.push(monorepo(world));
});
afterAll(() => world.close());

const RESULTS = JSON.stringify({ detect: 'success', services: ['success', 'skipped'], approval: '', approved: [] });
const summary = (run: string, services: readonly string[], more: object = { results: RESULTS }) =>
  world.run('summarize-run', { services: JSON.stringify(services), ...more }, { run });
const ship = async (service: string, run: string) => {
  const { outputs } = await world.run('build-and-tag-image', { service }, { run });
  const image = outputs['image'] ?? '';
  const ran = await world.run('deploy-to-env', { service, environment: 'dev', image }, { run });
  return { image, status: ran.outputs['status'] };
};
const parsed = (text: string | undefined): unknown => JSON.parse(text ?? '');

test('tells what a run has brought where, also when later runs have gone over it', async () => {
  const first = await ship('api', '501');
  const own = await summary('501', ['api', 'web']);
  expect(own).toMatchObject({ conclusion: 'success', annotations: [] });
  expect(parsed(own.outputs['statuses'])).toEqual({ api: { dev: 'deployed' }, web: {} });
  expect(parsed(own.outputs['images'])).toEqual({ api: first.image });
  expect(own.summary).toMatch(/\| Service \| dev \|.*\n.*\n\| api \| deployed \|.*\n\| web \| not reached/);

  world.push({ [programOf('api')]: server('api-bad', { health: 500 }) });
  const bad = await ship('api', '502');
  expect(bad.status).toBe('rolled-back-after-failure');
  const later = await summary('502', ['api']);
  expect(parsed(later.outputs['statuses'])).toEqual({ api: { dev: 'rolled-back-after-failure' } });
  const earlier = await summary('501', ['api']);
  expect(parsed(earlier.outputs['statuses'])).toEqual({ api: { dev: 'deployed' } });
});

test('the verdict is of the jobs, and fails the step', async () => {
  const results = JSON.stringify({ detect: 'success', services: ['failure'], approval: '', approved: [] });
  const red = await summary('503', ['api'], { results });
  expect(red).toMatchObject({ conclusion: 'failure', report: { status: 'failed', reason: 'pipeline-failed' } });
  expect(red.annotations).toMatchObject([{ message: expect.stringMatching(/^pipeline-failed .*matrix 1/) }]);
  expect(red.outputs['services']).toBe('["api"]');
  const undetected = await summary('503', [], { results: '{"detect":"failure"}', selected: '' });
  expect(undetected).toMatchObject({ conclusion: 'failure' });
  const nothing = await summary('503', [], { results: '{"detect":"success","services":["skipped"]}', selected: '0' });
  expect(nothing).toMatchObject({ conclusion: 'success' });
  const wrong = await summary('503', [], { results: '{"detect":"great"}' });
  expect(wrong.report).toMatchObject({ reason: 'input-invalid' });
});

test('the verdict stands without the ledger', async () => {
  world.push({ 'slipway.yml': slipwayFile(world, { ledger: { remote: `${world.remote}.gone` } }) });
  const ran = await summary('504', ['api']);
  expect(ran).toMatchObject({ conclusion: 'success', outputs: { statuses: '{}' } });
  expect(ran.annotations).toMatchObject([{ level: 'warning', message: expect.stringMatching(/^ledger-unavailable/) }]);
});
