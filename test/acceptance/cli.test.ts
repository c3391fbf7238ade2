import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { monorepo } from '../support/monorepo.ts';
import { World } from '../support/runner.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
  const one = world.push(monorepo(world), 'The first');
  const record = async (service: string, environment: string, letter: string, time: string) => {
    const image = `ghcr.io/acme/shop/${service}@sha256:${letter.repeat(64)}`;
    const times = { 'started-at': `2026-03-01T${time}:00Z`, 'finished-at': `2026-03-01T${time}:30Z` };
    const inputs = { service, environment, image, version: `${service}-${letter}`, commit: one, status: 'success' };
    expect((await world.run('record-deploy-event', { ...inputs, ...times })).conclusion).toBe('success');
  };
  await record('api', 'dev', 'a', '10:00');
  await record('api', 'production', 'a', '10:10');
  await record('web', 'production', 'b', '10:20');
  await record('api', 'dev', 'c', '10:30');
});
afterAll(() => world.close());

const json = async (...args: readonly string[]) => {
  const answer = await world.cli([...args, '--json']);
  expect(answer).toMatchObject({ exitCode: 0, stderr: '' });
  return JSON.parse(answer.stdout);
};

describe('every question has an answer for people and one for programs', () => {
  test('state', async () => {
    const { exitCode, stdout } = await world.cli(['state']);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['service', 'environment', 'version'],
      ['api', 'dev', 'api-c'],
      ['api', 'production', 'api-a'],
      ['web', 'production', 'web-b'],
      [''],
    ]);
    expect(await json('state', '--environment', 'dev')).toMatchObject([{ service: 'api', live: { version: 'api-c' } }]);
  });

  test('log', async () => {
    const { stdout } = await world.cli(['log', '--limit', '2']);
    expect(stdout.trim().split('\n')).toHaveLength(3);
    expect(stdout).toMatch(/api-c[\s\S]*web-b/);
    expect(await json('log', '--service', 'web')).toMatchObject([{ service: 'web', outcome: 'deployed' }]);
  });

  test('suspects', async () => {
    const question = ['suspects', '--at', '2026-03-01T10:25:00Z', '--environment', 'production'];
    const { stdout } = await world.cli([...question, '--service', 'web']);
    expect(stdout).toMatch(/^1 {2}web web-b/);
    const found = await json(...question);
    expect(found.ranked.map((it: { deploy: { service: string } }) => it.deploy.service).sort()).toEqual(['api', 'web']);
    const missing = await world.cli(['suspects', '--environment', 'production']);
    expect(missing).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/^input-invalid .*--at/) });
  });

  test('drift', async () => {
    expect((await world.cli(['drift', '--from', 'dev', '--to', 'production'])).stdout).toMatch(/api +api-c .*api-a/);
    expect(await json('drift', '--from', 'dev', '--to', 'production')).toHaveLength(2);
  });

  test('dora', async () => {
    expect((await world.cli(['dora', '--days', '3650'])).stdout).toMatch(/api +production +1/);
    const rows = await json('dora', '--days', '3650', '--service', 'web');
    expect(rows).toMatchObject([{ service: 'web', environment: 'production', deploys: 1 }]);
  });
});

describe('where it is asked', () => {
  test('outside of a checkout, of a remote', async () => {
    const elsewhere = { cwd: world.emptyFolder(), repository: '' };
    const answer = await world.cli(['state', '--remote', world.remote, '--repository', 'acme/shop'], elsewhere);
    expect(answer).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('api-c') });
    const nowhere = await world.cli(['state'], elsewhere);
    expect(nowhere).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/^ledger-unavailable /) });
    expect(nowhere.stderr).not.toMatch(/^\s+at /m);
  });

  test('with the repository left to be found out', async () => {
    const elsewhere = { cwd: world.emptyFolder(), repository: '' };
    const answer = await world.cli(['verify', '--remote', world.remote], elsewhere);
    expect(answer).toMatchObject({ exitCode: 0 });
  });

  test('what is not understood ends with 2 and the usage', async () => {
    for (const args of [['stat'], ['--nonsense'], ['log', '--limit'], ['state', '--limit', '2'], ['state', 'api']]) {
      const answer = await world.cli(args);
      expect([args, answer.exitCode]).toEqual([args, 2]);
      expect(answer.stderr).toContain('usage: node dist/cli.js <command>');
    }
    expect(await world.cli(['--help'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('suspects') });
    expect(await world.cli([])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('usage') });
    for (const wrong of [
      ['log', '--limit', 'many'],
      ['dora', '--days', '0'],
      ['suspects', '--at', 'noon', '--environment', 'dev'],
    ]) {
      const answer = await world.cli(wrong);
      expect([wrong, answer.exitCode]).toEqual([wrong, 1]);
      expect(answer).toMatchObject({ stdout: '', stderr: expect.stringMatching(/^input-invalid /) });
    }
  });
});

test('verify: whole is 0; a record that was changed is 1, and named', async () => {
  expect(await world.cli(['verify'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('every one is verified'),
  });
  world.forge('api', 'dev', (event) => event.replaceAll('api-c', 'api-x'));
  const answer = await world.cli(['verify']);
  expect(answer).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('dev/api') });
  expect(await world.cli(['verify', '--json'])).toMatchObject({ exitCode: 1 });
  const state = await world.cli(['state']);
  expect(state).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('cannot be believed') });
});
