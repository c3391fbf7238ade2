import { describe, expect, test } from '@jest/globals';
import { Symlinks } from '../../../shared/ecosystems/symlinks.ts';
import { change, importIn, Link, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const pkg = (name: string, dependencies: object = {}) => ({ name, version: '1.0.0', dependencies });
const MONEY: Tree = { 'libs/money/package.json': pkg('money'), 'libs/money/index.js': '' };

describe('a manifest that is a symbolic link', () => {
  const tree: Tree = {
    'services/api/package.json': new Link('../../configs/api.json'),
    'services/web/package.json': pkg('web'),
    'configs/api.json': pkg('api', { money: 'file:../../libs/money' }),
    ...MONEY,
  };

  test('is read where it leads; the link and its target are inputs', async () => {
    const asked = ['configs/api.json', 'libs/money/index.js'];
    const found = await importIn(tree, SERVICES);
    expect(found.inputs('api', ...asked)).toEqual(asked);
    expect(found.inputs('web', ...asked)).toEqual([]);
    expect(found.warnings).toEqual([]);
  });

  test('of a library', async () => {
    const library = {
      ...tree,
      'services/web/package.json': pkg('web', { money: 'file:../../libs/money' }),
      'libs/money/package.json': new Link('../../configs/money.json'),
      'configs/money.json': pkg('money'),
    };
    const asked = ['configs/money.json', 'libs/money/package.json', 'libs/money/index.js'];
    expect((await importIn(library, SERVICES)).inputs('web', ...asked)).toEqual(asked);
  });

  test.each([
    ['out of the repository', { 'services/api/package.json': new Link('../../../elsewhere/package.json') }],
    ['to a place of the machine', { 'services/api/package.json': new Link('/etc/package.json') }],
    ['nowhere', { 'services/api/package.json': new Link('gone.json') }],
    [
      'in a circle',
      { 'services/api/package.json': new Link('a.json'), 'services/api/a.json': new Link('package.json') },
    ],
  ])('that leads %s: everything counts, and that is said', async (_title, more) => {
    const found = await importIn({ ...tree, ...more }, SERVICES);
    expect(found.inputs('api', 'libs/money/index.js')).toEqual(['libs/money/index.js']);
    expect(found.uses('api')).toEqual(['web']);
    expect(found.warnings).toMatchObject([{ code: 'manifest-unreadable', at: { file: 'services/api/package.json' } }]);
  });
});

describe('a lock file that is a symbolic link', () => {
  const tree: Tree = {
    'services/api/package.json': pkg('api', { react: '*' }),
    'services/web/package.json': pkg('web'),
    'services/package-lock.json': new Link('../locks/all.json'),
    'locks/all.json': '{}',
  };

  test('is an input as a whole, and so is its target', async () => {
    const asked = ['services/package-lock.json', 'locks/all.json'];
    expect((await importIn(tree, SERVICES)).inputs('api', ...asked)).toEqual(asked);
  });

  test('in the folder of a service: the target counts', async () => {
    const own = { ...tree, 'services/api/yarn.lock': new Link('../../locks/yarn.lock'), 'locks/yarn.lock': '' };
    const found = await importIn(own, SERVICES);
    expect(found.inputs('api', 'locks/yarn.lock')).toEqual(['locks/yarn.lock']);
    expect(found.inputs('web', 'locks/yarn.lock')).toEqual([]);
  });
});

describe('a folder that is a symbolic link', () => {
  test('on the way to a package that is named', async () => {
    const tree: Tree = {
      'services/api/package.json': pkg('api', { money: 'file:../../shared/money' }),
      'services/web/package.json': pkg('web'),
      shared: new Link('libs'),
      ...MONEY,
    };
    const asked = ['shared', 'libs/money/index.js'];
    const found = await importIn(tree, SERVICES);
    expect(found.inputs('api', ...asked)).toEqual(asked);
    expect(found.inputs('web', ...asked)).toEqual([]);
  });

  test('with the packages of a workspace behind it', async () => {
    const tree: Tree = {
      'package.json': { name: 'shop', workspaces: ['services/*', 'packages/*'] },
      'services/api/package.json': pkg('api', { money: '*' }),
      'services/web/package.json': pkg('web'),
      packages: new Link('libs'),
      ...MONEY,
    };
    const found = await importIn(tree, SERVICES);
    expect(found.inputs('api', 'libs/money/index.js')).toEqual(['libs/money/index.js']);
    expect(found.inputs('web', 'libs/money/index.js')).toEqual([]);
  });

  test('in a service or in a library leads to what that uses', async () => {
    const tree: Tree = {
      'services/api/shared': new Link('../../libs/money/'),
      'services/web/package.json': pkg('web', { text: 'file:../../libs/text' }),
      'libs/text/package.json': pkg('text'),
      'libs/text/words.txt': new Link('../../words/english.txt'),
      ...MONEY,
      'libs/money/package.json': pkg('money', { deep: 'file:../deep' }),
      'libs/deep/package.json': pkg('deep'),
    };
    const asked = ['libs/money/index.js', 'libs/deep/x.js', 'words/english.txt'];
    const found = await importIn(tree, SERVICES);
    expect(found.inputs('api', ...asked)).toEqual(asked.slice(0, 2));
    expect(found.inputs('web', ...asked)).toEqual(asked.slice(2));
  });

  test('that leads to a folder around it, or in a circle, ends', async () => {
    const tree: Tree = {
      'services/api/package.json': pkg('api', { money: 'file:../../loop/money' }),
      'services/web/up': new Link('../..'),
      loop: new Link('loop'),
      ...MONEY,
    };
    const found = await importIn(tree, SERVICES);
    expect(found.inputs('api', 'loop', 'libs/money/index.js')).toEqual(['loop']);
    expect(found.inputs('web', 'README.md')).toEqual(['README.md']);
  });
});

test('a package that stops being a link still counts as it was', async () => {
  const before: Tree = {
    'services/api/package.json': new Link('../../a.json'),
    'a.json': pkg('api', { m: 'file:../../libs/m' }),
  };
  const after: Tree = { 'services/api/package.json': pkg('api') };
  const { graphs } = await change(before, after, SERVICES);
  expect(graphs[0]?.nodes.get('api')?.imported.inputs.map(({ rules }) => rules.from)).toContain('libs/m');
});

describe('the way of a path', () => {
  const links = new Symlinks(
    new Map([
      ['a', 'b/c'],
      ['b/c', '../d'],
      ['x/out', '../../y'],
      ['e', './d//'],
      ['self', 'self/x'],
      ['root', '.'],
    ]),
  );
  test.each([
    ['a/f', 'd/f', ['a', 'b/c']],
    ['e/f', 'd/f', ['e']],
    ['d/f', 'd/f', []],
    ['root', '', ['root']],
    ['root/d', 'd', ['root']],
    ['x/out/f', undefined, []],
  ])('%s', (path, real, through) => {
    const found = links.resolve(path);
    expect(found.path).toBe(real);
    if (real !== undefined) expect(found.through).toEqual(through);
  });

  test('in a circle is none', () => {
    expect(links.resolve('self').path).toBeUndefined();
  });
});
