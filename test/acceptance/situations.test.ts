import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Changes } from '../support/history.ts';
import { World } from '../support/runner.ts';
import {
  ALL,
  firstOfBranch,
  forced,
  group,
  house,
  type Make,
  merged,
  NEVER,
  ofHead,
  onTarget,
  pull,
  pullEvent,
  pushed,
  SHALLOW,
  type Situation,
  Situations,
  service,
  serviceFiles,
  sixty,
  tagged,
  ZEROS,
} from '../support/situations.ts';

/*
 * What changed, in every situation that runs of a workflow find themselves in. Each row makes a history, says which event
 * the run is about, and which services are then selected, by which rung of the ladder and against which commit.
 */

let world: World;
let situations: Situations;
beforeAll(async () => {
  world = await World.start();
  situations = new Situations(world);
});
afterAll(() => world.close());

const table = (rows: readonly (readonly [name: string, make: Make])[]) =>
  test.each(rows)('%s', async (_name, make) => {
    await situations.meet(make);
  });

/** One change after a first commit, pushed to main, in a whole clone. */
const changed =
  (changes: Changes, services: readonly string[], more: Partial<Situation> = {}): Make =>
  (remote) => {
    const base = remote.commit({ ...house(), 'services/a/moved': 'the same text\n', 'services/c/file': '1' });
    return { ...pushed(base, remote.commit(changes)), services, rung: 'before', base, ...more };
  };

/** A name of a file in service b, and a reason why it is odd. */
const odd = (name: string | Buffer): Make =>
  changed([[Buffer.concat([Buffer.from('services/b/'), Buffer.from(name)]), '1']], ['b']);

describe('what counts as a change', () => {
  table([
    ['a file is modified', changed({ 'services/c/file': '2' }, ['c'])],
    ['a file is new', changed({ 'services/b/new/file': '2' }, ['b'])],
    ['a file is deleted', changed({ 'services/c/file': undefined }, ['c'])],
    [
      'a file moves within a service',
      changed({ 'services/a/moved': undefined, 'services/a/x': 'the same text\n' }, ['a']),
    ],
    [
      'a file moves to another service',
      changed({ 'services/a/moved': undefined, 'services/b/x': 'the same text\n' }, ['a', 'b']),
    ],
    ['a file becomes executable', changed({ 'services/c/file': { mode: '100755', text: '1' } }, ['c'])],
    ['a file becomes a link', changed({ 'services/c/file': { mode: '120000', text: '1' } }, ['c'])],
    ['a submodule is added', changed({ 'services/b/lib': { submodule: NEVER } }, ['b'])],
    ['a dotfile', changed({ 'services/b/.env': '1' }, ['b'])],
    ['a file at the root is nobody’s', changed({ 'README.md': '1' }, [])],
    ['nothing at all', changed({}, [])],
    ['a folder whose name begins like that of a service', changed({ 'services/ab/x': '1' }, [])],
    ['a service is removed', changed({ 'services/c': undefined }, [], { removed: ['c'] })],
    ['a name with a letter outside ASCII', odd('é')],
    ['a name with a newline', odd('a\nb')],
    ['a name with a tab', odd('a\tb')],
    ['a name with a quote', odd('a"b')],
    ['a name with a backslash', odd('a\\b')],
    ['a name that begins with a dash', odd('--name-only')],
    ['a name with what a shell would run', odd('$(id)`id`;id')],
    ['a name that is no UTF-8', odd(Buffer.from([0xff, 0xfe, 0x2e]))],
  ]);

  test('a submodule moves on', async () => {
    await situations.meet((remote) => {
      const base = remote.commit({ ...house(), 'services/b/lib': { submodule: NEVER } });
      const at = remote.commit({ 'services/b/lib': { submodule: 'e'.repeat(40) } });
      return { ...pushed(base, at), services: ['b'], rung: 'before', base };
    });
  });

  test.each([
    ['that holds what a service depends on', 'libs/m', ['libs/m/src/**'], ['b']],
    ['that some files of may be an input', 'libs/m', ['libs/**/*.go'], ['b']],
    ['around what a service depends on', 'libs', ['libs/m/src/**'], ['b']],
    ['that is taken out', 'libs/m', ['libs/**', '!libs/m'], []],
    ['elsewhere', 'libs/n', ['libs/m/src/**'], []],
  ])('a submodule %s moves on', async (_name, at, paths, services) => {
    await situations.meet((remote) => {
      const needs = { 'services/b/slipway.service.yml': JSON.stringify({ ...service, dependencies: { paths } }) };
      const base = remote.commit({ ...house(), ...needs, '.gitmodules': '', [at]: { submodule: NEVER } });
      const moved = remote.commit({ [at]: { submodule: 'e'.repeat(40) } });
      return { ...pushed(base, moved), services, rung: 'before', base };
    });
  });

  test('of two names that differ in a byte that is no UTF-8, one is deleted', async () => {
    await situations.meet((remote) => {
      const name = (byte: number) => Buffer.concat([Buffer.from('services/b/x'), Buffer.from([byte])]);
      remote.commit(house());
      const base = remote.commit([
        [name(0xfe), '1'],
        [name(0xff), '1'],
      ]);
      return { ...pushed(base, remote.commit([[name(0xff), undefined]])), services: ['b'], rung: 'before', base };
    });
  });

  test('a change of many commits that is taken back again', async () => {
    await situations.meet((remote) => {
      const base = remote.commit(house());
      const at = remote.commits([{ 'services/a/x': '1' }, { 'services/b/x': '1' }, { 'services/a/x': undefined }]);
      return { ...pushed(base, at), services: ['b'], rung: 'before', base };
    });
  });

  test.each([
    ['takes out', ['**', '!**/*.md'], []],
    ['takes out, and the next takes in again', ['**', '!docs', 'docs/keep.md'], ['b']],
    ['takes out what another service has', ['**', '!/other/**'], ['b']],
  ])('a pattern that %s', async (_what, paths, services) => {
    await situations.meet((remote) => {
      const base = remote.commit({
        ...house(),
        'services/b/slipway.service.yml': JSON.stringify({ ...service, paths }),
      });
      return { ...pushed(base, remote.commit({ 'services/b/docs/keep.md': '1' })), services, rung: 'before', base };
    });
  });

  test('services named like the words of a program, and three hundred of them', async () => {
    await situations.meet((remote) => {
      const words = ['10', '__proto__', 'changes', 'constructor', 'count', 'hasOwnProperty', 'toString'];
      const names = [...words, ...Array.from({ length: 293 }, (_, index) => `s${index}`)].sort();
      const base = remote.commit(house(names));
      const at = remote.commit(Object.fromEntries(names.map((it) => [`services/${it}/x`, '1'])));
      return { ...pushed(base, at), services: names, rung: 'before', base, told: ['config-invalid'] };
    });
  });

  test.each([[['10']], [['__proto__']], [['changes']], [['constructor']], [['count']]])(
    'only %j of them',
    async ([name = '']) => {
      const words = ['10', '__proto__', 'changes', 'constructor', 'count'];
      await situations.meet((remote) => {
        const base = remote.commit(house(words));
        return {
          ...pushed(base, remote.commit({ [`services/${name}/x`]: '1' })),
          services: [name],
          rung: 'before',
          base,
        };
      });
      await situations.meet((remote) => {
        const base = remote.commit({ README: '1' });
        const services = `{${words.map((it) => `"${it}":["services/${it}/**"]`).join(',')}}`;
        const at = remote.commit({ [`services/${name}/x`]: '1' });
        return { ...pushed(base, at), inputs: { services }, services: [name], rung: 'before', base };
      });
    },
  );
});

describe('a push', () => {
  table([
    [
      'of sixty commits',
      (remote) => {
        const { base, at } = sixty(remote);
        return { ...pushed(base, at), services: ['a', 'b'], rung: 'before', base };
      },
    ],
    [
      'of sixty commits at depth 1',
      (remote) => {
        const { base, at } = sixty(remote);
        return { ...pushed(base, at), depth: SHALLOW, services: ['a', 'b'], rung: 'before', base };
      },
    ],
    ['forced, the old tip is still there', forced([], 'is still there')],
    ['forced at depth 1, the old tip is still there', forced(SHALLOW, 'is still there')],
    ['forced, the old tip is gone', forced([], 'is gone')],
    ['forced at depth 1, the old tip is gone', forced(SHALLOW, 'is gone')],
    ['forced, nothing in common with what was there', forced([], 'has nothing in common')],
    ['forced at depth 1, nothing in common', forced(SHALLOW, 'has nothing in common')],
    ['the first of a branch', firstOfBranch([])],
    ['the first of a branch at depth 1', firstOfBranch(SHALLOW)],
    [
      'the first of a branch that points at a commit of main',
      (remote) => {
        const at = remote.commit(house());
        return {
          ...pushed(ZEROS, at, { commits: [] }),
          ref: 'refs/heads/topic',
          services: [],
          rung: 'merge-base',
          base: at,
        };
      },
    ],
    [
      'the first of a branch, started again when it is merged',
      (remote) => {
        const base = remote.commit(house());
        const at = remote.commit({ 'services/a/x': '1' }, { branch: 'topic', parents: [base] });
        remote.commit({}, { parents: [base, at] });
        return {
          ...pushed(ZEROS, at, { commits: [{}] }),
          ref: 'refs/heads/topic',
          services: ALL,
          rung: 'unknown',
          base: null,
        };
      },
    ],
    [
      'the first of a branch without anything in common with main',
      (remote) => {
        remote.commit(house());
        const at = remote.commit(house(), { branch: 'orphan', parents: [] });
        return {
          ...pushed(ZEROS, at, { commits: [{}] }),
          ref: 'refs/heads/orphan',
          services: ALL,
          rung: 'unknown',
          base: null,
        };
      },
    ],
    [
      'the second of a branch that lives long: only what it brings',
      (remote) => {
        const root = remote.commit(house());
        const base = remote.commit({ 'services/a/x': '1' }, { branch: 'release', parents: [root] });
        remote.commit({ 'services/c/x': '1' });
        const at = remote.commit({ 'services/b/x': '1' }, { branch: 'release' });
        return {
          ...pushed(base, at),
          ref: 'refs/heads/release',
          depth: SHALLOW,
          services: ['b'],
          rung: 'before',
          base,
        };
      },
    ],
    [
      'the first of a repository',
      (remote) => {
        const at = remote.commits([{ 'services/a/x': '1' }, house()]);
        return { ...pushed(ZEROS, at), services: ALL, rung: 'unknown', base: null };
      },
    ],
    [
      'the first of a repository, of one commit at depth 1',
      (remote) => {
        const at = remote.commit(house());
        return { ...pushed(ZEROS, at), depth: SHALLOW, services: ALL, rung: 'unknown', base: null };
      },
    ],
    [
      'of Dependabot, to a branch of its own',
      (remote) => {
        const base = remote.commit(house());
        const at = remote.commit({ 'services/b/package.json': '{}' }, { branch: 'dependabot/npm/x', parents: [base] });
        const more = { commits: [{}], sender: { login: 'dependabot[bot]' } };
        return {
          ...pushed(ZEROS, at, more),
          ref: 'refs/heads/dependabot/npm/x',
          depth: SHALLOW,
          services: ['b'],
          rung: 'merge-base',
          base,
        };
      },
    ],
  ]);
});

describe('a pull request', () => {
  table([
    ['whose base has moved on', merged([])],
    ['whose base has moved on, at depth 1', merged(SHALLOW)],
    ['from a fork', merged(SHALLOW, { from: 'fork/shop' })],
    ['from a fork that is deleted', merged(SHALLOW, { payload: {} })],
    ['of Dependabot', merged(SHALLOW, { payload: { sender: { login: 'dependabot[bot]' } } })],
    ['reviewed', merged(SHALLOW, { name: 'pull_request_review' })],
    ['with its head checked out', ofHead([])],
    ['with its head checked out at depth 1', ofHead(SHALLOW)],
    [
      'two hundred commits ahead, at depth 1',
      (remote) => {
        const base = remote.commit(house());
        const more = Array.from({ length: 199 }, () => ({}));
        const head = remote.commits([{ 'services/a/x': '1' }, ...more], { branch: 'topic', parents: [base] });
        const main = remote.commits([{ 'services/b/x': '1' }, ...more], { parents: [base] });
        const it = { base, head, main, merge: head };
        return { ...pullEvent(it), at: head, depth: SHALLOW, services: ['a'], rung: 'merge-base', base };
      },
    ],
    ['on the target branch', onTarget({ 'services/a/x': '1' }, ['a'])],
    [
      'on the target branch, that configures a service anew',
      onTarget({ 'services/c/slipway.service.yml': JSON.stringify({ ...service, team: 'x' }) }, ['c']),
    ],
    [
      'on the target branch, that adds a service',
      onTarget({ ...serviceFiles(['new']), 'services/a/x': '1' }, ['a'], { told: ['service-unknown'] }),
    ],
    ['on the target branch, that removes a service', onTarget({ 'services/c': undefined }, [], { removed: ['c'] })],
    ['on the target branch, with a configuration that cannot be read', onTarget({ 'slipway.yml': 'version: [' }, ALL)],
    [
      'started again when it is merged',
      (remote) => {
        const it = pull(remote);
        remote.point('main', it.merge);
        const situation = { at: it.merge, ref: 'refs/pull/7/merge', checkedOut: it.head, depth: SHALLOW };
        return { ...pullEvent(it), ...situation, services: ['a'], rung: 'merge-base', base: it.base };
      },
    ],
    [
      'started again when it is merged and its base is not told',
      (remote) => {
        const it = pull(remote);
        remote.point('main', it.merge);
        const event = pullEvent({ ...it, base: '' });
        return { ...event, at: it.head, ref: 'refs/pull/7/merge', services: ALL, rung: 'unknown', base: null };
      },
    ],
    [
      'whose target branch is gone',
      (remote) => {
        const it = pull(remote);
        remote.point('main', undefined);
        remote.point('kept', it.main);
        return {
          ...pullEvent(it),
          at: it.head,
          ref: 'refs/pull/7/merge',
          depth: SHALLOW,
          services: ['a'],
          rung: 'merge-base',
          base: it.base,
        };
      },
    ],
  ]);
});

const everything = () => ({ services: ALL, rung: 'unknown', base: null });

describe('groups, tags and other events', () => {
  table([
    ['a merge group: all that comes to the target branch with it', group([])],
    ['a merge group at depth 1', group(SHALLOW)],
    ['a merge group that is started again when it is merged', group(SHALLOW, 'merged')],
    ['a merge group that is started when main has gone on', group([], 'merged, and main has gone on')],
    ['a merge group that is started when main has gone on, at depth 1', group(SHALLOW, 'merged, and main has gone on')],
    [
      'a tag: since the one before',
      tagged('v1.2.0', [], (all) => ({ services: ['c'], rung: 'previous-tag', base: all[2] ?? '' })),
    ],
    [
      'a tag at depth 1',
      tagged('v1.2.0', SHALLOW, (all) => ({ services: ['c'], rung: 'previous-tag', base: all[2] ?? '' })),
    ],
    [
      'a tag, told by the id of the tag',
      tagged('v1.2.0', [], (all) => ({ services: ['c'], rung: 'previous-tag', base: all[2] ?? '' }), 'tag'),
    ],
    [
      'a tag of a service',
      tagged('a/v7.1.0', SHALLOW, (all) => ({ services: ['b', 'c'], rung: 'previous-tag', base: all[1] ?? '' })),
    ],
    ['the first tag of its kind', tagged('other-1.0.0', [], everything)],
    ['a tag without a version', tagged('nightly', SHALLOW, everything)],
    ...['workflow_dispatch', 'schedule', 'workflow_run', 'repository_dispatch', 'release', 'delete', 'create'].map(
      (name): [string, Make] => [
        `${name}, where nothing is deployed`,
        (remote) => {
          remote.commit(house());
          const at = remote.commit({ 'services/a/x': '1' });
          return { event: { name, payload: {} }, at, depth: SHALLOW, services: ALL, rung: 'unknown', base: null };
        },
      ],
    ),
  ]);
});
