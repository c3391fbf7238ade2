import { describe, expect, test } from '@jest/globals';
import { importIn, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const MONEY = 'libs/money/money.py';
const project = (name: string, rest = '') => `[project]\nname = "${name}"\nversion = "0.1.0"\n${rest}`;
const SETUP = 'from setuptools import setup\nsetup(name="money", version="1")\n';

const shop = (api: string, more: Tree = {}): Tree => ({
  'services/api/requirements.txt': api,
  'services/web/requirements.txt': 'requests==2\n',
  'libs/money/setup.py': SETUP,
  'libs/money/requirements.txt': 'numpy\n',
  ...more,
});

describe('a requirements file names a folder', () => {
  test.each<readonly [string, string]>([
    ['with a requirements file of its own', '-e ../../libs/money'],
    ['in quotes', '-e "../../libs/money"'],
    ['in single quotes, with an equals sign', "--editable='../../libs/money'"],
    ['with extras', '../../libs/money[fast]>=1 ; python_version > "3"'],
    ['with a fragment', '-e ../../libs/money#egg=money'],
    ['as a URL', '-e file:../../libs/money#egg=money'],
    ['as a URL alone', 'file:../../libs/money'],
    ['on two lines', '-e \\\n  ../../libs/money'],
    ['from the root, where pip may run', '-e libs/money'],
    ['from the root, without an option', 'libs/money'],
    ['from the root, with a dot', './libs/money'],
    ['after a byte order mark', '\uFEFF-e ../../libs/money'],
  ])('%s', async (_title, line) => {
    const found = await importIn(shop(`flask\n${line}\n`), SERVICES);
    expect(found.inputs('api', MONEY, 'services/web/x.py')).toEqual([MONEY]);
    expect(found.inputs('web', MONEY)).toEqual([]);
    expect(found.warnings).toEqual([]);
  });

  test('that is the root, without the packages in it', async () => {
    const root = { 'setup.py': SETUP, 'libs/text/pyproject.toml': project('text') };
    for (const line of ['-e ../..', '-e "../.."', '../..']) {
      const found = await importIn(shop(line, root), SERVICES);
      expect(found.inputs('api', 'src/x.py', 'libs/text/x.py')).toEqual(['src/x.py']);
      expect(found.inputs('web', 'src/x.py')).toEqual([]);
    }
  });

  test('its own is its own, whatever else there is', async () => {
    const tree = shop('-e .\n', { 'services/api/setup.py': SETUP, 'setup.py': SETUP });
    expect((await importIn(tree, SERVICES)).inputs('api', 'src/x.py')).toEqual([]);
  });

  test('by a variable: everything counts, and that is said', async () => {
    const found = await importIn(shop('-e ${LIBS}/money\nx @ git+https://${TOKEN}@example.com/x\n'), SERVICES);
    expect(found.inputs('api', MONEY)).toEqual([MONEY]);
    expect(found.warnings[0]?.sentence).toContain('what `${LIBS}/money` means is not known');
    const token = await importIn(shop('x @ git+https://${TOKEN}@example.com/x\n'), SERVICES);
    expect(token.warnings).toEqual([]);
  });
});

describe('a requirements file names others', () => {
  const cases: readonly (readonly [string, string, Tree])[] = [
    [
      'at the root, which names a folder from there',
      '-r ../../requirements.txt',
      { 'requirements.txt': '-e libs/money\n' },
    ],
    [
      'whose folder is meant from the service',
      '-r ../../common/base.txt',
      { 'common/base.txt': '-e ../../libs/money\n' },
    ],
    ['in quotes', '-r "../../common/my base.txt"', { 'common/my base.txt': '-e ../libs/money\n' }],
    ['at two steps', '-r ../../a.txt', { 'a.txt': '--requirement=b/c.txt\n', 'b/c.txt': '-e libs/money' }],
    ['with constraints', '-c ../../limits.txt', { 'limits.txt': 'money @ file:libs/money\n' }],
  ];
  test.each(cases)('%s', async (_title, line, more) => {
    const found = await importIn(shop(line, more), SERVICES);
    const asked = [...Object.keys(more), MONEY];
    expect(found.inputs('api', ...asked)).toEqual(asked);
    expect(found.inputs('web', ...asked)).toEqual([]);
  });

  test('in a folder of that name', async () => {
    const tree = { ...shop(''), 'services/api/requirements/prod.txt': '-e ../../libs/money\n-e ../../../libs/money\n' };
    expect((await importIn(tree, SERVICES)).inputs('api', MONEY)).toEqual([MONEY]);
  });

  test('and archives', async () => {
    const asked = ['wheels/a.whl', 'vendor/b-1-py3-none-any.whl'];
    const found = await importIn(shop('--find-links ../../wheels\n../../vendor/b-1-py3-none-any.whl\n'), SERVICES);
    expect(found.inputs('api', ...asked)).toEqual(asked);
  });
});

test('a folder that a package.json names is an input, also where it only has requirements', async () => {
  const tree = {
    'services/api/package.json': { name: 'api', dependencies: { scripts: 'file:../../libs/scripts' } },
    'libs/scripts/requirements.txt': 'numpy\n',
  };
  expect((await importIn(tree, SERVICES)).inputs('api', 'libs/scripts/x.js')).toEqual(['libs/scripts/x.js']);
});

describe('manifests of other kinds', () => {
  test.each<readonly [string, string, string]>([
    ['Pipfile', 'Pipfile', '[packages]\nmoney = { path = "../../libs/money", editable = true }\n'],
    [
      'setup.cfg',
      'setup.cfg',
      '[metadata]\nname = api\n[options]\ninstall_requires =\n  money @ file:../../libs/money\n',
    ],
    ['setup.py', 'setup.py', 'setup(name="api", install_requires=[f"money @ file://{HERE}/../../libs/money"])\n'],
    [
      'hatch',
      'pyproject.toml',
      project('api', '[tool.hatch.envs.default]\ndependencies = ["money @ {root:uri}/../../libs/money"]\n'),
    ],
    [
      'packages of poetry from elsewhere',
      'pyproject.toml',
      '[tool.poetry]\nname = "api"\npackages = [{ include = "money.py", from = "../../libs/money" }]\n',
    ],
    [
      'what hatch takes in',
      'pyproject.toml',
      project('api', '[tool.hatch.build.targets.wheel.force-include]\n"../../libs/money/money.py" = "money.py"\n'),
    ],
  ])('%s', async (_title, name, text) => {
    const tree = { [`services/api/${name}`]: text, 'libs/money/setup.py': SETUP, 'libs/other/setup.py': SETUP };
    const found = await importIn(tree, SERVICES);
    expect(found.inputs('api', MONEY, 'libs/other/x.py', 'README.md')).toEqual([MONEY]);
    expect(found.warnings).toEqual([]);
  });

  test('where the repository is, is no dependency on all of it', async () => {
    const manifest = project(
      'api',
      '[tool.setuptools_scm]\nroot = "../.."\n[tool.ruff]\nextend = "../../pyproject.toml"\n',
    );
    const tree = {
      'services/api/pyproject.toml': manifest,
      'services/api/setup.py': 'use_scm_version={"root": "../.."}',
      'pyproject.toml': '[tool.ruff]\n',
    };
    expect((await importIn(tree, SERVICES)).inputs('api', 'pyproject.toml', 'README.md')).toEqual(['pyproject.toml']);
  });
});

test('a lock file that is left over in a member does not hide that of the workspace', async () => {
  const tree = {
    'pyproject.toml': '[tool.uv.workspace]\nmembers = ["services/*"]\n',
    'services/api/pyproject.toml': project('api'),
    'services/api/uv.lock': '',
    'services/web/pyproject.toml': project('web'),
    'uv.lock': '',
    'poetry.lock': '',
  };
  const asked = ['uv.lock', 'poetry.lock'];
  expect((await importIn(tree, SERVICES)).inputs('api', ...asked)).toEqual(asked);
});
