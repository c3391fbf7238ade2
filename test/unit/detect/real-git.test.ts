import { chmodSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../../shared/config/index.ts';
import { type DetectInput, type DetectRequest, detect } from '../../../shared/detect/index.ts';
import { buildGraph } from '../../../shared/graph/index.ts';
import { workTree } from '../../../shared/io/files.ts';
import { openCheckout } from '../../../shared/io/git/index.ts';
import type { Commit, Selection, StreamReading, Trigger } from '../../../shared/model/index.ts';
import { Sandbox } from '../git/support.ts';
import { push, REQUEST, run, running } from './world.ts';

const box = new Sandbox();
afterAll(() => box.remove());

const SETTINGS = { file: 'slipway.yml', repository: 'acme/shop' };
const HOUSE = 'version: 1\nservices: ["services/*"]\n';
const DEPLOYED = `${HOUSE}environments: { production: {} }\ndeploy: { target: { kind: local, directory: "/tmp/x/{environment}/{service}" } }\n`;

interface Question {
  readonly trigger: Trigger;
  readonly sha?: Commit;
  readonly request?: Partial<DetectRequest>;
  readonly stream?: DetectInput['stream'];
}

/** The answer for a clone, with its own configuration, read as the action reads it. */
async function ask(directory: string, { trigger, sha, request, stream }: Question): Promise<Selection> {
  const checkout = await openCheckout(directory, box.options());
  const config = await loadConfig(workTree(directory), SETTINGS);
  return await detect({
    config,
    graph: buildGraph(config),
    run: run(trigger, sha ?? box.head(directory)),
    checkout,
    request: { ...REQUEST, ...request },
    stream,
    configAt: async (commit) => await loadConfig(checkout.at(commit), SETTINGS),
  });
}

const selected = (it: Selection) => it.verdicts.filter((verdict) => verdict.selected).map(({ service }) => service);

/** A repository with services a, b and c, each with a Dockerfile. */
async function shop(name: string, files: Readonly<Record<string, string>> = {}) {
  const repository = await box.repository(name);
  const services = Object.fromEntries(['a', 'b', 'c'].map((it) => [`services/${it}/Dockerfile`, 'FROM scratch\n']));
  const base = await box.commit(repository, { 'slipway.yml': HOUSE, ...services, ...files });
  return { repository, base };
}

describe('a push', () => {
  test.each([
    ['the whole history', []],
    ['depth 1', ['--depth=1']],
    ['no files of old commits', ['--filter=blob:none']],
  ])('of sixty commits, cloned with %s', async (depth, options) => {
    const { repository, base } = await shop(`sixty-${depth.length}`);
    await box.commit(repository, { 'services/a/x': '1' });
    for (let index = 0; index < 58; index++)
      box.git(repository, 'commit', '--quiet', '--allow-empty', '-m', `${index}`);
    await box.commit(repository, { 'services/b/x': '1' });
    const clone = box.clone(repository, `sixty-${depth.length}-clone`, ...options);
    expect(selected(await ask(clone, { trigger: push(base) }))).toEqual(['a', 'b']);
  });

  test('a rename from one service to another selects both', async () => {
    const { repository, base } = await shop('rename', { 'services/a/file': 'the same text, line by line\n' });
    renameSync(`${repository}/services/a/file`, `${repository}/services/b/file`);
    await box.commit(repository, {});
    expect(selected(await ask(repository, { trigger: push(base) }))).toEqual(['a', 'b']);
  });

  test('type, mode and submodule', async () => {
    const { repository } = await shop('kinds', { 'services/a/x': '1', 'services/b/x': '1' });
    const library = await box.repository('kinds-library');
    const [one, two] = [await box.commit(library, { a: '1' }), await box.commit(library, { a: '2' })];
    const bump = (commit: Commit) => {
      box.git(repository, 'update-index', '--add', '--cacheinfo', `160000,${commit},services/c/library`);
      box.git(repository, 'commit', '--quiet', '-m', 'library');
      return box.head(repository);
    };
    const base = bump(one);
    rmSync(`${repository}/services/a/x`);
    symlinkSync('Dockerfile', `${repository}/services/a/x`);
    box.git(repository, 'commit', '--quiet', '-am', 'type');
    const typed = box.head(repository);
    chmodSync(`${repository}/services/b/x`, 0o755);
    box.git(repository, 'commit', '--quiet', '-am', 'mode');
    const executable = box.head(repository);
    bump(two);
    const since = async (commit: Commit) => selected(await ask(repository, { trigger: push(commit) }));
    expect(await since(base)).toEqual(['a', 'b', 'c']);
    expect(await since(typed)).toEqual(['b', 'c']);
    expect(await since(executable)).toEqual(['c']);
  });

  test('a change that is taken back again selects nothing', async () => {
    const { repository, base } = await shop('back');
    await box.commit(repository, { 'services/a/x': '1' });
    await box.commit(repository, { 'services/a/x': undefined });
    expect(selected(await ask(repository, { trigger: push(base) }))).toEqual([]);
  });

  test('names with every odd byte', async () => {
    const { repository, base } = await shop('odd');
    const odd = ['line\nbreak', 'tab\t', '"quote"', 'back\\slash', '-dash', 'é', '$(id)', '::add-mask::x'];
    const files = odd.map((name) => [Buffer.from(name), '1'] as const);
    const sub = box.git(
      repository,
      'rev-parse',
      `${box.commitTree(repository, [...files, [Buffer.from([0xff, 0xfe]), '1']])}^{tree}`,
    );
    box.git(repository, 'read-tree', '--prefix=services/b/odd/', sub);
    const tree = box.git(repository, 'write-tree');
    const head = box.git(repository, 'commit-tree', '-m', 'odd', '-p', base, tree);
    const selection = await ask(repository, { trigger: push(base), sha: head });
    expect(selected(selection)).toEqual(['b']);
    expect(selection.verdicts[1]?.reasons[0]).toMatchObject({ kind: 'files', count: odd.length + 1 });
  });

  test('forced, and the old tip is gone: everything', async () => {
    const { repository, base } = await shop('forced');
    const old = await box.commit(repository, { 'services/a/x': '1' });
    box.git(repository, 'reset', '--quiet', '--hard', base);
    await box.commit(repository, { 'services/b/x': '1' });
    const clone = box.clone(repository, 'forced-clone', '--depth=1');
    const answer = async () => selected(await ask(clone, { trigger: push(old) }));
    expect(await answer()).toEqual(['a', 'b']);
    box.git(repository, 'reflog', 'expire', '--expire=now', '--all');
    box.git(repository, 'gc', '--quiet', '--prune=now');
    expect(await answer()).toEqual(['a', 'b', 'c']);
  });

  test('the first of a branch, at depth 1: all its commits count', async () => {
    const { repository } = await shop('branch');
    await box.commit(repository, { 'services/c/main': '1' });
    box.git(repository, 'checkout', '--quiet', '-b', 'topic', 'HEAD~1');
    await box.commit(repository, { 'services/a/x': '1' });
    await box.commit(repository, { 'services/b/x': '1' });
    const clone = box.clone(repository, 'branch-clone', '--depth=1', '--branch=topic');
    const selection = await ask(clone, { trigger: push(undefined, 'topic') });
    expect(selected(selection)).toEqual(['a', 'b']);
    expect(selection.verdicts[0]?.bases[0]?.rung).toBe('merge-base');
  });

  test('the first of a repository: everything', async () => {
    const { repository } = await shop('first');
    expect(selected(await ask(repository, { trigger: push(undefined) }))).toEqual(['a', 'b', 'c']);
  });

  test('an old commit’s configuration is read at depth 1: new, changed and removed services', async () => {
    const { repository, base } = await shop('config', {
      'services/a/slipway.service.yml': 'team: one\n',
      'services/b/slipway.service.yml': 'team: one\n',
    });
    await box.commit(repository, {
      'services/b/slipway.service.yml': 'team: two\n',
      'services/a/slipway.service.yml': '# a comment\nteam: one\n',
      'services/d/Dockerfile': 'FROM scratch\n',
      'services/c': undefined,
    });
    const selection = await ask(box.clone(repository, 'config-clone', '--depth=1'), { trigger: push(base) });
    expect(selection.verdicts.map((it) => it.reasons.map(({ kind }) => kind))).toEqual([
      [],
      ['config'],
      ['new', 'files'],
    ]);
    expect(selection.removed).toEqual(['c']);
  });
});

describe('a pull request', () => {
  let repository: string;
  let stale: Commit;
  let topic: Commit;

  beforeAll(async () => {
    const made = await shop('pull');
    repository = made.repository;
    stale = made.base;
    box.git(repository, 'checkout', '--quiet', '-b', 'topic');
    topic = await box.commit(repository, { 'services/a/x': '1' });
    box.git(repository, 'checkout', '--quiet', 'main');
    await box.commit(repository, { 'services/b/others': '1' });
    box.git(repository, 'checkout', '--quiet', '--detach');
    box.git(repository, 'merge', '--quiet', '--no-ff', '--no-edit', 'topic');
    box.git(repository, 'update-ref', 'refs/pull/7/merge', 'HEAD');
    box.git(repository, 'checkout', '--quiet', 'main');
  });

  const trigger = (): Trigger => ({
    kind: 'pull-request',
    number: 7,
    base: { ref: 'main', sha: stale },
    head: { ref: 'topic', sha: topic },
    fork: false,
  });

  test('merged, at depth 1, with a stale base: only its own changes', async () => {
    const clone = box.clone(repository, 'pull-merge', '--no-checkout', '--depth=1');
    box.git(clone, 'fetch', '--quiet', '--depth=1', 'origin', 'refs/pull/7/merge');
    box.git(clone, 'checkout', '--quiet', 'FETCH_HEAD');
    const selection = await ask(clone, { trigger: trigger() });
    expect(selected(selection)).toEqual(['a']);
    expect(selection.verdicts[0]?.bases[0]?.rung).toBe('first-parent');
  });

  test('its head, at depth 1: the merge base', async () => {
    const clone = box.clone(repository, 'pull-head', '--depth=1', '--branch=topic');
    const sha = box.git(repository, 'rev-parse', 'refs/pull/7/merge');
    const selection = await ask(clone, { trigger: trigger(), sha });
    expect(selected(selection)).toEqual(['a']);
    expect(selection.verdicts[0]?.bases[0]).toMatchObject({ rung: 'merge-base', commit: stale });
  });

  test('pull_request_target, on the target branch: the change itself, not the last merge', async () => {
    const selection = await ask(box.clone(repository, 'pull-target', '--depth=1'), { trigger: trigger() });
    expect(selected(selection)).toEqual(['a']);
    expect(selection.head).toBe(topic);
  });

  test('in a merge group: all that comes to the target branch with it', async () => {
    const clone = box.clone(repository, 'group', '--depth=1', '--branch=topic');
    box.git(repository, 'checkout', '--quiet', '-b', 'queue', 'main');
    const entry = await box.commit(repository, { 'services/b/entry': '1' });
    const head = await box.commit(repository, { 'services/c/entry': '1' });
    const group: Trigger = { kind: 'merge-group', base: { ref: 'main', sha: entry }, head: { sha: head } };
    expect(selected(await ask(clone, { trigger: group, sha: head }))).toEqual(['b', 'c']);
  });
});

describe('a tag', () => {
  test.each([
    ['the whole history', []],
    ['depth 1', ['--depth=1', '--no-tags']],
  ])('is compared with the one before, cloned with %s', async (depth, options) => {
    const { repository } = await shop(`tag-${depth.length}`);
    box.git(repository, 'tag', 'v1.0.0');
    await box.commit(repository, { 'services/a/x': '1' });
    box.git(repository, 'tag', 'a/v7.0.0');
    await box.commit(repository, { 'services/b/x': '1' });
    box.git(repository, 'tag', 'v1.1.0');
    const clone = box.clone(repository, `tag-${depth.length}-clone`, ...options);
    const tagged = async (tag: string) => selected(await ask(clone, { trigger: { kind: 'tag', tag } }));
    expect(await tagged('v1.1.0')).toEqual(['a', 'b']);
    expect(await tagged('a/v7.0.1')).toEqual(['b']);
    expect(await tagged('other-1.0.0')).toEqual(['a', 'b', 'c']);
  });
});

describe('what is deployed', () => {
  test('each service has its own base, fetched together at depth 1', async () => {
    const { repository, base } = await shop('deployed', { 'slipway.yml': DEPLOYED });
    const second = await box.commit(repository, { 'services/a/x': '1' });
    const third = await box.commit(repository, { 'services/b/x': '1' });
    await box.commit(repository, { 'services/c/x': '1' });
    const clone = box.clone(repository, 'deployed-clone', '--depth=1');
    const runs: Readonly<Record<string, StreamReading>> = { a: running(base), b: running(third), c: running(second) };
    const selection = await ask(clone, {
      trigger: push(third),
      stream: (_environment, { name }) => runs[name] ?? { kind: 'missing' },
    });
    expect(selected(selection)).toEqual(['a', 'c']);
    expect(selection.verdicts.map((it) => it.bases[0]?.commit)).toEqual([base, third, second]);
  });

  test('U6: B was rolled back to A, then an unrelated service is pushed: B’s change is selected again', async () => {
    const { repository, base: releaseA } = await shop('rolled-back', { 'slipway.yml': DEPLOYED });
    const releaseB = await box.commit(repository, { 'services/a/bad': '1' });
    await box.commit(repository, { 'services/b/x': '1' });
    const runs: Readonly<Record<string, StreamReading>> = {
      a: running(releaseA),
      b: running(releaseB),
      c: running(releaseB),
    };
    const selection = await ask(box.clone(repository, 'rolled-back-clone', '--depth=1'), {
      trigger: push(releaseB),
      stream: (_environment, { name }) => runs[name] ?? { kind: 'missing' },
    });
    expect(selected(selection)).toEqual(['a', 'b']);
  });

  test('a commit on a line that was abandoned is compared by its tree', async () => {
    const { repository, base } = await shop('abandoned', { 'slipway.yml': DEPLOYED });
    const hotfix = await box.commit(repository, { 'services/a/x': 'fixed' });
    box.git(repository, 'reset', '--quiet', '--hard', base);
    await box.commit(repository, { 'services/a/x': 'fixed' });
    const stream = (): StreamReading => running(hotfix);
    expect(selected(await ask(repository, { trigger: push(base), stream }))).toEqual([]);
  });
});

test('services named like the words of a program, three hundred of them', async () => {
  const names = [
    '10',
    '__proto__',
    'changes',
    'constructor',
    ...Array.from({ length: 296 }, (_, index) => `s${index}`),
  ];
  const repository = await box.repository('many');
  const files = Object.fromEntries(names.map((name) => [`services/${name}/Dockerfile`, 'FROM scratch\n']));
  const base = await box.commit(repository, { 'slipway.yml': HOUSE, ...files });
  await box.commit(repository, Object.fromEntries(names.map((name) => [`services/${name}/x`, '1'])));
  const changed = selected(await ask(repository, { trigger: push(base) }));
  expect(changed).toHaveLength(300);
  expect(changed).toEqual(expect.arrayContaining(['10', '__proto__', 'changes']));
  const last = box.head(repository);
  await box.commit(repository, { 'services/__proto__/y': '1' });
  expect(selected(await ask(repository, { trigger: push(last) }))).toEqual(['__proto__']);
});
