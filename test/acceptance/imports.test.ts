import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Files, type Ran, World } from '../support/runner.ts';

const ZEROS = '0'.repeat(40);
const service = { image: { builder: 'none' } };
const pkg = (name: string, dependencies: object = {}, more: object = {}) => ({
  name,
  version: '1.0.0',
  dependencies,
  ...more,
});

const selected = (ran: Ran): readonly string[] => JSON.parse(ran.outputs['services'] ?? 'null');
const whyOf = (ran: Ran, name: string): string =>
  JSON.parse(readFileSync(ran.outputs['reasons-file'] ?? '', 'utf8'))
    .services.find((it: { service: string }) => it.service === name)
    .why.join(' ');

/** What all monorepos here have: `api` uses money, which uses text; `web` uses text; `job` nothing; `admin` uses api. */
const members: Files = {
  ...Object.fromEntries(['api', 'web', 'job', 'admin'].map((it) => [`services/${it}/slipway.service.yml`, service])),
  'services/api/package.json': pkg('@shop/api', { '@shop/money': 'workspace:*' }),
  'services/web/package.json': pkg('@shop/web', { '@shop/text': '^1.0.0', react: '^18' }),
  'services/job/package.json': pkg('@shop/job'),
  'services/admin/package.json': pkg('@shop/admin', { '@shop/api': '*' }),
  'libs/money/package.json': pkg('@shop/money', { '@shop/text': '*', lodash: '^4' }),
  'libs/money/index.js': '1',
  'libs/text/package.json': pkg('@shop/text'),
  'libs/text/index.js': '1',
  'libs/alone/package.json': pkg('@shop/alone'),
};

const pnpmLock = (lodash: string, react: string) =>
  [
    "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\n  services/job: {}\n",
    "  services/api:\n    dependencies:\n      '@shop/money':\n        specifier: workspace:*\n        version: link:../../libs/money\n",
    "  services/admin:\n    dependencies:\n      '@shop/api':\n        specifier: '*'\n        version: link:../api\n",
    `  services/web:\n    dependencies:\n      react:\n        specifier: ^18\n        version: ${react}\n`,
    `  libs/money:\n    dependencies:\n      lodash:\n        specifier: ^4\n        version: ${lodash}\n`,
    `packages:\n\n  lodash@${lodash}:\n    resolution: {integrity: sha512-a${lodash}}\n\n  react@${react}:\n    resolution: {integrity: sha512-b${react}}\n`,
    `snapshots:\n\n  lodash@${lodash}: {}\n\n  react@${react}: {}\n`,
  ].join('\n');

const packageLock = (lodash: string, react: string, spaces = 2) =>
  JSON.stringify(
    {
      name: 'shop',
      lockfileVersion: 3,
      packages: {
        '': { name: 'shop', workspaces: ['services/*', 'libs/*'] },
        ...Object.fromEntries(
          Object.entries(members).flatMap(([path, it]) =>
            path.endsWith('/package.json') ? [[path.slice(0, -'/package.json'.length), it]] : [],
          ),
        ),
        ...Object.fromEntries(
          ['api', 'web', 'job', 'admin', 'money', 'text', 'alone'].map((name) => {
            const folder = ['money', 'text', 'alone'].includes(name) ? 'libs' : 'services';
            return [`node_modules/@shop/${name}`, { resolved: `${folder}/${name}`, link: true }];
          }),
        ),
        'node_modules/lodash': { version: lodash, integrity: `sha512-a${lodash}` },
        'node_modules/react': { version: react, integrity: `sha512-b${react}` },
      },
    },
    null,
    spaces,
  );

interface Flavour {
  readonly root: Files;
  readonly lock: string;
  readonly write: (lodash: string, react: string) => string;
}

const flavours: readonly (readonly [string, Flavour])[] = [
  [
    'npm',
    {
      root: { 'package.json': { name: 'shop', private: true, workspaces: ['services/*', 'libs/*'] } },
      lock: 'package-lock.json',
      write: packageLock,
    },
  ],
  [
    'pnpm',
    {
      root: {
        'package.json': { name: 'shop', private: true },
        'pnpm-workspace.yaml': 'packages: ["services/*", "libs/*"]\n',
      },
      lock: 'pnpm-lock.yaml',
      write: pnpmLock,
    },
  ],
];

describe.each(flavours)('a monorepo of %s', (_name, { root, lock, write }) => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    world.push({
      'slipway.yml': { version: 1, services: ['services/*'] },
      ...root,
      ...members,
      [lock]: write('4.17.20', '18.0.0'),
    });
  });
  afterAll(() => world.close());

  const pushed = async (files: Files): Promise<Ran> => {
    world.push(files);
    const ran = await world.detect();
    expect(ran).toMatchObject({ conclusion: 'success' });
    return ran;
  };

  test('a library selects exactly those who use it, at any distance, with the way there', async () => {
    const money = await pushed({ 'libs/money/index.js': '2' });
    expect(selected(money)).toEqual(['admin', 'api']);
    expect(whyOf(money, 'api')).toContain('The package @shop/money (by services/api/package.json)');
    expect(whyOf(money, 'admin')).toContain('depends on api (by services/admin/package.json)');
    const text = await pushed({ 'libs/text/index.js': '2' });
    expect(selected(text)).toEqual(['admin', 'api', 'web']);
    expect(whyOf(text, 'api')).toContain('The package @shop/text, used by @shop/money (by libs/money/package.json)');
    expect(selected(await pushed({ 'libs/alone/index.js': '1' }))).toEqual([]);
    expect(selected(await pushed({ 'services/api/main.js': '1' }))).toEqual(['admin', 'api']);
  });

  test('the lock file selects those for whom something is resolved otherwise, and says what', async () => {
    const lodash = await pushed({ [lock]: write('4.17.21', '18.0.0') });
    expect(selected(lodash)).toEqual(['admin', 'api']);
    expect(whyOf(lodash, 'api')).toContain('lodash 4.17.20 → 4.17.21');
    expect(lodash.log.join('\n')).toContain('lodash 4.17.20 → 4.17.21');
    expect(selected(await pushed({ [lock]: write('4.17.21', '18.1.0') }))).toEqual(['web']);
    const same = lock.endsWith('.json')
      ? packageLock('4.17.21', '18.1.0', 4)
      : `# a word\n${pnpmLock('4.17.21', '18.1.0')}\n\n`;
    expect(selected(await pushed({ [lock]: same }))).toEqual([]);
    const unknown = await pushed({ [lock]: 'lockfileVersion: 99\n' });
    expect(selected(unknown)).toEqual(['admin', 'api', 'job', 'web']);
    expect(whyOf(unknown, 'job')).toContain('counts as a whole');
  });

  test('a package that is deleted or renamed selects those who had it', async () => {
    const renamed = await pushed({ 'libs/text/package.json': pkg('@shop/words') });
    expect(selected(renamed)).toEqual(['admin', 'api', 'web']);
    await pushed({ 'libs/text/package.json': pkg('@shop/text') });
    const deleted = await pushed({ 'libs/text': undefined });
    expect(selected(deleted)).toEqual(['admin', 'api', 'web']);
    expect(whyOf(deleted, 'web')).toContain('libs/text/index.js');
    expect(selected(await pushed({ 'libs/text/package.json': pkg('@shop/text'), 'libs/text/index.js': '3' }))).toEqual([
      'admin',
      'api',
      'web',
    ]);
  });

  test('a manifest that cannot be read makes its service depend on all packages, aloud', async () => {
    const broken = await pushed({ 'services/job/package.json': '{ "name": "@shop/job", <<<' });
    expect(selected(broken)).toEqual(['job']);
    expect(broken.annotations).toMatchObject([{ level: 'warning', properties: { file: 'services/job/package.json' } }]);
    const alone = await pushed({ 'libs/alone/index.js': '2' });
    expect(selected(alone)).toEqual(['job']);
    expect(alone.annotations[0]?.message).toContain('what it depends on is not known');
    await pushed({ 'services/job/package.json': pkg('@shop/job') });
    expect(selected(await pushed({ 'libs/alone/index.js': '3' }))).toEqual([]);
  });

  test('slipway.yml selects those whose own configuration changed; `import: []` imports nothing', async () => {
    const slipway = { version: 1, services: ['services/*'] };
    expect(selected(await pushed({ 'slipway.yml': { ...slipway, graph: { import: ['npm'] } } }))).toEqual([]);
    expect(selected(await pushed({ 'libs/money/index.js': '4' }))).toEqual(['admin', 'api']);
    await pushed({ 'slipway.yml': { ...slipway, graph: { import: ['go'] } } });
    expect(selected(await pushed({ 'libs/money/index.js': '5' }))).toEqual([]);
    await pushed({ 'slipway.yml': { ...slipway, graph: { import: [] } } });
    expect(selected(await pushed({ 'libs/money/index.js': '6' }))).toEqual([]);
    const inline = await world.detect({ services: JSON.stringify({ api: ['services/api'] }) });
    expect(selected(inline)).toEqual([]);
    await pushed({ 'slipway.yml': slipway });
    expect(selected(await pushed({ 'services/job/slipway.service.yml': { ...service, team: 'jobs' } }))).toEqual([
      'job',
    ]);
  });

  test('the first push selects everything', async () => {
    const first = await world.detect({}, { before: ZEROS });
    expect(selected(first)).toEqual(['admin', 'api', 'job', 'web']);
  });
});
