import { describe, expect, test } from '@jest/globals';
import { importIn, type Tree } from './tree.ts';

const SERVICES = ['services/Api', 'services/Web'];
const MONEY = 'libs/Money/Money.cs';
const project = (inner: string) => `<Project Sdk="Microsoft.NET.Sdk">\n${inner}\n</Project>\n`;
const group = (inner: string) => `<ItemGroup>${inner}</ItemGroup>`;
const set = (name: string, value: string) => `<PropertyGroup><${name}>${value}</${name}></PropertyGroup>`;
const reference = (path: string) => group(`<ProjectReference Include="${path}" />`);

const shop = (api: string, more: Tree = {}): Tree => ({
  'services/Api/Api.csproj': project(api),
  'services/Web/Web.csproj': project(''),
  'libs/Money/Money.csproj': project(''),
  ...more,
});

/** What counts for one service and not for the other, without a warning. */
async function onlyFor(tree: Tree, asked: readonly string[]): Promise<void> {
  const found = await importIn(tree, SERVICES);
  expect(found.warnings).toEqual([]);
  expect(found.inputs('Api', ...asked, 'README.md')).toEqual(asked);
  expect(found.inputs('Web', ...asked)).toEqual([]);
}

describe('a file that is imported', () => {
  const props = { 'build/shared.props': project(reference('../../libs/Money/Money.csproj')) };

  test.each<readonly [string, string, Tree?]>([
    ['by its path', '<Import Project="../../build/shared.props" />'],
    ['by a property', `${set('Build', '..\\..\\build')}<Import Project="$(Build)\\shared.props" />`],
    [
      'by a property with two values',
      `${set('Build', 'x')}${set('Build', '../../build')}<Import Project="$(Build)/shared.props" />`,
    ],
    [
      'by a property that another one adds to',
      `${set('Build', '../../build')}${set('Build', '$(Build)')}<Import Project="$(Build)/shared.props" />`,
    ],
    ['by the folder of the solution', '<Import Project="$(SolutionDir)build\\shared.props" />', { 'Shop.sln': '' }],
    ['by the folder of a solution that is not there', '<Import Project="$(SolutionDir)build\\shared.props" />'],
    [
      'by a file above',
      `<Import Project="$([MSBuild]::GetPathOfFileAbove('build/shared.props', '$(MSBuildThisFileDirectory)../'))" />`,
    ],
    [
      'by the folder of a file above',
      `<Import Project="$([MSBuild]::GetDirectoryNameOfFileAbove($(MSBuildThisFileDirectory), global.json))/build/shared.props" />`,
      { 'global.json': '{}' },
    ],
    [
      'by a path that is joined',
      `<Import Project="$([System.IO.Path]::Combine('$(MSBuildThisFileDirectory)', '..', '..', 'build', 'shared.props'))" />`,
    ],
    ['by a wildcard', '<Import Project="../../build/*.props" />'],
    ['by what is not known in the middle', '<Import Project="../../build/$(Flavour).props" />'],
    ['in other letters', '<Import Project="..\\..\\Build\\Shared.props" />'],
    [
      'by another one',
      '<Import Project="../../build/more.targets" />',
      { 'build/more.targets': project('<Import Project="shared.props" />') },
    ],
    [
      'by one that sets where',
      '<Import Project="../../build/where.props" /><Import Project="$(Where)/shared.props" />',
      { 'build/where.props': project(set('Where', '$(MSBuildThisFileDirectory)')) },
    ],
  ])('%s', async (_title, written, more = {}) => {
    await onlyFor(shop(written, { ...props, ...more }), ['build/shared.props', MONEY]);
  });

  test('by Directory.Build.props, from its own folder', async () => {
    const above = { ...props, 'Directory.Build.props': project('<Import Project="build/shared.props" />') };
    const found = await importIn(shop('', above), SERVICES);
    expect(found.inputs('Web', 'build/shared.props', MONEY)).toEqual(['build/shared.props', MONEY]);
  });

  test('as a shared project, with its files', async () => {
    const tree = shop('<Import Project="..\\..\\shared\\Shared.projitems" Label="Shared" />', {
      'shared/Shared.projitems': project(group('<Compile Include="$(MSBuildThisFileDirectory)Text.cs" />')),
    });
    await onlyFor(tree, ['shared/Shared.projitems', 'shared/Text.cs']);
  });

  test('of the SDK, of the machine, or from what is built, is none of the repository', async () => {
    const elsewhere = [
      '$(MSBuildToolsPath)\\Microsoft.CSharp.targets',
      '$(MSBuildExtensionsPath)\\$(MSBuildToolsVersion)\\Microsoft.Common.props',
      '$(VSToolsPath)\\x.targets',
      '$(NuGetPackageRoot)x\\x.props',
      '$(MSBuildProjectExtensionsPath)x.props',
    ].map((it) => `<Import Project="${it}" />`);
    const sdk = '<Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" />';
    const items = group(
      '<Content Include="$(OutputPath)\\x.dll" /><Compile Include="@(Other)" /><None Include="$(Version)" />',
    );
    await onlyFor(shop(`${elsewhere.join('')}${sdk}${items}`), []);
  });
});

describe('a file that is taken in', () => {
  test.each<readonly [string, string, string]>([
    [
      'by a property',
      `${set('Shared', '../../shared')}${group('<Compile Include="$(Shared)/**/*.cs" />')}`,
      'shared/a/B.cs',
    ],
    ['by an item of a kind of its own', group('<AvroSchema Include="../../schemas/x.avsc" />'), 'schemas/x.avsc'],
    [
      'as a library',
      group('<Reference Include="X"><HintPath>..\\..\\lib\\$(TargetFramework)\\X.dll</HintPath></Reference>'),
      'lib/net8.0/X.dll',
    ],
    [
      'as a library, from the solution',
      group('<Reference Include="X"><HintPath>$(SolutionDir)lib\\X.dll</HintPath></Reference>'),
      'lib/X.dll',
    ],
    ['by a property that is the file', set('AssemblyOriginatorKeyFile', '..\\..\\keys\\shop.snk'), 'keys/shop.snk'],
    ['by a task', '<Target Name="Gen"><Exec Command="python ../../tools/gen.py out" /></Target>', 'tools/gen.py'],
    ['as a task', '<UsingTask TaskName="x" AssemblyFile="../../tools/x.dll" />', 'tools/x.dll'],
  ])('%s', async (_title, written, path) => {
    await onlyFor(shop(written), [path]);
  });

  test('from all of the repository', async () => {
    const found = await importIn(shop(group('<Protobuf Include="../../**/*.proto" />')), SERVICES);
    expect(found.inputs('Api', 'proto/x.proto')).toEqual(['proto/x.proto']);
  });

  test('a folder that only holds the project is none', async () => {
    await onlyFor(
      shop(
        `${set('DockerfileContext', '..\\..')}${set('OutputPath', '..\\..\\bin')}<Target Name="x"><Exec WorkingDirectory="../.." /></Target>`,
      ),
      [],
    );
  });

  test('whatever a nested project has is compiled by the outer one as well', async () => {
    const tree = shop(reference('../../libs/Money/Money.csproj'), { 'libs/Money/Tests/Tests.csproj': project('') });
    await onlyFor(tree, ['libs/Money/Tests/X.cs']);
  });
});

test.each([
  ['an import', '<Import Project="$(Somewhere)/x.props" />'],
  ['an item', group('<Compile Include="$(Somewhere)/*.cs" />')],
  ['a library', group('<Reference Include="X"><HintPath>$(Somewhere)/X.dll</HintPath></Reference>')],
  ['a project among others', reference('@(Projects)')],
])('what is not known, in %s: everything counts, and that is said', async (_title, written) => {
  const found = await importIn(shop(written), SERVICES);
  expect(found.inputs('Api', MONEY)).toEqual([MONEY]);
  expect(found.uses('Api')).toEqual(['Web']);
  expect(found.inputs('Web', MONEY)).toEqual([]);
  expect(found.warnings[0]?.sentence).toContain('means is not known');
});

test('properties that name each other end', async () => {
  const circle = `${set('A', '$(B)')}${set('B', '$(A)')}${group('<Compile Include="$(A)../../shared/x.cs" />')}`;
  expect((await importIn(shop(circle), SERVICES)).inputs('Api', 'shared/x.cs')).toEqual(['shared/x.cs']);
  const many = Array.from({ length: 70 }, (_, at) => set('P', `../../p${at}/`)).join('');
  const found = await importIn(shop(`${many}${group('<Compile Include="$(P)x.cs" />')}`), SERVICES);
  expect(found.warnings[0]?.sentence).toContain('means is not known');
});
