import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Files, World } from '../support/runner.ts';

const service = { image: { builder: 'none' } };
const lock = (react: string) =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: { 'services/web': { dependencies: { react: '*' } }, 'node_modules/react': { version: react } },
  });
const yarn = (react: string) => `# yarn lockfile v1\n\nreact@*:\n  version "${react}"\n`;

/** What each service is built from is unclear in a way of its own. */
const repository: Files = {
  'slipway.yml': { version: 1, services: ['services/*'] },
  ...Object.fromEntries(
    ['web', 'link', 'jobs', 'go', 'net'].map((it) => [`services/${it}/slipway.service.yml`, service]),
  ),
  'package.json': { private: true, workspaces: ['services/*'] },
  'services/web/package.json': { name: 'web', dependencies: { react: '*' } },
  'package-lock.json': lock('18.0.0'),
  'yarn.lock': yarn('18.0.0'),
  'services/web/package-lock.json': '{}',
  'configs/link.json': { name: 'linked', dependencies: { tools: 'file:../../libs/tools' } },
  'libs/tools/package.json': { name: 'tools' },
  'services/jobs/requirements.txt': '-r ../../python/requirements.txt\n',
  'python/requirements.txt': '-e "libs/py"\n',
  'libs/py/setup.py': 'from setuptools import setup\nsetup(name="py")\n',
  'libs/py/requirements.txt': 'numpy\n',
  'go.work': 'go 1.21\nuse(\n\t./services/go\n\t./libs/go\n)\n',
  'services/go/go.mod': 'module example.com/shop/go\n',
  'services/go/main.go': 'package main\n\nimport _ "example.com/shop/lib/money"\n\nfunc main() {}\n',
  'libs/go/go.mod': 'module example.com/shop/lib\n',
  'services/net/Net.csproj': '<Project><Import Project="$(SolutionDir)build/shared.props" /></Project>',
  'build/shared.props':
    '<Project><ItemGroup><Compile Include="$(MSBuildThisFileDirectory)../libs/net/*.cs" /></ItemGroup></Project>',
};

describe('a repository whose manifests are unclear', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    const link = join(world.developer, 'services/link/package.json');
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync('../../configs/link.json', link);
    world.push(repository);
  });
  afterAll(() => world.close());

  test.each([
    ['the lock file of one manager', 'yarn.lock', yarn('18.1.0'), ['web']],
    ['that of another one beside it', 'package-lock.json', lock('18.1.0'), ['web']],
    ['what a manifest that is a link depends on', 'libs/tools/index.js', '1', ['link']],
    ['the target of that link', 'configs/link.json', { name: 'linked' }, ['link']],
    ['a folder that is named in quotes from the root', 'libs/py/py.py', '1', ['jobs']],
    ['a module that is only imported', 'libs/go/money/money.go', 'package money\n', ['go']],
    ['a file that an imported file takes in', 'libs/net/X.cs', '1', ['net']],
    ['what nobody names', 'libs/other/x.js', '1', []],
  ])('%s selects those who use it', async (_what, path, content, names) => {
    world.push({ [path]: content });
    const ran = await world.detect();
    expect(ran).toMatchObject({ conclusion: 'success', annotations: [] });
    expect(JSON.parse(ran.outputs['services'] ?? 'null')).toEqual(names);
  });
});
