import { chmodSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Changes } from '../support/history.ts';
import { git, World } from '../support/runner.ts';
import { ALL, config, house, type Make, pushed, SHALLOW, Situations, service, sixty } from '../support/situations.ts';

/*
 * What earlier steps of the job left in the work tree: what they made counts, but what they deleted or changed of that
 * which is committed does not, or a service could be left out in silence.
 */

let world: World;
let situations: Situations;
beforeAll(async () => {
  world = await World.start();
  situations = new Situations(world);
});
afterAll(() => world.close());

const file = (name: string) => `services/${name}/slipway.service.yml`;

/** Services a and b have changed; the step may have something to say about it. */
const changedBoth =
  (told: readonly string[] = []): Make =>
  (remote) => {
    const { base, at } = sixty(remote);
    return { ...pushed(base, at), services: ['a', 'b'], rung: 'before', base, told };
  };

type Step = (checkout: string) => void;

const told: readonly (readonly [name: string, step: Step])[] = [
  ['deleted the folder of a service', (it) => rmSync(join(it, 'services/a'), { recursive: true })],
  ['deleted the file of a service', (it) => rmSync(join(it, file('a')))],
  [
    'gave a service other files',
    (it) => writeFileSync(join(it, file('a')), JSON.stringify({ ...service, paths: ['y'] })),
  ],
  [
    'gave a service another name',
    (it) => writeFileSync(join(it, file('a')), JSON.stringify({ ...service, name: 'z' })),
  ],
  ['took services out', (it) => writeFileSync(join(it, 'slipway.yml'), config({ services: ['services/c'] }))],
  ['took a service out of the index', (it) => git(it, 'rm', '-q', '-r', 'services/a')],
];

const harmless: readonly (readonly [name: string, step: Step])[] = [
  ['wrote the same once more', (it) => writeFileSync(join(it, file('a')), JSON.stringify(service))],
  ['touched a file', (it) => utimesSync(join(it, file('a')), 1, 1)],
  ['changed a mode', (it) => chmodSync(join(it, file('a')), 0o755)],
  ['wrote other files', (it) => writeFileSync(join(it, 'services/a/values.yml'), 'replicas: 2\n')],
  ['deleted other files', (it) => rmSync(join(it, 'services/a/main'))],
];

describe('an earlier step', () => {
  test.each(told)('%s: the commit counts, and that is said', async (_name, step) => {
    await situations.meet(changedBoth(['config-uncommitted']), { prepare: (it) => void step(it) });
  });

  test.each(told)('%s, in a shallow clone', async (_name, step) => {
    await situations.meet(changedBoth(['config-uncommitted']), { depth: SHALLOW, prepare: (it) => void step(it) });
  });

  test.each(harmless)('%s: nothing is said', async (_name, step) => {
    await situations.meet(changedBoth(), { prepare: (it) => void step(it) });
  });

  test.each([
    ['deleted', (it: string) => rmSync(join(it, 'conf'), { recursive: true })],
    ['changed', (it: string) => writeFileSync(join(it, 'conf/a'), JSON.stringify({ ...service, paths: ['y'] }))],
  ])('%s what the link of a service leads to', async (_name, step) => {
    const make: Make = (remote) => {
      const links = {
        [file('a')]: { mode: '120000', text: '../../conf/a' } as const,
        'conf/a': JSON.stringify(service),
      };
      const base = remote.commit({ ...house(), ...links });
      const at = remote.commit({ 'services/a/x': '1' });
      return { ...pushed(base, at), services: ['a'], rung: 'before', base, told: ['config-uncommitted'] };
    };
    await situations.meet(make, { prepare: (it) => void step(it) });
  });

  test('changed the configuration, which has a name of its own', async () => {
    const make: Make = (remote) => {
      const base = remote.commit({ ...house(), 'ops/all.conf': config() });
      const at = remote.commit({ 'services/a/x': '1' });
      return { ...pushed(base, at), services: ['a'], rung: 'before', base, told: ['config-uncommitted'] };
    };
    await situations.meet(make, {
      inputs: { config: 'ops/all.conf' },
      prepare: (it) => void writeFileSync(join(it, 'ops/all.conf'), config({ services: ['services/c'] })),
    });
  });

  test('made the whole configuration', async () => {
    const make: Make = (remote) => {
      const { 'slipway.yml': _made, ...committed } = house();
      const base = remote.commit(committed);
      return { ...pushed(base, remote.commit({ 'services/b/x': '1' })), services: ['b'], rung: 'before', base };
    };
    await situations.meet(make, { prepare: (it) => writeFileSync(join(it, 'slipway.yml'), config()) as undefined });
  });

  test('made a service more', async () => {
    const make: Make = (remote) => {
      const base = remote.commit({ ...house(), 'services/d/main': '1' });
      return { ...pushed(base, remote.commit({ 'services/d/main': '2' })), services: ['d'], rung: 'before', base };
    };
    await situations.meet(make, {
      prepare: (it) => writeFileSync(join(it, file('d')), JSON.stringify(service)) as undefined,
    });
  });
});

describe('the head', () => {
  test('has a service that the work tree does not have', async () => {
    const make: Make = (remote) => {
      const base = remote.commit(house());
      const more = remote.commit(
        { [file('d')]: JSON.stringify(service), 'services/d/main': '1' },
        { branch: 'topic', parents: [base] },
      );
      return {
        event: { name: 'workflow_dispatch', payload: {} },
        at: base,
        inputs: { head: more, base },
        services: ['d'],
        rung: 'input',
        base,
      };
    };
    await situations.meet(make);
    await situations.meet(make, { depth: SHALLOW });
  });
});

test('the head imports what the work tree does not', async () => {
  const make: Make = (remote) => {
    const plain = { name: 'a', version: '1.0.0' };
    const old = remote.commit({
      ...house(),
      'pk/l/package.json': '{"name":"l","version":"1.0.0"}',
      'services/a/package.json': JSON.stringify(plain),
    });
    const uses = { ...plain, dependencies: { l: 'file:../../pk/l' } };
    const base = remote.commit({ 'services/a/package.json': JSON.stringify(uses) });
    const head = remote.commit({ 'pk/l/index.js': '1' });
    const inputs = { head, base };
    const event = { name: 'workflow_dispatch', payload: {} };
    return { event, at: old, inputs, services: ['a'], rung: 'input', base };
  };
  await situations.meet(make);
});

describe('configuration behind a symbolic link', () => {
  const link = (text: string) => ({ mode: '120000', text }) as const;
  /** The configuration lies in files whose names say nothing, and one of them changes. */
  const linked =
    (before: Changes, after: Changes, services: readonly string[]): Make =>
    (remote) => {
      const links = { 'slipway.yml': link('conf/all'), [file('a')]: link('../../conf/a') };
      const base = remote.commit({ ...house(), ...links, ...before });
      return { ...pushed(base, remote.commit(after)), services, rung: 'before', base };
    };
  const all = { 'conf/all': config(), 'conf/a': JSON.stringify(service) };

  test.each([
    ['of a service', { 'conf/a': JSON.stringify({ ...service, team: 'new' }) }, ['a']],
    ['of all services', { 'conf/all': config({ deploy: {} }) }, []],
    ['of all services, and so their shared paths', { 'conf/all': config({ 'shared-paths': ['x'] }) }, ALL],
    ['of none', { 'conf/other': '1' }, []],
  ])('%s', async (_name, after, services) => {
    await situations.meet(linked(all, after, services));
    await situations.meet(linked(all, after, services), { depth: SHALLOW });
  });
});
