import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { monorepo } from '../support/monorepo.ts';
import { World } from '../support/runner.ts';

let world: World;
let first: string;
let second: string;
beforeAll(async () => {
  world = await World.start();
  first = world.push(monorepo(world, { 'shared-paths': ['ci/**'] }), 'The first');
  await record('api', first);
  await record('web', first);
  await record('job', first);
  second = world.push({ 'services/api/src/more.mjs': '1' }, 'The second');
});
afterAll(() => world.close());

async function record(service: string, commit: string): Promise<void> {
  for (const environment of ['dev', 'production']) {
    const image = `ghcr.io/acme/shop/${service}@sha256:${'a'.repeat(64)}`;
    const inputs = { service, environment, image, version: '1', commit, status: 'success' };
    expect((await world.run('record-deploy-event', inputs)).conclusion).toBe('success');
  }
}

const short = (commit: string) => commit.slice(0, 12);
const explained = async (...args: readonly string[]) => {
  const answer = await world.cli(['explain', ...args]);
  expect(answer).toMatchObject({ exitCode: 0, stderr: '' });
  return answer.stdout.trim().split('\n');
};

describe('the command explain', () => {
  test('selected: the files, and the commit that each environment runs', async () => {
    expect(await explained('api')).toEqual([
      `Asked about the commit ${short(second)}.`,
      'api is selected.',
      `  Its own files changed since ${short(first)}: services/api/src/more.mjs.`,
      `  Compared with ${short(first)}: what is deployed in dev.`,
      `  Compared with ${short(first)}: what is deployed in production.`,
      '  Its configuration: what slipway.yml and its own service file say about it.',
      '  Its own files: ** in services/api.',
      '  The services that it depends on: none.',
      '  The `shared-paths`: ci/** in the root.',
    ]);
  });

  test('selected by what it depends on: the way there', async () => {
    const lines = await explained('web', '--environment', 'production');
    const files = `services/api/src/more.mjs`;
    expect(lines).toContain(`  It depends on api, whose files changed since ${short(first)}: ${files}.`);
    expect(lines.filter((it) => it.includes('Compared with'))).toEqual([
      `  Compared with ${short(first)}: what is deployed in production.`,
    ]);
  });

  test('left out: what was compared, with what, and that nothing differs', async () => {
    expect(await explained('job', '--environment', 'dev')).toEqual([
      `Asked about the commit ${short(second)}.`,
      'job is not selected.',
      `  Compared with ${short(first)}: what is deployed in dev.`,
      '  Its configuration: what slipway.yml and its own service file say about it.',
      '  Its own files: ** in services/job.',
      '  The services that it depends on: none.',
      '  The `shared-paths`: ci/** in the root.',
      '  Nothing of what it is made of differs.',
    ]);
  });

  test('with a base and a head of one’s own; for programs as well', async () => {
    expect(await explained('api', '--base', second, '--head', first)).toContain(
      `  Compared with ${short(second)}: the input \`base\`.`,
    );
    const { stdout } = await world.cli(['explain', 'api', '--base', 'HEAD', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      head: second,
      services: [{ service: 'api', selected: false, bases: [{ rung: 'input', commit: second }] }],
    });
  });

  test('what cannot be explained', async () => {
    for (const [args, exitCode, words] of [
      [['explain'], 2, /^The command explain needs a SERVICE/],
      [['explain', 'api', 'web'], 2, /takes no "web"/],
      [['explain', 'apy'], 1, /^service-unknown .*apy/],
      [['explain', 'api', '--environment', 'moon'], 1, /^environment-unknown .*moon/],
    ] as const) {
      expect(await world.cli(args)).toMatchObject({ exitCode, stdout: '', stderr: expect.stringMatching(words) });
    }
    const outside = await world.cli(['explain', 'api', '--remote', world.remote], { cwd: world.emptyFolder() });
    expect(outside).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/^config-missing /) });
  });
});

test('a run with its debug log on tells the same of every service, in the log and in the summary', async () => {
  const lines = (await explained('job')).slice(1);
  const debugged = await world.detect({}, { env: { RUNNER_DEBUG: '1' } });
  expect(debugged.log.join('\n')).toContain(lines.join('\n'));
  expect(debugged.summary).toContain('job is not selected.');
  expect(debugged.summary).toContain('Nothing of what it is made of differs.');
  const usual = await world.detect();
  expect([usual.log.join('\n'), usual.summary].join('\n')).not.toContain('job is not selected');
  expect(usual.summary).toContain('api is selected.');
});
