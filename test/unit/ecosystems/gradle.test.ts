import { describe, expect, test } from '@jest/globals';
import { importIn, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const FILES = ['libs/money/src/Money.kt', 'libs/my-text/src/Text.kt'];
const INCLUDE =
  "rootProject.name = 'shop'\ninclude 'services:api', ':services:web'\ninclude(':libs:money', ':libs:my-text')\n";

const shop = (api: string, more: Tree = {}): Tree => ({
  'settings.gradle': INCLUDE,
  'build.gradle': 'plugins { id "java" }\n',
  'services/api/build.gradle': api,
  'services/web/build.gradle': '',
  'libs/money/build.gradle': "dependencies { api project(':libs:my-text') }\n",
  'libs/my-text/build.gradle': '',
  ...more,
});

describe('a project that is named', () => {
  test.each([
    ['in Groovy', "dependencies { implementation project(':libs:money') }"],
    ['in Groovy, with parentheses', 'dependencies { implementation(project(":libs:money")) }'],
    ['in Kotlin, over lines', 'dependencies {\n  implementation(\n    project(":libs:money")\n  )\n}'],
    ['by its path in a map', "dependencies { testImplementation project(path: ':libs:money', configuration: 'x') }"],
    ['without a colon first', "dependencies { implementation project('libs:money') }"],
    ['as an accessor', 'dependencies { implementation(projects.libs.money) }'],
    ['as an accessor with more', 'dependencies { implementation(projects.libs.money.dependencyProject) }'],
  ])('%s', async (_title, script) => {
    const found = await importIn(shop(script), SERVICES);
    expect(found.inputs('api', ...FILES)).toEqual(FILES);
    expect(found.inputs('web', ...FILES)).toEqual([]);
    expect(found.warnings).toEqual([]);
  });

  test('with a dash, as an accessor', async () => {
    const found = await importIn(shop('dependencies { implementation(projects.libs.myText) }'), SERVICES);
    expect(found.inputs('api', ...FILES)).toEqual(FILES.slice(1));
  });

  test('not in a comment, nor in a text', async () => {
    const script = "// project(':libs:money')\n/* project(':libs:money') */\ndef x = 'subproject(1)'\n";
    expect((await importIn(shop(script), SERVICES)).inputs('api', ...FILES)).toEqual([]);
  });

  test('a service', async () => {
    expect(
      (await importIn(shop("dependencies { implementation project(':services:web') }"), SERVICES)).uses('api'),
    ).toEqual(['web']);
  });

  test('in Kotlin scripts, and where the settings put it elsewhere', async () => {
    const tree = {
      'settings.gradle.kts':
        'include(":api", ":money")\nproject(":api").projectDir = file("services/api")\nproject(":money").projectDir = File(settingsDir, "../shared/money")\n',
      'services/api/build.gradle.kts': 'dependencies { implementation(project(":money")) }',
      'shared/money/build.gradle.kts': '',
    };
    const nested = Object.fromEntries(
      Object.entries(tree).map(([path, it]) => [path.startsWith('shared') ? path : `jvm/${path}`, it]),
    );
    expect((await importIn(nested, ['jvm/services/api'])).inputs('api', 'shared/money/x.kt')).toEqual([
      'shared/money/x.kt',
    ]);
  });

  test('by an expression: everything counts, and that is said', async () => {
    const found = await importIn(shop('dependencies { implementation project(name) }'), SERVICES);
    expect(found.inputs('api', ...FILES)).toEqual(FILES);
    expect(found.uses('api')).toEqual(['web']);
    expect(found.warnings[0]?.sentence).toContain('which project `project(name)` means is not known');
  });
});

describe('what the root says for others', () => {
  test('for all, and for one', async () => {
    const all = await importIn(
      shop('', { 'build.gradle': "subprojects { dependencies { implementation project(':libs:my-text') } }" }),
      SERVICES,
    );
    expect(all.inputs('web', ...FILES)).toEqual(FILES.slice(1));
    const one = await importIn(
      shop('', {
        'build.gradle': "project(':services:api') { dependencies { implementation project(':libs:money') } }",
      }),
      SERVICES,
    );
    expect(one.inputs('api', ...FILES)).toEqual(FILES);
    expect(one.inputs('web', ...FILES)).toEqual([]);
  });

  test('what the root itself depends on is its own', async () => {
    const found = await importIn(
      shop('', { 'build.gradle': "dependencies { implementation project(':libs:money') }" }),
      SERVICES,
    );
    expect(found.inputs('api', ...FILES)).toEqual([]);
  });

  test('settings, scripts above, versions, buildSrc and the wrapper govern', async () => {
    const files = [
      'settings.gradle',
      'build.gradle',
      'gradle.properties',
      'gradle/libs.versions.toml',
      'gradle/wrapper/gradle-wrapper.properties',
    ];
    const tree = { ...Object.fromEntries(files.map((it) => [it, ''])), 'buildSrc/build.gradle.kts': '' };
    const found = await importIn({ ...shop(''), ...tree, 'settings.gradle': INCLUDE }, SERVICES);
    expect(found.inputs('api', ...files, 'buildSrc/src/x.kt', 'README.md')).toEqual([...files, 'buildSrc/src/x.kt']);
  });

  test('a build that is included gives its plugins to all', async () => {
    const tree = {
      'settings.gradle': `includeBuild 'build-logic'\n${INCLUDE}`,
      'build-logic/build.gradle': '',
      'build-logic/settings.gradle': '',
    };
    expect((await importIn(shop('', tree), SERVICES)).inputs('api', 'build-logic/src/x.kt')).toEqual([
      'build-logic/src/x.kt',
    ]);
  });
});
