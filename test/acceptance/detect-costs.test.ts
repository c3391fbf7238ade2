import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { git, start, World } from '../support/runner.ts';

/*
 * What a detection costs that can be counted: processes of git, fetches among them, bytes of outputs and of the log.
 */

const LARGEST_OUTPUTS = 256 * 1024;
const LARGEST_LOG = 8 * 1024;

let world: World;
let program: string;
let calls: string;
let repository: string;
let before: string;
let after: string;

beforeAll(async () => {
  world = await World.start();
  const bin = join(world.root, 'counting');
  mkdirSync(bin, { recursive: true });
  calls = join(bin, 'calls');
  program = join(bin, 'git');
  const real = join(git(world.root, '--exec-path'), 'git');
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$*" >> "${calls}"\nexec "${real}" "$@"\n`);
  chmodSync(program, 0o755);
  repository = join(world.root, 'counted');
  git(world.root, 'init', '--quiet', '--initial-branch=main', repository);
  before = commit('before', { 'a/x': '1', 'b/x': '1', 'slipway.yml': CONFIG });
  after = commit('after', { 'a/x': '2' });
});
afterAll(() => world.close());

const CONFIG = 'version: 1\nservices: ["a", "b"]\nimage: { builder: none }\ngraph: { import: [] }\n';

function commit(message: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(repository, path, '..'), { recursive: true });
    writeFileSync(join(repository, path), text);
  }
  git(repository, 'add', '--all');
  git(repository, 'commit', '--quiet', '-m', message);
  return git(repository, 'rev-parse', 'HEAD');
}

interface Detection {
  readonly name: string;
  readonly event: object;
  readonly sha: string;
  readonly checkout?: string;
  readonly inputs?: Readonly<Record<string, string>>;
}

let runs = 0;

/** One detection as the runner starts it, and what it did. */
async function detect({ name, event, sha, checkout = repository, inputs = {} }: Detection) {
  runs += 1;
  const temp = join(world.root, `counted-${runs}`);
  mkdirSync(temp);
  for (const file of ['output', 'summary']) writeFileSync(join(temp, file), '');
  writeFileSync(join(temp, 'event.json'), JSON.stringify({ repository: { default_branch: 'main' }, ...event }));
  writeFileSync(calls, '');
  const variables = Object.entries(inputs).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value] as const);
  const answer = await start('detect-changed-services', [], {
    cwd: checkout,
    env: {
      PATH: `${join(program, '..')}${delimiter}${process.env['PATH']}`,
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: name,
      GITHUB_EVENT_PATH: join(temp, 'event.json'),
      GITHUB_REF: name === 'push' ? 'refs/heads/main' : 'refs/pull/1/merge',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_SHA: sha,
      GITHUB_WORKSPACE: checkout,
      GITHUB_OUTPUT: join(temp, 'output'),
      GITHUB_STEP_SUMMARY: join(temp, 'summary'),
      RUNNER_TEMP: temp,
      ...Object.fromEntries(variables),
    },
  });
  const commands = readFileSync(calls, 'utf8').split('\n').filter(Boolean);
  const output = readFileSync(join(temp, 'output'), 'utf8');
  return { ...answer, output, commands, fetches: commands.filter((it) => / (fetch|ls-remote) /.test(it)) };
}

const push = (): Detection => ({ name: 'push', event: { before }, sha: after });
const INLINE = { services: 'a: [a/**]\nb: [b/**]\n' };
const given = (output: string, name: string) => new RegExp(`^${name}<<(.+)\n(.*)\n\\1$`, 'm').exec(output)?.[2];

describe('processes of git', () => {
  test('a push in a whole clone: one, for the difference', async () => {
    const { output, commands } = await detect({ ...push(), inputs: INLINE });
    expect(given(output, 'services')).toBe('["a"]');
    expect(commands).toHaveLength(1);
  });

  test('the same with a configuration in files', async () => {
    const { output, commands } = await detect(push());
    expect(given(output, 'services')).toBe('["a"]');
    expect(commands.length).toBeLessThanOrEqual(2);
  });

  test('the same where dependencies are imported: one more, to list the tree once', async () => {
    writeFileSync(join(repository, 'slipway.yml'), CONFIG.replace('graph: { import: [] }\n', ''));
    git(repository, 'commit', '--quiet', '--all', '-m', 'imports');
    const [from, sha] = [git(repository, 'rev-parse', 'HEAD'), commit('more', { 'b/x': '9' })];
    const { output, commands } = await detect({ name: 'push', event: { before: from }, sha });
    git(repository, 'reset', '--quiet', '--hard', after);
    expect(given(output, 'services')).toBe('["b"]');
    expect(commands.filter((it) => it.includes(' ls-tree '))).toHaveLength(1);
    expect(commands.length).toBeLessThanOrEqual(3);
  });

  test('a pull request, checked out as its merge commit: two', async () => {
    git(repository, 'checkout', '--quiet', '-b', 'side', before);
    const head = commit('side', { 'b/x': '3' });
    git(repository, 'checkout', '--quiet', '--detach', after);
    git(repository, 'merge', '--quiet', '--no-ff', '-m', 'merge', 'side');
    const sha = git(repository, 'rev-parse', 'HEAD');
    const sides = { base: { ref: 'main', sha: before }, head: { ref: 'side', sha: head } };
    const event = { pull_request: { number: 1, ...sides } };
    const { output, commands } = await detect({ name: 'pull_request', event, sha, inputs: INLINE });
    git(repository, 'checkout', '--quiet', 'main');
    expect(given(output, 'services')).toBe('["b"]');
    expect(commands.length).toBeLessThanOrEqual(2);
  });

  test('a checkout of one commit: four at most, one of them a fetch', async () => {
    const checkout = join(world.root, 'one-commit');
    git(world.root, 'clone', '--quiet', '--depth=1', `file://${repository}`, checkout);
    git(repository, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    const { output, commands, fetches } = await detect({ ...push(), checkout, inputs: INLINE });
    expect(given(output, 'services')).toBe('["a"]');
    expect(fetches).toHaveLength(1);
    expect(commands.length).toBeLessThanOrEqual(4);
  });
});

describe('what is written', () => {
  /** As many as an input of the runner can name: the system takes no longer variable than 128 KiB. */
  const many = (count: number, length: number) =>
    Array.from({ length: count }, (_, at) => `${String(at).padStart(length, 's')}: a\n`).join('');

  test.each([
    ['a hundred services', many(100, 8)],
    ['a thousand services', many(1_000, 12)],
    ['five thousand services', many(5_000, 8)],
    ['long names', many(1_800, 63)],
  ])('%s: few outputs of bounded size, and a short log', async (_name, services) => {
    const { output, stdout, exitCode } = await detect({ ...push(), inputs: { services } });
    expect(exitCode).toBe(0);
    expect([...output.matchAll(/^[a-z-]+<</gm)].length).toBeLessThanOrEqual(12);
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(LARGEST_OUTPUTS);
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(LARGEST_LOG);
    expect(given(output, 'any')).toBe('true');
    const count = services.split('\n').length - 1;
    expect(given(output, 'count')).toBe(String(count));
    const named: unknown[] = JSON.parse(given(output, 'services') ?? '');
    const rows: { include: unknown[] }[] = JSON.parse(given(output, 'matrix-chunks') ?? '');
    expect(rows.reduce((sum, { include }) => sum + include.length, 0)).toBe(named.length);
    expect(JSON.parse(given(output, 'matrix') ?? '').include.length).toBeGreaterThan(0);
    // Nothing is left out without an error that says so, and the file has all.
    expect(/::error title=config-invalid::.*only the first \d+ have room/.test(stdout)).toBe(named.length < count);
    const file = given(output, 'reasons-file') ?? '';
    expect(existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).services).toHaveLength(count);
  });
});
