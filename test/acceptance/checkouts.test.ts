import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { git, World } from '../support/runner.ts';
import {
  ALL,
  config,
  firstOfBranch,
  forced,
  house,
  type Make,
  merged,
  ofHead,
  onTarget,
  pushed,
  SHALLOW,
  Situations,
  service,
  sixty,
  tagged,
} from '../support/situations.ts';

/*
 * Checkouts of every kind: cut off, without files or trees, in a sub-folder, of another user. What is missing is fetched
 * in two steps at most, into repositories of our own; nothing is fetched one by one behind anybody's back.
 */

let world: World;
let situations: Situations;
beforeAll(async () => {
  world = await World.start();
  situations = new Situations(world);
});
afterAll(() => world.close());

const STRANGER = 4_321;

/** Whether a file can be given to another user here: the superuser of a namespace of its own knows no other. */
function mayGiveAway(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-owner-'));
  try {
    chownSync(folder, STRANGER, STRANGER);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Traced {
  readonly fetches: readonly string[];
  /** Fetches that git itself starts, for objects that a partial clone lacks. */
  readonly lazy: readonly string[];
  /** Commands of git that the step started. */
  readonly commands: readonly string[];
}

let traces = 0;

/** A program `git` that writes down every process of git, those that git starts included (trace2). */
function tracing(): { readonly env: Readonly<Record<string, string>>; readonly read: () => Traced } {
  traces += 1;
  const folder = join(world.root, `trace-${traces}`);
  const events = join(folder, 'events');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const program = join(folder, 'bin', 'git');
  const real = git(world.root, '--exec-path');
  writeFileSync(program, `#!/bin/sh\nGIT_TRACE2_EVENT=${events} exec ${real}/git "$@"\n`);
  chmodSync(program, 0o755);
  return { env: { PATH: `${folder}/bin:${process.env['PATH']}` }, read: () => readTrace(events) };
}

function readTrace(file: string): Traced {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const started: readonly { sid: string; argv: readonly string[] }[] = lines
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'start');
  const text = started.map(({ sid, argv }) => ({ isOurs: !sid.includes('/'), command: argv.join(' ') }));
  const fetches = text.filter(({ command }) => / fetch /.test(command));
  return {
    fetches: fetches.filter(({ isOurs }) => isOurs).map(({ command }) => command),
    lazy: fetches.filter(({ isOurs }) => !isOurs).map(({ command }) => command),
    commands: text.filter(({ isOurs }) => isOurs).map(({ command }) => command),
  };
}

const sixtyPushed: Make = (remote) => {
  const { base, at } = sixty(remote);
  return { ...pushed(base, at), services: ['a', 'b'], rung: 'before', base };
};
const lastTag = tagged('v1.2.0', SHALLOW, (all) => ({ services: ['c'], rung: 'previous-tag', base: all[2] ?? '' }));
/** Its old configuration must be read as well. */
const reconfigured: Make = (remote) => {
  const file = (team: string) => ({ 'services/b/slipway.service.yml': JSON.stringify({ ...service, team }) });
  const base = remote.commit({ ...house(), ...file('old') });
  const at = remote.commit(file('new'));
  return { ...pushed(base, at), services: ['b'], rung: 'before', base };
};

const NEEDING_HISTORY: readonly (readonly [string, Make])[] = [
  ['a push of sixty commits', sixtyPushed],
  ['a forced push', forced(SHALLOW, 'is still there')],
  ['the first push of a branch', firstOfBranch(SHALLOW)],
  ['a pull request, merged', merged(SHALLOW)],
  ['the head of a pull request', ofHead(SHALLOW)],
  ['a pull request on its target branch', onTarget({ 'services/a/x': '1' }, ['a'])],
  ['a tag', lastTag],
  ['a push that configures a service anew', reconfigured],
];
const KINDS: readonly (readonly [string, readonly string[]])[] = [
  ['of depth 1', SHALLOW],
  ['of depth 1, without files', ['--depth=1', '--filter=blob:none']],
  ['of depth 1, without trees', ['--depth=1', '--filter=tree:0']],
  ['without files of old commits', ['--filter=blob:none']],
  ['without trees of old commits', ['--filter=tree:0']],
];

describe.each(KINDS)('a checkout %s', (_kind, depth) => {
  test.each(NEEDING_HISTORY)('%s', async (_name, make) => {
    const trace = tracing();
    await situations.meet(make, { depth, env: trace.env });
    const { fetches, lazy } = trace.read();
    expect(lazy).toEqual([]);
    expect(fetches.length > 2 ? fetches : []).toEqual([]);
    if (depth.includes('--depth=1')) expect(fetches.length).toBeGreaterThanOrEqual(1);
    expect(fetches.join('\n')).not.toMatch(/deepen|unshallow/);
  });
});

test('the trace shows what git fetches by itself', async () => {
  const trace = tracing();
  let checkout = '';
  const prepare = (made: string) => {
    checkout = made;
    return undefined;
  };
  await situations.meet(reconfigured, { depth: ['--filter=blob:none'], prepare });
  const env = { ...trace.env, GIT_CONFIG_GLOBAL: '/dev/null' };
  execFileSync('git', ['show', 'HEAD~1:services/b/slipway.service.yml'], { cwd: checkout, env });
  expect(trace.read().lazy).toHaveLength(1);
});

describe('a whole checkout', () => {
  test.each(NEEDING_HISTORY.filter(([name]) => name !== 'a forced push'))(
    '%s: nothing is fetched',
    async (_name, make) => {
      const trace = tracing();
      await situations.meet(make, { depth: [], env: trace.env });
      expect(trace.read().fetches).toEqual([]);
    },
  );
});

describe('what a remote can do', () => {
  test.each(NEEDING_HISTORY.slice(1, 5))('without filters: %s', async (_name, make) => {
    await situations.meet(make, { remote: { 'uploadpack.allowFilter': 'false' } });
  });

  /** Protocol 0 has no way round what the server allows. */
  const strict = () => {
    const file = join(world.root, 'protocol-0');
    writeFileSync(file, '[protocol]\nversion = 0\n');
    return { GIT_CONFIG_GLOBAL: file };
  };

  test('a remote that gives only tips: what cannot be had is said aloud, and everything is selected', async () => {
    const lost: Make = (remote) => {
      const situation = sixtyPushed(remote);
      remote.git('config', 'uploadpack.allowAnySHA1InWant', 'false');
      return {
        ...situation,
        checkedOut: situation.at,
        services: ALL,
        rung: 'unknown',
        base: null,
        told: ['base-unknown'],
      };
    };
    const ran = await situations.meet(lost, { depth: SHALLOW, env: strict() });
    expect(ran.annotations[0]?.message).toMatch(/not in this clone, and the remote does not give it.*fetch-depth: 0/);
  });

  test('a remote that is gone', async () => {
    const lost: Make = (remote) => ({
      ...sixtyPushed(remote),
      services: ALL,
      rung: 'unknown',
      base: null,
      told: ['base-unknown'],
    });
    await situations.meet(lost, {
      depth: SHALLOW,
      prepare: (checkout) => {
        git(checkout, 'remote', 'set-url', 'origin', join(world.root, 'nowhere'));
        return undefined;
      },
    });
  });

  test('a checkout without a remote', async () => {
    const lost: Make = (remote) => ({
      ...sixtyPushed(remote),
      services: ALL,
      rung: 'unknown',
      base: null,
      told: ['base-unknown'],
    });
    await situations.meet(lost, {
      depth: SHALLOW,
      prepare: (checkout) => {
        git(checkout, 'remote', 'remove', 'origin');
        return undefined;
      },
    });
  });
});

describe('where the checkout is', () => {
  test('below the workspace, beside another one', async () => {
    await situations.meet(sixtyPushed, {
      prepare: (checkout) => ({ workspace: dirname(checkout), folder: basename(checkout) }),
      depth: SHALLOW,
    });
  });

  test('a folder of it, with a configuration of its own', async () => {
    const make: Make = (remote) => {
      const inner = { 'shop/slipway.yml': config({ services: ['shop/services/*'] }) };
      const files = Object.fromEntries(Object.entries(house()).map(([path, text]) => [`shop/${path}`, text]));
      const base = remote.commit({ ...files, ...inner });
      return { ...pushed(base, remote.commit({ 'shop/services/b/x': '1' })), services: ['b'], rung: 'before', base };
    };
    await situations.meet(make, { depth: SHALLOW, inputs: { 'working-directory': 'shop' } });
  });

  test('where the step is started, when no workspace is told', async () => {
    await situations.meet(sixtyPushed, { env: { GITHUB_WORKSPACE: '' } });
  });

  test('a sparse one', async () => {
    await situations.meet(reconfigured, {
      depth: ['--depth=1', '--filter=blob:none'],
      prepare: (checkout) => {
        git(checkout, 'sparse-checkout', 'set', '--no-cone', '/slipway.yml', '/services/*/slipway.service.yml');
        expect(readdirSync(join(checkout, 'services/a'))).toEqual(['slipway.service.yml']);
        return undefined;
      },
    });
  });

  test('a sparse one that leaves a changed service out', async () => {
    await situations.meet(sixtyPushed, {
      depth: SHALLOW,
      prepare: (checkout) => {
        git(checkout, 'sparse-checkout', 'set', '--cone', 'services/b');
        expect(readdirSync(join(checkout, 'services'))).toEqual(['b']);
        return undefined;
      },
    });
  });

  test.each([
    ['whole', []],
    ['of depth 1', SHALLOW],
  ])('one with ids of SHA-256, %s', async (_kind, depth) => {
    const reconfiguredTwice: Make = (remote) => ({ ...reconfigured(remote), depth });
    await situations.meet(sixtyPushed, { format: 'sha256', depth });
    await situations.meet(firstOfBranch(depth), { format: 'sha256' });
    await situations.meet(reconfiguredTwice, { format: 'sha256' });
  });

  (mayGiveAway() ? test : test.skip)('that of another user, as in a job in a container', async () => {
    await situations.meet(sixtyPushed, {
      depth: SHALLOW,
      prepare: (checkout) => {
        for (const path of ['', '.git']) chownSync(join(checkout, path), STRANGER, STRANGER);
        expect(() => git(checkout, 'status')).toThrow(/dubious ownership/);
        return undefined;
      },
    });
  });
});
