import { describe, expect, test } from '@jest/globals';
import { onDisk, testWith } from './tools.ts';
import { change, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const pkg = (name: string, dependencies: object = {}) => ({ name, version: '1.0.0', dependencies });

const npmLock = (react: string, folder = 'services/api') =>
  JSON.stringify({
    name: 'shop',
    lockfileVersion: 3,
    packages: {
      '': folder === '' ? { dependencies: { react: '*' } } : { workspaces: ['services/*'] },
      ...(folder === '' ? {} : { [folder]: { dependencies: { react: '*' } } }),
      'node_modules/react': { version: react, integrity: `sha512-${react}` },
    },
  });
const pnpmLock = (react: string) =>
  `lockfileVersion: '9.0'\nimporters:\n  .: {}\n  services/api:\n    dependencies:\n      react:\n        specifier: '*'\n        version: ${react}\npackages:\n  react@${react}:\n    resolution: {integrity: sha512-${react}}\nsnapshots:\n  react@${react}: {}\n`;
const yarnLock = (react: string) =>
  `# yarn lockfile v1\n\nreact@*:\n  version "${react}"\n  integrity sha512-${react}\n`;

const shop = (more: Tree): Tree => ({
  'package.json': { name: 'shop', private: true, workspaces: ['services/*'] },
  'services/api/package.json': pkg('api', { react: '*' }),
  'services/web/package.json': pkg('web'),
  ...more,
});

/** The services that a change of one file means something to, by a lock file or because it is an input. */
async function touched(tree: Tree, path: string, after: string): Promise<readonly string[]> {
  const { locks, graphs } = await change(tree, { ...tree, [path]: after }, SERVICES);
  const byLock = [...locks].filter(([, it]) => it.length > 0).map(([name]) => name);
  const byInput = graphs.flatMap(({ nodes }) =>
    [...nodes].filter(([, it]) => it.imported.inputs.some(({ rules }) => rules.from === path)).map(([name]) => name),
  );
  return [...new Set([...byLock, ...byInput])].sort();
}

describe('a lock file that is left over does not hide the true one', () => {
  const truths: readonly (readonly [string, (react: string) => string])[] = [
    ['package-lock.json', npmLock],
    ['pnpm-lock.yaml', pnpmLock],
    ['yarn.lock', yarnLock],
    ['bun.lock', (react) => `{ "react": "${react}" }`],
    ['bun.lockb', (react) => react],
  ];
  const rests: readonly (readonly [string, string])[] = [
    ['package-lock.json', npmLock('0.0.1')],
    ['npm-shrinkwrap.json', npmLock('0.0.1')],
    ['yarn.lock', yarnLock('0.0.1')],
    ['bun.lock', '{}'],
    ['services/api/package-lock.json', npmLock('0.0.1', '')],
    ['services/api/yarn.lock', yarnLock('0.0.1')],
  ];
  const pairs = truths.flatMap(([file, write]) =>
    rests.flatMap(([rest, text]) => (rest === file ? [] : [[file, rest, write, text] as const])),
  );

  test.each(pairs)('%s beside %s', async (file, rest, write, text) => {
    const tree = shop({ [rest]: text, [file]: write('18.0.0') });
    expect(await touched(tree, file, write('18.1.0'))).toContain('api');
  });

  test('each selects only those whose packages are in it', async () => {
    const tree = shop({ 'package-lock.json': npmLock('18.0.0'), 'pnpm-lock.yaml': pnpmLock('18.0.0') });
    for (const [file, text] of [
      ['package-lock.json', npmLock('18.1.0')],
      ['pnpm-lock.yaml', pnpmLock('18.1.0')],
    ] as const) {
      expect(await touched(tree, file, text)).toEqual(['api']);
    }
  });
});

testWith('npm')('npm takes the lock file of the root for a member that has one of its own', () => {
  const disk = onDisk(
    shop({ 'package-lock.json': npmLock('18.0.0'), 'services/api/package-lock.json': npmLock('0.0.1', '') }),
  );
  try {
    expect(disk.run('services/api', 'npm', 'prefix').trim()).toBe(disk.root);
  } finally {
    disk.remove();
  }
});
