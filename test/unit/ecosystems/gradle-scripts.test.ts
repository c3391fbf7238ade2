import { describe, expect, test } from '@jest/globals';
import { importIn, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const MONEY = 'libs/money/src/Money.kt';
const INCLUDE = "include 'services:api', 'services:web', ':libs:money', ':libs:text'\n";
const uses = (path = ':libs:money') => `dependencies { implementation project('${path}') }`;

const shop = (api: string, more: Tree = {}): Tree => ({
  'settings.gradle': INCLUDE,
  'services/api/build.gradle': api,
  'services/web/build.gradle': '',
  'libs/money/build.gradle': '',
  'libs/text/build.gradle': '',
  ...more,
});

async function onlyFor(tree: Tree, asked: readonly string[]): Promise<void> {
  const found = await importIn(tree, SERVICES);
  expect(found.warnings).toEqual([]);
  expect(found.uses('api')).toEqual([]);
  expect(found.inputs('api', ...asked, 'libs/text/x.kt', 'README.md')).toEqual(asked);
  expect(found.inputs('web', ...asked)).toEqual([]);
}

describe('a project that is named', () => {
  test.each([
    ['by the root', "dependencies { implementation rootProject.project(':libs:money') }"],
    ['with a closure', "dependencies { implementation project(':libs:money') { transitive = false } }"],
    ['with a closure, in Kotlin', 'dependencies { implementation(project(":libs:money")) { exclude("x") } }'],
    ['by a task of it', "jar.dependsOn ':libs:money:generate'"],
    ['for evaluation', 'evaluationDependsOn(":libs:money")'],
    ['by findProject', "def it = findProject(':libs:money')"],
    ['in a list', "[':libs:money'].each { path -> dependencies.add('api', rootProject.findProject(':libs:money')) }"],
  ])('%s', async (_title, script) => {
    await onlyFor(shop(script), [MONEY]);
  });

  test('from the project itself', async () => {
    const tree = shop(uses('core'), { 'services/api/core/build.gradle': uses() });
    await onlyFor(tree, [MONEY]);
  });

  test('below settings that are left over', async () => {
    await onlyFor(shop(uses(), { 'services/api/settings.gradle': "rootProject.name = 'api'\n" }), [MONEY]);
  });

  test('where settings compute its place', async () => {
    const settings = `${INCLUDE}include ':cash'\nrootProject.children.each { it.projectDir = file("moved/\${it.name}") }\n`;
    await onlyFor(shop(uses(':cash'), { 'settings.gradle': settings, 'moved/cash/build.gradle': uses() }), [
      MONEY,
      'moved/cash/x.kt',
    ]);
  });

  test('with a script that is named after it', async () => {
    const tree = shop(uses(), {
      'libs/money/build.gradle': undefined,
      'libs/money/money.gradle': uses(':libs:deep'),
      'libs/deep/deep.gradle.kts': '',
    });
    await onlyFor(tree, [MONEY, 'libs/deep/x.kt']);
  });

  test('which is not there: everything counts, and that is said', async () => {
    const found = await importIn(shop(uses(':nowhere')), SERVICES);
    expect(found.inputs('api', MONEY)).toEqual([MONEY]);
    expect(found.warnings[0]?.sentence).toContain('is not known');
  });
});

describe('a script that is applied', () => {
  test.each([
    ['by its path', "apply from: '../../gradle/shared.gradle'"],
    ['from the root', 'apply from: "$rootDir/gradle/shared.gradle"'],
    ['from the project of the root', 'apply from: "${rootProject.projectDir}/gradle/shared.gradle"'],
    ['in Kotlin', 'apply(from = rootProject.file("gradle/shared.gradle"))'],
    ['by an expression', 'apply from: "$scripts/shared.gradle"'],
  ])('%s', async (_title, script) => {
    await onlyFor(shop(script, { 'gradle/shared.gradle': uses() }), ['gradle/shared.gradle', MONEY]);
  });

  test('by another one', async () => {
    const more = { 'gradle/a.gradle': "apply from: 'b.gradle'", 'gradle/b.gradle': uses() };
    await onlyFor(shop("apply from: '../../gradle/a.gradle'", more), ['gradle/a.gradle', 'gradle/b.gradle', MONEY]);
  });
});

describe('what a script above says for others', () => {
  test.each([
    [
      'the root, for those that it picks',
      "configure(subprojects.findAll { it.name != 'x' }) { dependencies { implementation project(':libs:money') } }",
    ],
    ['the root, for all but one', `configure(subprojects - project(':libs:text')) { ${uses()} }`],
    ['the root, for each', `subprojects.each { p -> ${uses()} }`],
    ['the root, later', `gradle.projectsEvaluated { allprojects { ${uses()} } }`],
  ])('%s', async (_title, script) => {
    const found = await importIn(shop('', { 'build.gradle': script }), SERVICES);
    for (const name of ['api', 'web']) expect(found.inputs(name, MONEY)).toEqual([MONEY]);
  });

  test('a folder between', async () => {
    const found = await importIn(shop('', { 'services/build.gradle.kts': `subprojects { ${uses()} }` }), SERVICES);
    expect(found.inputs('web', MONEY, 'services/build.gradle.kts')).toEqual([MONEY, 'services/build.gradle.kts']);
  });

  test('for some that it names', async () => {
    await onlyFor(shop('', { 'build.gradle': `configure([project(':services:api')]) { ${uses()} }` }), [MONEY]);
  });

  test('a plugin of buildSrc', async () => {
    const found = await importIn(shop('', { 'buildSrc/src/main/groovy/shop.gradle': uses() }), SERVICES);
    expect(found.inputs('web', MONEY, 'buildSrc/src/x.groovy')).toEqual([MONEY, 'buildSrc/src/x.groovy']);
  });
});

test('catalogs of versions, wherever settings have them', async () => {
  const settings = `dependencyResolutionManagement { versionCatalogs { x { from(files("../versions/x.versions.toml")) } } }\n${INCLUDE}`;
  const nested = Object.fromEntries(
    Object.entries(shop('', { 'settings.gradle': settings, 'gradle/tools.versions.toml': '' })).map(([path, it]) => [
      `jvm/${path}`,
      it,
    ]),
  );
  const asked = ['versions/x.versions.toml', 'jvm/gradle/tools.versions.toml'];
  expect((await importIn(nested, ['jvm/services/api'])).inputs('api', ...asked)).toEqual(asked);
});

test('files out of the project that a script takes in', async () => {
  const script =
    'sourceSets { main { java.srcDir "../../shared/src" } }\nimplementation files("$rootDir/vendor/x.jar")\ndef top = file("../..")\n';
  await onlyFor(shop(script), ['shared/src/X.java', 'vendor/x.jar']);
});
