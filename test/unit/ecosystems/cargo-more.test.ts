import { describe, expect, test } from '@jest/globals';
import { importIn, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const MONEY = 'libs/money/src/lib.rs';
const crate = (name: string, rest = '') => `[package]\nname = "${name}"\nversion = "0.1.0"\n${rest}`;
const ROOT = '[workspace]\nmembers = ["services/*", "libs/*"]\n[workspace.dependencies]\nserde = "1"\n';
const shop = (api: string, more: Tree = {}): Tree => ({
  'services/api/Cargo.toml': crate('api', api),
  'services/web/Cargo.toml': crate('web'),
  'libs/money/Cargo.toml': crate('money'),
  ...more,
});

describe('what counts for a crate alone', () => {
  test.each<readonly [string, string, Tree, readonly string[]]>([
    ['its own patch', '[patch.crates-io]\nserde = { path = "../../libs/money" }\n', {}, [MONEY]],
    [
      'a configuration of Cargo with paths',
      '',
      { 'services/api/.cargo/config.toml': 'paths = ["../../libs/money"]\n' },
      [MONEY],
    ],
    [
      'a configuration with a patch',
      '',
      { 'services/api/.cargo/config': '[patch.crates-io]\nserde.path = "../../libs/money"\n' },
      [MONEY],
    ],
    [
      'what is vendored',
      '',
      { 'services/api/.cargo/config.toml': '[source.vendored-sources]\ndirectory = "../../vendor"\n' },
      ['vendor/x/lib.rs'],
    ],
    [
      'a build script',
      '',
      { 'services/api/build.rs': 'compile("../../proto/shop.proto"); include!("../../gen/x.rs");' },
      ['proto/shop.proto', 'gen/x.rs'],
    ],
    ['a source file from elsewhere', '[[bin]]\nname = "x"\npath = "../../bins/x.rs"\n', {}, ['bins/x.rs']],
  ])('%s', async (_title, api, more, asked) => {
    const found = await importIn(shop(api, more), SERVICES);
    expect(found.inputs('api', ...asked, 'README.md')).toEqual(asked);
    expect(found.inputs('web', ...asked)).toEqual([]);
    expect(found.warnings).toEqual([]);
  });
});

test('what Cargo’s configuration above says holds for all below', async () => {
  const tree = shop('', { '.cargo/config.toml': 'paths = ["libs/money"]\n' });
  expect((await importIn(tree, SERVICES)).inputs('web', MONEY)).toEqual([MONEY]);
});

test.each([
  ['the root of the workspace is no TOML', { 'Cargo.toml': '[workspace\n' }, ''],
  ['the workspace does not say what is inherited', { 'Cargo.toml': ROOT }, '[dependencies]\nmoney.workspace = true\n'],
])('%s: everything counts, and that is said', async (_title, more, api) => {
  const found = await importIn(shop(api, more), SERVICES);
  expect(found.inputs('api', MONEY)).toEqual([MONEY]);
  expect(found.warnings[0]?.at?.file).toBe('services/api/Cargo.toml');
});

test('a lock file that is left over beside a member does not hide that of the workspace', async () => {
  const tree = shop('', { 'Cargo.toml': ROOT, 'Cargo.lock': '', 'services/api/Cargo.lock': '' });
  expect((await importIn(tree, SERVICES)).inputs('api', 'Cargo.lock')).toEqual(['Cargo.lock']);
});
