import { describe, expect, test } from '@jest/globals';
import { importIn, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const FILES = ['libs/money/money/__init__.py', 'libs/text/text.py'];
const project = (name: string, dependencies: readonly string[] = [], rest = '') =>
  `[project]\nname = "${name}"\nversion = "0.1.0"\ndependencies = ${JSON.stringify(dependencies)}\n${rest}`;

const shop = (api: string, more: Tree = {}): Tree => ({
  'services/api/pyproject.toml': api,
  'services/web/pyproject.toml': project('web'),
  'libs/money/pyproject.toml': project('Money_Lib', ['text'], '[tool.uv.sources]\ntext = { path = "../text" }\n'),
  'libs/text/pyproject.toml': project('text'),
  ...more,
});
const ROOT = { 'pyproject.toml': '[tool.uv.workspace]\nmembers = ["services/*", "libs/*"]\nexclude = ["libs/old"]\n' };
const poetry = (dependency: string, table = 'dependencies') =>
  `[tool.poetry]\nname = "api"\n[tool.poetry.${table}]\npython = "^3.12"\n${dependency}\n`;

describe('a dependency', () => {
  test.each<readonly [string, string, Tree?]>([
    [
      'of uv by a path',
      project('api', ['money-lib'], '[tool.uv.sources]\nmoney-lib = { path = "../../libs/money", editable = true }\n'),
    ],
    [
      'of uv by the workspace',
      project('api', ['money-lib>=0.1'], '[tool.uv.sources]\nmoney-lib = { workspace = true }\n'),
      ROOT,
    ],
    [
      'of uv, from several sources',
      project(
        'api',
        ['money-lib'],
        '[tool.uv.sources]\nmoney-lib = [{ path = "../../libs/money", marker = "sys_platform == \'linux\'" }, { index = "x" }]\n',
      ),
    ],
    [
      'of uv, in a group',
      project(
        'api',
        [],
        '[dependency-groups]\ndev = ["money-lib", { include-group = "x" }]\n[tool.uv.sources]\nmoney-lib = { path = "../../libs/money" }\n',
      ),
    ],
    ['of poetry', poetry('money-lib = { path = "../../libs/money", develop = true }')],
    ['of poetry, in a group', poetry('money-lib = { path = "../../libs/money" }', 'group.dev.dependencies')],
    ['of poetry, in the old table', poetry('money-lib = { path = "../../libs/money" }', 'dev-dependencies')],
    [
      'of PDM',
      project(
        'api',
        [],
        '[tool.pdm.dev-dependencies]\ndev = ["-e file:///${PROJECT_ROOT}/../../libs/money#egg=money-lib"]\n',
      ),
    ],
    ['of hatch', project('api', ['money-lib @ {root:uri}/../../libs/money'])],
    ['by a direct reference', project('api', ['money-lib @ file:../../libs/money'])],
    [
      'optional, by a direct reference',
      project(
        'api',
        [],
        '[project.optional-dependencies]\nx = ["money-lib @ file:../../libs/money ; python_version > \'3\'"]\n',
      ),
    ],
  ])('%s', async (_title, manifest, more = {}) => {
    const found = await importIn(shop(manifest, more), SERVICES);
    expect(found.inputs('api', ...FILES)).toEqual(FILES);
    expect(found.inputs('web', ...FILES)).toEqual([]);
    expect(found.warnings).toEqual([]);
  });

  test('sources of the root of a workspace hold for members that need them', async () => {
    const root = {
      'pyproject.toml': `${ROOT['pyproject.toml']}[tool.uv.sources]\n"Money.Lib" = { workspace = true }\n`,
    };
    const found = await importIn(shop(project('api', ['money_lib']), root), SERVICES);
    expect(found.inputs('api', ...FILES)).toEqual(FILES);
    expect(found.inputs('web', ...FILES)).toEqual([]);
  });

  test('of an index', async () => {
    expect((await importIn(shop(project('api', ['money-lib>=0.1'])), SERVICES)).inputs('api', ...FILES)).toEqual([]);
  });

  test('in a requirements file, with the files that it names', async () => {
    const text =
      '# words\n-r ../../common/base.txt\n-e ../../libs/money[extra]  # ours\nrequests==2\n./here\ntext @ file:../../libs/text\n';
    const found = await importIn(shop(project('api'), { 'services/api/requirements-dev.txt': text }), SERVICES);
    expect(found.inputs('api', ...FILES, 'common/base.txt')).toEqual([...FILES, 'common/base.txt']);
  });

  test('on a service', async () => {
    const manifest = project('api', ['web'], '[tool.uv.sources]\nweb = { path = "../web" }\n');
    expect((await importIn(shop(manifest), SERVICES)).uses('api')).toEqual(['web']);
  });
});

test('the root of the workspace and the nearest lock file govern', async () => {
  const files = ['pyproject.toml', 'uv.lock', 'poetry.lock'];
  const found = await importIn(shop(project('api'), { ...ROOT, 'uv.lock': '' }), SERVICES);
  expect(found.inputs('web', ...files)).toEqual(['pyproject.toml', 'uv.lock']);
});

test('a manifest that is no TOML', async () => {
  const found = await importIn(shop('[project\n', ROOT), SERVICES);
  expect(found.inputs('api', ...FILES)).toEqual(FILES);
  expect(found.warnings[0]).toMatchObject({ at: { file: 'services/api/pyproject.toml' } });
});
