import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseLock } from '../../../shared/ecosystems/locks/index.ts';
import { onDisk, testWith } from './tools.ts';
import { importIn } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const LIBRARIES = ['libs/money/index.js', 'libs/text/index.js'];
const pkg = (name: string, dependencies: object = {}, more: object = {}) => ({
  name,
  version: '1.2.0',
  dependencies,
  ...more,
});
const shop = (api: object, web: object = {}, root: object = { workspaces: ['services/*', 'libs/*'] }) => ({
  'package.json': { name: 'shop', private: true, ...root },
  'services/api/package.json': pkg('@shop/api', api),
  'services/web/package.json': pkg('@shop/web', web),
  'libs/money/package.json': pkg('@shop/money', { '@shop/text': '^1.0.0' }),
  'libs/text/package.json': pkg('@shop/text'),
});

describe('what is written for a dependency', () => {
  test.each([
    ['a version that the workspace satisfies', '^1.0.0', true],
    ['one that it does not', '^2.0.0', false],
    ['anything', '*', true],
    ['nothing', '', true],
    ['a tag, which may be that version', 'latest', true],
    ['workspace:', 'workspace:*', true],
    ['workspace: with a range', 'workspace:^', true],
    ['workspace: with a folder', 'workspace:../../libs/money', true],
    ['file:', 'file:../../libs/money', true],
    ['link:', 'link:../../libs/money', true],
    ['portal:', 'portal:../../libs/money', true],
    ['a path alone', '../../libs/money', true],
    ['a URL', 'https://example.com/money.tgz', false],
    ['a repository', 'github:acme/money', false],
    ['a repository in short', 'acme/money', false],
    ['a version of the registry under that name', 'npm:other@1', false],
  ])('%s: %s', async (_title, spec, isThere) => {
    const found = await importIn(shop({ '@shop/money': spec }), SERVICES);
    expect(found.inputs('api', ...LIBRARIES)).toEqual(isThere ? LIBRARIES : []);
    expect(found.inputs('web', ...LIBRARIES)).toEqual([]);
    expect(found.warnings).toEqual([]);
  });

  test.each(['workspace:@shop/money@*', 'npm:@shop/money@^1', 'npm:@shop/money'])('another name: %s', async (spec) => {
    const found = await importIn(shop({ cash: spec }), SERVICES);
    expect(found.inputs('api', ...LIBRARIES)).toEqual(LIBRARIES);
  });

  test.each(['devDependencies', 'optionalDependencies', 'peerDependencies'])('%s count', async (kind) => {
    const tree = { ...shop({}), 'services/api/package.json': { name: '@shop/api', [kind]: { '@shop/money': '1' } } };
    expect((await importIn(tree, SERVICES)).inputs('api', ...LIBRARIES)).toEqual(LIBRARIES);
  });

  test('a file that is packed', async () => {
    const tree = { ...shop({ money: 'file:../../vendor/money-1.tgz' }), 'vendor/money-1.tgz': '' };
    expect((await importIn(tree, SERVICES)).inputs('api', 'vendor/money-1.tgz', 'vendor/other')).toEqual([
      'vendor/money-1.tgz',
    ]);
  });

  test('an override of the root with a path', async () => {
    const tree = shop({}, {}, { workspaces: ['services/*'], overrides: { lodash: { '.': 'file:./vendor/lodash' } } });
    expect((await importIn(tree, SERVICES)).inputs('web', 'vendor/lodash/x.js')).toEqual(['vendor/lodash/x.js']);
  });
});

describe('workspaces', () => {
  test.each([
    ['npm and yarn', { workspaces: ['services/*', 'libs/*'] }, {}],
    ['yarn, with packages', { workspaces: { packages: ['./services/*/', './libs/*'] } }, {}],
    ['any depth', { workspaces: ['**'] }, {}],
    ['pnpm', {}, { 'pnpm-workspace.yaml': 'packages:\n  - services/*\n  - "libs/**"\n  - "!**/test/**"\n' }],
  ])('%s', async (_title, root, files) => {
    const found = await importIn({ ...shop({ '@shop/money': '1.2.0' }, {}, root), ...files }, SERVICES);
    expect(found.inputs('api', ...LIBRARIES)).toEqual(LIBRARIES);
  });

  test('what the patterns do not take in, or take out, comes from the registry', async () => {
    for (const workspaces of [['services/*'], ['services/*', 'libs/*', '!libs/money']]) {
      const found = await importIn(shop({ '@shop/money': '1.2.0' }, {}, { workspaces }), SERVICES);
      expect(found.inputs('api', ...LIBRARIES)).toEqual([]);
    }
  });

  test('catalogs of pnpm', async () => {
    const yaml =
      'packages: ["services/*", "libs/*"]\ncatalog: { "@shop/money": "workspace:*" }\ncatalogs: { old: { "@shop/text": "^0.1" } }\n';
    const tree = {
      ...shop({ '@shop/money': 'catalog:' }, { '@shop/text': 'catalog:old' }, {}),
      'pnpm-workspace.yaml': yaml,
    };
    const found = await importIn(tree, SERVICES);
    expect(found.inputs('api', ...LIBRARIES)).toEqual(LIBRARIES);
    expect(found.inputs('web', ...LIBRARIES)).toEqual([]);
  });

  test('two workspaces in one repository do not see each other', async () => {
    const tree = {
      'a/package.json': { workspaces: ['*'] },
      'a/api/package.json': pkg('api', { money: '*' }),
      'b/package.json': { workspaces: ['*'] },
      'b/money/package.json': pkg('money'),
    };
    expect((await importIn(tree, ['a/api'])).inputs('api', 'b/money/x')).toEqual([]);
  });

  test('what is installed is nobody’s package', async () => {
    const tree = { ...shop({ '@shop/money': '1' }), 'node_modules/x/package.json': '{' };
    expect((await importIn(tree, SERVICES)).warnings).toEqual([]);
  });
});

describe('what a dependency means', () => {
  test('a service is one to depend on, and the graph goes on there', async () => {
    const found = await importIn(shop({}, { '@shop/api': 'workspace:*' }), SERVICES);
    expect(found.uses('web')).toEqual(['api']);
    expect(found.inputs('web', 'services/api/x')).toEqual([]);
    const through = await importIn(shop({ '@shop/money': '*' }, { '@shop/api': 'workspace:*' }), SERVICES);
    expect(through.inputs('web', ...LIBRARIES)).toEqual([]);
  });

  test('a library that uses a service makes its users use it', async () => {
    const tree = {
      ...shop({}, { '@shop/money': '*' }),
      'libs/text/package.json': pkg('@shop/text', { '@shop/api': '*' }),
    };
    const found = await importIn(tree, SERVICES);
    expect(found.uses('web')).toEqual(['api']);
  });

  test('a circle of libraries ends', async () => {
    const tree = {
      ...shop({ '@shop/money': '*' }),
      'libs/text/package.json': pkg('@shop/text', { '@shop/money': '*' }),
    };
    expect((await importIn(tree, SERVICES)).inputs('api', ...LIBRARIES)).toEqual(LIBRARIES);
  });

  test('the way to each is told, with the manifest that names it', async () => {
    const found = await importIn({ ...shop({ '@shop/money': '*' }), 'package-lock.json': {} }, SERVICES);
    expect(found.ways('api')).toEqual([
      '@shop/money by services/api/package.json',
      '@shop/money > @shop/text by libs/money/package.json',
    ]);
  });

  test('packages and services within a library are things of their own', async () => {
    const tree = {
      'package.json': { name: 'shop', workspaces: ['services/*', 'libs/*'] },
      'services/api/package.json': pkg('api', { shop: 'file:../..' }),
      'services/web/package.json': pkg('web'),
      'libs/[a]/package.json': pkg('a'),
    };
    const asked = ['src/x.js', 'libs/[a]/x.js', 'libs/b/x.js', 'services/web/x.js', 'services/job/x.js'];
    const found = await importIn(tree, ['services/api', 'services/web', 'services/job']);
    // A service without a manifest is a part of the package that it lies in.
    expect(found.inputs('api', ...asked)).toEqual(['src/x.js', 'libs/b/x.js', 'services/job/x.js']);
  });

  test('what only looks like a package is a part of the one that it lies in', async () => {
    const tree = {
      ...shop({ '@shop/money': '*' }, {}, { workspaces: ['services/*', 'libs/*', 'libs/money/tests'] }),
      'libs/money/esm/package.json': { type: 'module' },
      'libs/money/react/package.json': { name: '@shop/money/react', main: '../react.js' },
      'libs/money/docs/requirements.txt': 'mkdocs\n',
      'libs/money/ui/go.mod': 'module ui\n',
      'libs/money/tests/package.json': pkg('tests'),
    };
    const parts = ['esm', 'react', 'docs', 'ui', 'tests'].map((it) => `libs/money/${it}/x.js`);
    expect((await importIn(tree, SERVICES)).inputs('api', ...parts)).toEqual(parts.slice(0, 4));
  });

  test('a service that is a part of a package has its manifest and what that depends on', async () => {
    const tree = {
      'package.json': { name: 'shop', dependencies: { money: 'file:libs/money' } },
      'libs/money/package.json': pkg('money'),
    };
    const found = await importIn(tree, SERVICES);
    expect(found.inputs('api', 'package.json', 'libs/money/x', 'src/x')).toEqual(['package.json', 'libs/money/x']);
  });

  test('without a lock file the root says what is resolved; with one that cannot be sliced, that does', async () => {
    const settings = ['package.json', '.npmrc', 'bun.lock'];
    const bare = { ...shop({}), '.npmrc': '' };
    expect((await importIn(bare, SERVICES)).inputs('api', ...settings)).toEqual(['package.json', '.npmrc']);
    expect((await importIn({ ...bare, 'bun.lock': '{}' }, SERVICES)).inputs('api', ...settings)).toEqual(settings);
    expect((await importIn({ ...bare, 'package-lock.json': '{}' }, SERVICES)).inputs('api', ...settings)).toEqual([
      '.npmrc',
    ]);
  });
});

describe('a manifest that cannot be read', () => {
  test('of a service: it depends on all packages of npm, and that is said', async () => {
    const tree = {
      ...shop({}),
      'services/web/package.json': '{ "name": "@shop/web", <<<<<<<',
      'services/go/go.mod': 'module go\n',
    };
    const found = await importIn(tree, [...SERVICES, 'services/go']);
    expect(found.uses('web')).toEqual(['api']);
    expect(found.inputs('web', ...LIBRARIES)).toEqual(LIBRARIES);
    expect(found.inputs('api', ...LIBRARIES)).toEqual([]);
    expect(found.warnings).toMatchObject([{ code: 'manifest-unreadable', at: { file: 'services/web/package.json' } }]);
    expect(found.warnings[0]?.sentence).toContain('what it depends on is not known');
  });

  test('of a library: who names it still depends on it', async () => {
    const tree = { ...shop({ '@shop/money': '*' }), 'libs/money/package.json': '{ "name": "@shop/money",' };
    const found = await importIn(tree, SERVICES);
    expect(found.inputs('api', ...LIBRARIES)).toEqual(LIBRARIES);
    expect(found.inputs('web', ...LIBRARIES)).toEqual([]);
  });

  test('without a name: anybody may depend on it', async () => {
    const found = await importIn({ ...shop({}), 'libs/money/package.json': '' }, SERVICES);
    for (const name of ['api', 'web']) expect(found.inputs(name, 'libs/money/x')).toEqual(['libs/money/x']);
  });

  test('that is too large to be read', async () => {
    const found = await importIn(shop({}), SERVICES, { unread: ['services/web/package.json'] });
    expect(found.inputs('web', ...LIBRARIES)).toEqual(LIBRARIES);
    expect(found.warnings[0]?.sentence).toContain('it is too large, or could not be had');
  });

  test('that nobody uses is nobody’s business', async () => {
    const found = await importIn({ ...shop({}), 'templates/new/package.json': '{ "name": "{{name}}", }' }, SERVICES);
    expect(found.warnings).toEqual([]);
    expect(found.inputs('api', 'templates/new/x')).toEqual([]);
  });

  test('of the workspace: any package below may be a member', async () => {
    const tree = { ...shop({ '@shop/money': '*' }, {}, {}), 'pnpm-workspace.yaml': 'packages: [' };
    expect((await importIn(tree, SERVICES)).inputs('api', ...LIBRARIES)).toEqual(LIBRARIES);
  });
});

test('only the ecosystems that were asked for are read', async () => {
  const found = await importIn(shop({ '@shop/money': '*' }), SERVICES, { ecosystems: ['go'] });
  expect(found.inputs('api', ...LIBRARIES)).toEqual([]);
});

testWith('npm')('npm links the same packages', async () => {
  const tree = {
    ...shop(
      { '@shop/money': '^1.0.0', cash: 'npm:@shop/text@*' },
      { '@shop/api': '1.x', '@shop/text': 'file:../../libs/text' },
    ),
    'libs/text/package.json': pkg('@shop/text', {}),
  };
  const disk = onDisk({ ...tree, 'services/api/package.json': pkg('@shop/api', { '@shop/money': '^1.0.0' }) });
  try {
    disk.run('', 'npm', 'install', '--package-lock-only', '--ignore-scripts');
    const text = readFileSync(join(disk.root, 'package-lock.json'), 'utf8');
    const lock = await parseLock('package-lock.json', text, new Map());
    const folders = (folder: string) =>
      (lock?.roots.get(folder)?.production ?? []).map((id) => lock?.entries.get(id)?.folder).sort();
    expect(folders('services/api')).toEqual(['libs/money']);
    expect(folders('services/web')).toEqual(['libs/text', 'services/api']);
    const found = await importIn(tree, [...SERVICES, 'libs/money', 'libs/text']);
    expect(found.uses('api')).toEqual(['money', 'text']);
    expect(found.uses('web')).toEqual(['api', 'text']);
  } finally {
    disk.remove();
  }
});

test.each([
  ['a package below the service', 'services/a/e2e/package.json', { name: 'e2e' }],
  ['one of another ecosystem', 'services/a/requirements.txt', 'flask==3.0\n'],
])('%s does not hide the one that the service lies in', async (_what, path, text) => {
  const tree = { 'package.json': { name: 'shop', dependencies: { money: 'file:libs/money' } } };
  const found = await importIn({ ...tree, 'libs/money/package.json': { name: 'money' }, [path]: text }, [
    'services/a',
    'services/b',
  ]);
  const asked = ['package.json', 'libs/money/index.js'] as const;
  expect(found.inputs('b', ...asked)).toEqual(asked);
  expect(found.inputs('a', ...asked)).toEqual(asked);
});
