import { describe, expect, test } from '@jest/globals';
import { onDisk, testWith } from './tools.ts';
import { importIn, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const crate = (name: string, rest = '') => `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${rest}`;
const ROOT =
  '[workspace]\nresolver = "2"\nmembers = ["services/*", "libs/*"]\n\n[workspace.dependencies]\nmoney = { path = "libs/money" }\nserde = "1"\n';

const shop = (api: string, web = ''): Tree => ({
  'Cargo.toml': ROOT,
  'services/api/Cargo.toml': crate('api', api),
  'services/api/src/main.rs': 'fn main() {}',
  'services/web/Cargo.toml': crate('web', web),
  'services/web/src/main.rs': 'fn main() {}',
  'libs/money/Cargo.toml': crate('money', '[dependencies]\ntext = { path = "../text" }\n'),
  'libs/money/src/lib.rs': '',
  'libs/text/Cargo.toml': crate('text'),
  'libs/text/src/lib.rs': '',
});
const FILES = ['libs/money/src/lib.rs', 'libs/text/src/lib.rs'];

const WAYS: readonly (readonly [string, string])[] = [
  ['a path', '[dependencies]\nmoney = { path = "../../libs/money" }\n'],
  ['a table of its own', '[dependencies.money]\npath = "../../libs/money"\n'],
  ['for development', '[dev-dependencies]\nmoney = { path = "../../libs/money" }\n'],
  ['for building', '[build-dependencies]\nmoney = { path = "../../libs/money" }\n'],
  ['of the workspace', '[dependencies]\nmoney = { workspace = true }\n'],
  ['of the workspace, in short', '[dependencies]\nmoney.workspace = true\n'],
  ['for a target', '[target.\'cfg(unix)\'.dependencies]\nmoney = { path = "../../libs/money" }\n'],
  ['renamed', '[dependencies]\ncash = { package = "money", path = "../../libs/money", version = "0.1" }\n'],
];

test.each(WAYS)('a dependency as %s', async (_title, written) => {
  const found = await importIn(shop(written), SERVICES);
  expect(found.inputs('api', ...FILES)).toEqual(FILES);
  expect(found.inputs('web', ...FILES)).toEqual([]);
});

testWith('cargo')('cargo sees the same paths', async () => {
  for (const [, written] of WAYS) {
    const tree = shop(written, '[dependencies]\napi = { path = "../api" }\n');
    const disk = onDisk(tree);
    try {
      const { packages } = JSON.parse(
        disk.run('', 'cargo', 'metadata', '--no-deps', '--offline', '--format-version', '1'),
      );
      const pathsOf = (name: string): readonly string[] =>
        packages
          .find((it: { name: string }) => it.name === name)
          .dependencies.map((it: { path: string }) => it.path.slice(disk.root.length + 1));
      expect(pathsOf('api')).toEqual(['libs/money']);
      const found = await importIn(tree, [...SERVICES, 'libs/money']);
      expect(found.uses('api')).toEqual(['money']);
      expect(pathsOf('web')).toEqual(['services/api']);
      expect(found.uses('web')).toEqual(['api']);
    } finally {
      disk.remove();
    }
  }
});

describe('what governs', () => {
  test('the root of the workspace, its lock file, the toolchain', async () => {
    const tree = {
      ...shop(''),
      'Cargo.lock': '',
      'rust-toolchain.toml': '',
      '.cargo/config.toml': '',
      'services/api/Cargo.lock': '',
    };
    const files = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', '.cargo/config.toml', 'services/api/Cargo.lock'];
    expect((await importIn(tree, SERVICES)).inputs('web', ...files)).toEqual(files.slice(0, 4));
  });

  test('not what the workspace leaves out', async () => {
    const tree = {
      ...shop(''),
      'Cargo.toml': `${ROOT.replace('resolver', 'exclude = ["services/web"]\nresolver').replace('"services/*"', '"services/api"')}`,
    };
    const found = await importIn(tree, SERVICES);
    expect(found.inputs('web', 'Cargo.toml')).toEqual([]);
    expect(found.inputs('api', 'Cargo.toml')).toEqual(['Cargo.toml']);
  });

  test('a crate that is patched with a folder', async () => {
    const tree = {
      ...shop(''),
      'Cargo.toml': `${ROOT}[patch.crates-io]\nserde = { path = "vendor/serde" }\n`,
      'vendor/serde/Cargo.toml': crate('serde'),
    };
    expect((await importIn(tree, SERVICES)).inputs('web', 'vendor/serde/src/lib.rs')).toEqual([
      'vendor/serde/src/lib.rs',
    ]);
  });
});

test('a name alone is a crate of the registry', async () => {
  expect((await importIn(shop('[dependencies]\nmoney = "0.1"\n'), SERVICES)).inputs('api', ...FILES)).toEqual([]);
});

test('a manifest that is no TOML', async () => {
  const found = await importIn({ ...shop(''), 'services/api/Cargo.toml': '[package\n' }, SERVICES);
  expect(found.inputs('api', ...FILES)).toEqual(FILES);
  expect(found.uses('api')).toEqual(['web']);
  expect(found.warnings[0]).toMatchObject({ code: 'manifest-unreadable', at: { file: 'services/api/Cargo.toml' } });
});
