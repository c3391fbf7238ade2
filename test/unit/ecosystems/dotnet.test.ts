import { expect, test } from '@jest/globals';
import { importIn, type Tree } from './tree.ts';

const SERVICES = ['services/Api', 'services/Web'];
const FILES = ['libs/Money/Money.cs', 'libs/Text/Text.fs'];
const project = (inner: string) => `<Project Sdk="Microsoft.NET.Sdk">\n${inner}\n</Project>\n`;
const reference = (path: string) => `<ItemGroup><ProjectReference Include="${path}" /></ItemGroup>`;

const shop = (api: string, more: Tree = {}): Tree => ({
  'services/Api/Api.csproj': project(api),
  'services/Web/Web.csproj': project(''),
  'libs/Money/Money.csproj': project(reference('..\\Text\\Text.fsproj')),
  'libs/Text/Text.fsproj': project(''),
  ...more,
});

test.each<readonly [string, string, Tree?]>([
  ['with backslashes', reference('..\\..\\libs\\Money\\Money.csproj')],
  ['with slashes', reference('../../libs/Money/Money.csproj')],
  ['in a list', reference('; ../../libs/Money/Money.csproj ;')],
  ['with a wildcard', reference('../../libs/Money/*.csproj')],
  ['with a folder of MSBuild', reference('$(MSBuildThisFileDirectory)../../libs/Money/Money.csproj')],
  [
    'with a property of its own',
    `<PropertyGroup><Libs>../../libs</Libs></PropertyGroup>${reference('$(Libs)/Money/Money.csproj')}`,
  ],
  [
    'with a property from above',
    reference('$(RepoRoot)libs\\Money\\Money.csproj'),
    {
      'Directory.Build.props': project(
        '<PropertyGroup><RepoRoot>$(MSBuildThisFileDirectory)</RepoRoot></PropertyGroup>',
      ),
    },
  ],
  [
    'under a condition',
    `<ItemGroup Condition="'$(X)' == ''"><ProjectReference Include="../../libs/Money/Money.csproj"><Private>false</Private></ProjectReference></ItemGroup>`,
  ],
])('a reference %s', async (_title, written, more = {}) => {
  const found = await importIn(shop(written, more), SERVICES);
  expect(found.inputs('Api', ...FILES)).toEqual(FILES);
  expect(found.inputs('Web', ...FILES)).toEqual([]);
  expect(found.warnings).toEqual([]);
});

test('references, properties and package versions from above hold for all below', async () => {
  const files = [
    'Directory.Build.props',
    'Directory.Build.targets',
    'Directory.Packages.props',
    'global.json',
    'nuget.config',
    'packages.lock.json',
  ];
  const above = {
    ...Object.fromEntries(files.map((it) => [it, project('')])),
    'Directory.Build.targets': project(reference('$(MSBuildThisFileDirectory)libs/Text/Text.fsproj')),
  };
  const found = await importIn(shop('', above), SERVICES);
  expect(found.inputs('Web', ...files, 'README.md')).toEqual(files);
  expect(found.inputs('Web', ...FILES)).toEqual(FILES.slice(1));
});

test('imported files, and files that are taken in from elsewhere', async () => {
  const written =
    '<Import Project="../../build/common.props" /><Import Project="$(VSToolsPath)/x.targets" /><ItemGroup><Compile Include="../../shared/**/*.cs" Link="x" /><Compile Include="Program.cs" /></ItemGroup>';
  const found = await importIn(shop(written), SERVICES);
  expect(found.inputs('Api', 'build/common.props', 'shared/a/B.cs', 'build/other.props')).toEqual([
    'build/common.props',
    'shared/a/B.cs',
  ]);
  expect(found.warnings).toEqual([]);
});

test('a service, in Visual Basic', async () => {
  const tree = { ...shop(reference('../Old/Old.vbproj')), 'services/Old/Old.vbproj': project('') };
  expect((await importIn(tree, [...SERVICES, 'services/Old'])).uses('Api')).toEqual(['Old']);
});

test('a reference whose meaning is not known: everything counts, and that is said', async () => {
  const found = await importIn(shop(reference('$(Somewhere)/Money.csproj')), SERVICES);
  expect(found.inputs('Api', ...FILES)).toEqual(FILES);
  expect(found.uses('Api')).toEqual(['Web']);
  expect(found.warnings[0]?.sentence).toContain('`$(Somewhere)/Money.csproj`');
});

test('a project that is no XML, and a file above that is none', async () => {
  for (const broken of ['services/Api/Api.csproj', 'services/Api/Directory.Build.props']) {
    const found = await importIn({ ...shop(''), [broken]: '<Project>' }, SERVICES);
    expect(found.inputs('Api', ...FILES)).toEqual(FILES);
    expect(found.inputs('Web', ...FILES)).toEqual([]);
    expect(found.warnings[0]?.sentence).toContain('no XML');
  }
});
