import { describe, expect, test } from '@jest/globals';
import { detect } from '../../../shared/detect/index.ts';
import {
  type Config,
  type Selection,
  type SelectionReason,
  type Service,
  type StreamReading,
  userError,
} from '../../../shared/model/index.ts';
import { config, fakeCheckout, id, input, push, REQUEST, release, run, running, service } from './world.ts';

const [HEAD, BASE] = [id('head'), id('base')];
const DEPENDS = (...services: string[]) => ({ services, paths: { from: '', patterns: [] } });

const selected = (selection: Selection) => selection.verdicts.filter((it) => it.selected).map((it) => it.service);
const reasonsOf = (selection: Selection, name: string): readonly SelectionReason[] =>
  selection.verdicts.find((it) => it.service === name)?.reasons ?? [];

/** A push on the default branch of a house without environments: everything is compared with BASE. */
function pushed(services: readonly Service[], changed: readonly string[], more: Partial<Config> = {}, old?: Config) {
  const now = config(services, more);
  return input({
    config: now,
    run: run(push(BASE), HEAD),
    checkout: fakeCheckout({ changed: { [`${BASE} ${HEAD}`]: changed } }),
    configAt: async () => old ?? now,
  });
}

describe('what selects a service', () => {
  test('its own files, and nobody else’s', async () => {
    const services = [service('a'), service('ab'), service('b')];
    const selection = await detect(pushed(services, ['services/a/x', 'services/abc/y', 'README.md']));
    expect(selected(selection)).toEqual(['a']);
    expect(reasonsOf(selection, 'a')).toEqual([{ kind: 'files', paths: ['services/a/x'], count: 1, since: BASE }]);
    expect(selection.verdicts.map((it) => it.service)).toEqual(['a', 'ab', 'b']);
  });

  test('many files are counted and few are named', async () => {
    const changed = Array.from({ length: 5_000 }, (_, index) => `services/a/${index}`);
    const [reason] = reasonsOf(await detect(pushed([service('a')], changed)), 'a');
    expect(reason).toMatchObject({ kind: 'files', count: 5_000 });
    expect(reason?.kind === 'files' && reason.paths.length).toBe(10);
  });

  test('what its image is built by outside of its folder, also for those who depend on it', async () => {
    const buildFiles = { from: '', patterns: ['/docker/node.Dockerfile', '/.dockerignore'] };
    const services = [service('a', [], { buildFiles }), service('b', [], { dependencies: DEPENDS('a') }), service('c')];
    const selection = await detect(pushed(services, ['docker/node.Dockerfile', 'docker/go.Dockerfile']));
    expect(selected(selection)).toEqual(['a', 'b']);
    expect(reasonsOf(selection, 'a')).toEqual([
      { kind: 'build-files', paths: ['docker/node.Dockerfile'], count: 1, since: BASE },
    ]);
    expect(selected(await detect(pushed(services, ['.dockerignore', 'x/.dockerignore'])))).toEqual(['a', 'b']);
  });

  test('declared paths and shared paths', async () => {
    const money = service('a', [], {
      dependencies: { services: [], paths: { from: '', patterns: ['libs/money/**'] } },
    });
    const shared = { sharedPaths: { from: '', patterns: ['ci/**', '!ci/docs'] } };
    const services = [money, service('b')];
    const libs = await detect(pushed(services, ['libs/money/m.ts', 'ci/docs/x'], shared));
    expect(selected(libs)).toEqual(['a']);
    expect(reasonsOf(libs, 'a')).toMatchObject([{ kind: 'dependency-paths', paths: ['libs/money/m.ts'] }]);
    const ci = await detect(pushed(services, ['ci/run.sh'], shared));
    expect(selected(ci)).toEqual(['a', 'b']);
    expect(reasonsOf(ci, 'b')).toMatchObject([{ kind: 'shared-paths', paths: ['ci/run.sh'] }]);
  });

  test('services in its closure, with the shortest way there', async () => {
    const services = [
      service('cart', [], { dependencies: DEPENDS('pricing') }),
      service('checkout', [], { dependencies: DEPENDS('cart', 'mail') }),
      service('mail'),
      service('pricing', [], { dependencies: { services: [], paths: { from: '', patterns: ['libs/money/**'] } } }),
    ];
    const files = await detect(pushed(services, ['services/pricing/p.ts']));
    expect(selected(files)).toEqual(['cart', 'checkout', 'pricing']);
    expect(reasonsOf(files, 'checkout')).toEqual([
      {
        kind: 'dependency',
        path: ['checkout', 'cart', 'pricing'],
        imported: [],
        paths: ['services/pricing/p.ts'],
        count: 1,
        since: BASE,
      },
    ]);
    // What a dependency is made of is not only its own folder.
    expect(selected(await detect(pushed(services, ['libs/money/m.ts'])))).toEqual(['cart', 'checkout', 'pricing']);
  });

  test('circles of dependencies are allowed', async () => {
    const services = [
      service('a', [], { dependencies: DEPENDS('b') }),
      service('b', [], { dependencies: DEPENDS('a') }),
    ];
    expect(selected(await detect(pushed(services, ['services/b/x'])))).toEqual(['a', 'b']);
  });
});

describe('configuration', () => {
  const touched = ['slipway.yml', 'services/a/slipway.service.yml'];

  test('a change of the files alone selects nothing, and is no file of a service', async () => {
    expect(selected(await detect(pushed([service('a'), service('b')], touched)))).toEqual([]);
  });

  test('a change of what is said about a service selects it, maps and order of keys aside', async () => {
    const old = config([service('a', ['dev']), service('b', ['dev'])]);
    const a = service('a', ['dev']);
    const deploy = a.deployments.get('dev');
    if (deploy === undefined) throw new Error('no deploy');
    const slow = { ...a, deployments: new Map([['dev', { ...deploy, timeoutMs: 2 }]]) };
    const same = Object.fromEntries(Object.entries(service('b', ['dev'])).reverse());
    const services = [slow, { ...service('b', ['dev']), ...same }];
    const given = { ...pushed(services, touched, {}, old), request: { ...REQUEST, base: 'x' } };
    const checkout = fakeCheckout({ names: { x: BASE }, changed: { [`${BASE} ${HEAD}`]: touched } });
    const selection = await detect({ ...given, checkout });
    expect(selected(selection)).toEqual(['a']);
    expect(reasonsOf(selection, 'a')).toEqual([{ kind: 'config', since: BASE }]);
  });

  test('the old configuration is not read when nothing that could be one has changed', async () => {
    const configAt = () => Promise.reject(new Error('read'));
    const given = { ...pushed([service('a')], ['services/a/x.ts']), configAt };
    expect(selected(await detect(given))).toEqual(['a']);
    await expect(detect({ ...pushed([service('a')], touched), configAt })).rejects.toThrow('read');
  });

  test.each([
    ['is none', async () => undefined],
    ['is broken', () => Promise.reject(userError('config-invalid', 'Broken.'))],
  ])('an old one that %s selects all', async (_how, configAt) => {
    const selection = await detect({ ...pushed([service('a'), service('b')], ['slipway.yml']), configAt });
    expect(selected(selection)).toEqual(['a', 'b']);
    expect(reasonsOf(selection, 'b')).toEqual([{ kind: 'config', since: BASE }]);
    // A manifest that merely might have been one selects nobody for that.
    expect(selected(await detect({ ...pushed([service('a')], ['x/deploy.yaml']), configAt }))).toEqual([]);
  });

  test.each([
    ['taken in', [], ['ci/**']],
    ['left out', ['ci/**'], []],
  ])(
    'shared paths that are %s select every service: what they name is, or was, an input of each',
    async (_how, then, now) => {
      const services = [service('a'), service('b')];
      const shared = (patterns: readonly string[]) => ({ sharedPaths: { from: '', patterns } });
      const changed = ['slipway.yml', 'ci/run.sh'];
      const selection = await detect(pushed(services, changed, shared(now), config(services, shared(then))));
      expect(selected(selection)).toEqual(['a', 'b']);
      expect(reasonsOf(selection, 'b')).toContainEqual({ kind: 'config', since: BASE });
    },
  );

  test('files that a dependency takes in anew are inputs of those who depend on it', async () => {
    const user = service('user', [], { dependencies: DEPENDS('lib') });
    const old = config([service('lib', [], { files: { from: 'services/lib', patterns: ['src/**'] } }), user]);
    const selection = await detect(pushed([service('lib'), user], touched, {}, old));
    expect(selected(selection)).toEqual(['lib', 'user']);
  });

  test('new and removed services', async () => {
    const old = config([service('a'), service('gone'), service('basket')]);
    const services = [service('a'), service('checkout', [], { aliases: ['basket'] }), service('fresh')];
    const selection = await detect(pushed(services, touched, {}, old));
    expect(selection.removed).toEqual(['gone']);
    expect(reasonsOf(selection, 'fresh')).toEqual([{ kind: 'new', since: BASE }]);
    expect(reasonsOf(selection, 'a')).toEqual([]);
  });

  test('a service that was only a folder with a Dockerfile is missed when that goes', async () => {
    const old = config([service('a'), service('gone')]);
    const selection = await detect(pushed([service('a')], ['services/gone/Dockerfile'], {}, old));
    expect(selection.removed).toEqual(['gone']);
    expect(selected(selection)).toEqual([]);
  });

  test('U12: a rename with an alias is not a new service; what it says is compared with its old self', async () => {
    const image = service('basket').image;
    const old = config([service('basket', [], { path: 'services/x' })]);
    const renamed = service('checkout', [], { path: 'services/x', aliases: ['basket'], image });
    expect(selected(await detect(pushed([renamed], touched, {}, old)))).toEqual([]);
    const moved = { ...renamed, image: { ...image, repository: 'ghcr.io/acme/shop/checkout' } };
    expect(reasonsOf(await detect(pushed([moved], touched, {}, old)), 'checkout')).toEqual([
      { kind: 'config', since: BASE },
    ]);
  });
});

describe('bases from the ledger', () => {
  const PRODUCTION = ['production'];
  const held = (digest: 'all' | 'one') => ({
    digest: digest === 'all' ? null : (`sha256:${'2'.repeat(64)}` as const),
    event: 'e',
    since: '',
    by: 'ann',
    reason: '',
  });

  /** Reading by `environment/service`; changed since a commit by its name. */
  function recorded(
    services: readonly Service[],
    ledger: Record<string, StreamReading>,
    changed: Record<string, string[]>,
  ) {
    const pairs = Object.entries(changed).map(([name, paths]) => [`${id(name)} ${HEAD}`, paths]);
    const checkout = fakeCheckout({ changed: Object.fromEntries(pairs), lost: [id('lost')] });
    return {
      ...input({ config: config(services), run: run(push(id('before')), HEAD), checkout }),
      checkout,
      stream: (environment: string, it: Service): StreamReading =>
        ledger[`${environment}/${it.name}`] ??
        it.aliases.map((alias) => ledger[`${environment}/${alias}`]).find((reading) => reading !== undefined) ?? {
          kind: 'missing',
        },
    };
  }

  test('a failed run before: what was not deployed then is deployed now', async () => {
    // Push N changed a and failed; push N+1 (this one) changes only b.
    const services = [service('a', PRODUCTION), service('b', PRODUCTION)];
    const ledger = { 'production/a': running(id('n-1')), 'production/b': running(id('n')) };
    const given = recorded(services, ledger, { 'n-1': ['services/a/x', 'services/b/x'], n: ['services/b/x'] });
    const selection = await detect(given);
    expect(selected(selection)).toEqual(['a', 'b']);
    expect(reasonsOf(selection, 'a')).toEqual([{ kind: 'files', paths: ['services/a/x'], count: 1, since: id('n-1') }]);
  });

  test('U6: after a rollback an unrelated push selects the service again, although its digest is held', async () => {
    const services = [service('a', PRODUCTION), service('b', PRODUCTION)];
    const ledger = { 'production/a': running(id('A'), { held: [held('one')] }), 'production/b': running(id('B')) };
    const given = recorded(services, ledger, { A: ['services/a/bad', 'services/b/x'], B: ['services/b/x'] });
    const selection = await detect(given);
    expect(selected(selection)).toEqual(['a', 'b']);
    expect(selection.verdicts[0]?.bases).toEqual([
      { commit: id('A'), rung: 'deployed', environment: 'production', note: undefined },
    ]);
  });

  test('U10: a record that cannot be believed selects its service, never less, and nobody else', async () => {
    const services = [service('a', PRODUCTION), service('b', PRODUCTION), service('c', PRODUCTION)];
    const ledger: Record<string, StreamReading> = {
      'production/a': { kind: 'unbelievable', tip: id('tip'), why: 'its chain is broken' },
      'production/b': running(HEAD),
      'production/c': running('not a commit'),
    };
    const selection = await detect(recorded(services, ledger, {}));
    expect(selected(selection)).toEqual(['a', 'c']);
    expect(reasonsOf(selection, 'a')).toEqual([
      { kind: 'unbelievable', environment: 'production', why: 'its chain is broken' },
    ]);
    const failing = recorded(services, ledger, {});
    await expect(detect({ ...failing, request: { ...REQUEST, onUnknownBase: 'fail' } })).rejects.toMatchObject({
      code: 'base-unknown',
    });
  });

  test('U12: after a rename with an alias the base is what the old name has deployed', async () => {
    const services = [service('checkout', PRODUCTION, { aliases: ['basket'] })];
    const selection = await detect(recorded(services, { 'production/basket': running(id('old')) }, { old: [] }));
    expect(selected(selection)).toEqual([]);
    expect(selection.verdicts[0]?.bases[0]?.commit).toBe(id('old'));
  });

  test.each<[string, StreamReading, string | undefined]>([
    ['missing', { kind: 'missing' }, 'no-record'],
    ['without anything live', running(id('x'), { live: null }), 'no-record'],
    [
      'in doubt',
      running(HEAD, { in_doubt: { event: 'e', release: release(HEAD), started: '', owner: 'o' } }),
      'in-doubt',
    ],
    ['of a commit that cannot be had', running(id('lost')), 'base-unknown'],
    ['of the head itself', running(HEAD), undefined],
    ['on hold as a whole', running(id('x'), { held: [held('all')] }), undefined],
    [
      'on hold as a whole and in doubt',
      running(id('x'), {
        held: [held('all')],
        in_doubt: { event: 'e', release: release(HEAD), started: '', owner: 'o' },
      }),
      undefined,
    ],
  ])('a record %s', async (_how, reading, kind) => {
    const given = recorded([service('a', PRODUCTION)], { 'production/a': reading }, { x: ['services/a/x'] });
    const selection = await detect(given);
    expect(reasonsOf(selection, 'a').map((it) => it.kind)).toEqual(kind === undefined ? [] : [kind]);
    expect(selection.verdicts[0]?.bases).toHaveLength(1);
  });

  test('it is selected if it differs in any environment; each distinct base is compared once', async () => {
    const services = ['a', 'b', 'c'].map((name) => service(name, ['dev', 'production']));
    const ledger = Object.fromEntries(
      services.flatMap(({ name }) => [
        [`dev/${name}`, running(id('new'))],
        [`production/${name}`, running(id('old'))],
      ]),
    );
    const given = recorded(services, ledger, { new: [], old: ['services/b/x'] });
    expect(selected(await detect(given))).toEqual(['b']);
    expect([...given.checkout.diffs].sort()).toEqual([`${id('new')} ${HEAD}`, `${id('old')} ${HEAD}`].sort());
    const onlyDev = await detect({ ...given, request: { ...REQUEST, environments: ['dev'] } });
    expect(selected(onlyDev)).toEqual([]);
    const againstProduction = await detect({ ...given, request: { ...REQUEST, base: 'deployed:production' } });
    expect(selected(againstProduction)).toEqual(['b']);
  });

  test('environments that a service does not go to say nothing about it', async () => {
    const services = [service('a', ['dev']), service('b', PRODUCTION), service('only-built', [])];
    const given = recorded(services, { 'dev/a': running(HEAD) }, { before: ['services/only-built/x'] });
    const selection = await detect(given);
    expect(selected(selection)).toEqual(['b', 'only-built']);
    expect(reasonsOf(selection, 'only-built')).toMatchObject([{ kind: 'files', since: id('before') }]);
    expect(selected(await detect({ ...given, request: { ...REQUEST, environments: ['production'] } }))).toEqual(['b']);
  });

  test('one that does not go where `deployed:` asks has nothing to be compared with, and is selected for that', async () => {
    const services = [service('a', ['dev']), service('b', PRODUCTION), service('only-built', [])];
    const given = recorded(services, { 'dev/a': running(HEAD), 'production/b': running(HEAD) }, {});
    const selection = await detect({ ...given, request: { ...REQUEST, base: 'deployed:production' } });
    expect(selected(selection)).toEqual(['a', 'only-built']);
    expect(reasonsOf(selection, 'a')).toEqual([{ kind: 'base-unknown', why: 'the service does not go to production' }]);
  });

  test('without a ledger that can be read everything counts, once and with the reason', async () => {
    const given = {
      ...recorded([service('a', ['dev', 'production'])], {}, {}),
      stream: undefined,
      streamNote: 'denied',
    };
    const selection = await detect(given);
    expect(reasonsOf(selection, 'a')).toEqual([{ kind: 'base-unknown', why: 'the ledger could not be read: denied' }]);
    await expect(detect({ ...given, request: { ...REQUEST, onUnknownBase: 'fail' } })).rejects.toMatchObject({
      code: 'base-unknown',
      message: expect.stringContaining('denied'),
    });
  });
});

describe('what is asked for by name', () => {
  const services = [service('a', ['production']), service('b', ['production'], { aliases: ['old-b'] })];
  const ask = (more: Partial<typeof REQUEST>) => detect({ ...pushed(services, []), request: { ...REQUEST, ...more } });

  test('all, some, and earlier names; nothing is compared', async () => {
    expect(selected(await ask({ select: 'all' }))).toEqual(['a', 'b']);
    const some = await ask({ select: ['old-b'] });
    expect(selected(some)).toEqual(['b']);
    expect(reasonsOf(some, 'b')).toEqual([{ kind: 'asked' }]);
  });

  test('names that nothing has, with those that are', async () => {
    await expect(ask({ select: ['c'] })).rejects.toMatchObject({
      code: 'service-unknown',
      message: expect.stringContaining('"c"; there is a, b'),
    });
    for (const more of [{ environments: ['prod'] }, { base: 'deployed:prod' }]) {
      await expect(ask(more)).rejects.toMatchObject({
        code: 'environment-unknown',
        message: expect.stringContaining('"prod"; there is production'),
      });
    }
  });
});

describe('names and numbers', () => {
  test('names that mean something to JavaScript mean nothing here', async () => {
    const names = ['10', '__proto__', 'changes', 'constructor', 'toString', '9'].sort();
    const services = names.map((name) => service(name));
    for (const name of names) {
      expect(selected(await detect(pushed(services, [`services/${name}/x`])))).toEqual([name]);
    }
  });

  test('three hundred services, ten thousand files', async () => {
    const services = Array.from({ length: 300 }, (_, index) => service(`s${String(index).padStart(3, '0')}`));
    const changed = Array.from(
      { length: 10_000 },
      (_, index) => `services/s${String(index % 150).padStart(3, '0')}/${index}`,
    );
    expect(selected(await detect(pushed(services, changed)))).toHaveLength(150);
  });
});
