import { describe, expect, test } from '@jest/globals';
import { change, importIn, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const MONEY = 'libs/money/index.js';
const pkg = (name: string, dependencies: object = {}, more: object = {}) => ({
  name,
  version: '1.2.0',
  dependencies,
  ...more,
});
const shop = (api: object, root: object = {}, more: Tree = {}): Tree => ({
  'package.json': { name: 'shop', private: true, workspaces: ['services/*', 'libs/*'], ...root },
  'services/api/package.json': pkg('@shop/api', api),
  'services/web/package.json': pkg('@shop/web'),
  'libs/money/package.json': pkg('@shop/money'),
  ...more,
});

async function onlyFor(tree: Tree, asked: readonly string[], none: readonly string[] = []): Promise<void> {
  const found = await importIn(tree, SERVICES);
  expect(found.warnings).toEqual([]);
  expect(found.inputs('api', ...asked, ...none, 'README.md')).toEqual(asked);
  expect(found.inputs('web', ...asked)).toEqual([]);
}

describe('workspaces', () => {
  test.each<readonly [string, object, Tree]>([
    [
      'around one of its own',
      {},
      { 'services/api/package.json': pkg('@shop/api', { '@shop/money': '*' }, { workspaces: ['packages/*'] }) },
    ],
    ['beside a file of pnpm that is left over', {}, { 'pnpm-workspace.yaml': 'packages: ["old/*"]\n' }],
    [
      'of pnpm, beside a field that is left over',
      { workspaces: ['old/*'] },
      { 'pnpm-workspace.yaml': 'packages: ["services/*", "libs/*"]\n' },
    ],
    ['of pnpm without a list', { workspaces: undefined }, { 'pnpm-workspace.yaml': 'nodeLinker: hoisted\n' }],
    ['of lerna', { workspaces: undefined }, { 'lerna.json': { packages: ['services/*', 'libs/*'] } }],
    ['that take out and in again', { workspaces: ['services/*', 'libs/*', '!libs/*', 'libs/money'] }, {}],
  ])('%s', async (_title, root, more) => {
    await onlyFor(shop({ '@shop/money': '^1.0.0' }, root, more), [MONEY]);
  });

  test('workspace: with a package that patterns leave out', async () => {
    await onlyFor(shop({ '@shop/money': 'workspace:*' }, { workspaces: ['services/*'] }), [MONEY]);
  });
});

describe('what is put in the place of a package', () => {
  test.each<readonly [string, object]>([
    ['by npm, with a path', { overrides: { x: { '@shop/y': 'file:../libs/money' } } }],
    ['by yarn, with a workspace', { resolutions: { '**/@shop/money': 'workspace:*' } }],
    ['by pnpm, under another name', { pnpm: { overrides: { 'x@1>lodash@^4': 'npm:@shop/money@*' } } }],
  ])('%s', async (_title, root) => {
    const nested = Object.fromEntries(
      Object.entries(shop({}, root)).map(([path, it]) => [
        path === 'package.json' ? `js/${path}` : path.replace(/^services/, 'js/services'),
        it,
      ]),
    );
    const tree = { ...nested, 'js/libs/money/package.json': pkg('@shop/money') };
    const found = await importIn(tree, ['js/services/api']);
    expect(found.inputs('api', MONEY, `js/${MONEY}`)).toHaveLength(1);
  });

  test('a patch of a package of the repository', async () => {
    const spec = 'patch:@shop/money@workspace%3A*#~/.yarn/patches/money.patch';
    await onlyFor(shop({ '@shop/money': spec }), ['.yarn/patches/money.patch', MONEY]);
  });

  test('patches beside the root count for all', async () => {
    const found = await importIn(shop({}, {}, { 'patches/lodash+4.patch': '' }), SERVICES);
    for (const name of ['api', 'web']) expect(found.inputs(name, 'patches/lodash+4.patch')).toHaveLength(1);
  });
});

describe('paths that lead out of a package', () => {
  test.each<readonly [string, object, readonly string[]]>([
    [
      'in a script',
      { scripts: { build: 'node ../../scripts/gen.js && tsc -p=../../tsconfig.build.json' } },
      ['scripts/gen.js', 'tsconfig.build.json'],
    ],
    ['of a tool', { prettier: '../../configs/prettier.json' }, ['configs/prettier.json']],
  ])('%s', async (_title, more, asked) => {
    await onlyFor(shop({}, {}, { 'services/api/package.json': pkg('@shop/api', {}, more) }), asked);
  });

  test('to folders around, and to what is installed, are none', async () => {
    const scripts = { a: 'cd ../.. && npm run x', b: '../../node_modules/.bin/tsc', c: 'ls ../../package.json' };
    const tree = { 'services/api/package.json': pkg('@shop/api', {}, { scripts }), 'package-lock.json': '{}' };
    await onlyFor(shop({}, {}, tree), ['package.json']);
  });
});

describe('tsconfig.json', () => {
  test.each<readonly [string, Tree, readonly string[]]>([
    [
      'extends others, with comments',
      {
        'services/api/tsconfig.json':
          '{ // base\n "extends": "../../base", /* x */ "compilerOptions": { "outDir": "../../out", }, }',
        'base.json': { extends: './configs/strict.json' },
        'configs/strict.json': {},
      },
      ['base.json', 'configs/strict.json'],
    ],
    [
      'extends several',
      { 'services/api/tsconfig.build.json': { extends: ['./tsconfig.json', '../../b.json'] }, 'b.json': {} },
      ['b.json'],
    ],
    ['extends a package', { 'services/api/tsconfig.json': { extends: '@shop/money/tsconfig.json' } }, [MONEY]],
    [
      'references a project',
      { 'services/api/src/tsconfig.json': { references: [{ path: '../../../libs/money' }] } },
      [MONEY],
    ],
    [
      'takes in source',
      { 'services/api/tsconfig.json': { include: ['src', '../../shared/**/*.ts'] } },
      ['shared/x.ts'],
    ],
    [
      'maps a name',
      { 'services/api/tsconfig.json': { compilerOptions: { paths: { '@x/*': ['../../libs/money/*'] } } } },
      [MONEY],
    ],
    [
      'that cannot be read',
      { 'services/api/tsconfig.json': '{ "extends": "../../base.json" <<<', 'base.json': {} },
      ['base.json'],
    ],
  ])('%s', async (_title, more, asked) => {
    await onlyFor(shop({}, {}, more), asked, ['out/x.js']);
  });
});

describe('what a root says that its lock file does not repeat', () => {
  const lock = "lockfileVersion: '9.0'\nimporters:\n  .: {}\n  services/api: {}\n  services/web: {}\n";
  const tree = (yaml: string, root: object = {}) =>
    shop({}, { ...root, devDependencies: { x: '1' } }, { 'pnpm-workspace.yaml': yaml, 'pnpm-lock.yaml': lock });
  const moved = async (before: Tree, after: Tree) => {
    const { locks } = await change(before, after, SERVICES);
    return locks.get('api')?.flatMap((it) => it.moved);
  };
  const base = tree('packages: ["services/*"]\n');

  test('settings of pnpm', async () => {
    expect(await moved(base, tree('packages: ["services/*"]\nnodeLinker: hoisted\n'))).toEqual([
      'nodeLinker "hoisted" is new',
    ]);
    expect(await moved(base, tree('packages: ["services/*"]\ncatalog: { react: "18" }\n'))).toEqual([]);
  });

  test('the versions of tools', async () => {
    const was = tree('packages: ["services/*"]\n', { packageManager: 'pnpm@9.0.0' });
    const is = tree('packages: ["services/*"]\n', { packageManager: 'pnpm@9.1.0', scripts: { x: 'y' } });
    expect(await moved(was, is)).toEqual(['packageManager "pnpm@9.0.0" → "pnpm@9.1.0"']);
    expect(await moved(base, tree('packages: ["services/*"]\n', { scripts: { x: 'y' } }))).toEqual([]);
  });
});
