import { describe, expect, test } from '@jest/globals';
import { importIn, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const MONEY = 'libs/money/src/Money.java';
const project = (inner: string) => `<project xmlns="http://maven.apache.org/POM/4.0.0">${inner}</project>`;
const parent = (more = '') => `<parent><groupId>com.acme</groupId><artifactId>shop</artifactId>${more}</parent>`;
const child = (name: string, inner = '') =>
  project(`${parent('<relativePath>../../pom.xml</relativePath>')}<artifactId>${name}</artifactId>${inner}`);
const dependency = (artifact: string, group = 'com.acme', more = '') =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>${more}</dependency>`;
const root = (inner = '') =>
  project(`<groupId>com.acme</groupId><artifactId>shop</artifactId><packaging>pom</packaging>${inner}`);
const shop = (api: string, more: Tree = {}): Tree => ({
  'pom.xml': root(),
  'services/api/pom.xml': child('api', api),
  'services/web/pom.xml': child('web'),
  'libs/money/pom.xml': child('money'),
  ...more,
});

async function onlyFor(tree: Tree, asked: readonly string[]): Promise<void> {
  const found = await importIn(tree, SERVICES);
  expect(found.warnings).toEqual([]);
  expect(found.inputs('api', ...asked, 'README.md')).toEqual(asked);
  expect(found.inputs('web', ...asked)).toEqual([]);
}

describe('a dependency', () => {
  test.each<readonly [string, string]>([
    ['with a group that nothing tells', `<dependencies>${dependency('money', '${group}')}</dependencies>`],
    [
      'with a group of a profile',
      `<properties><group>x</group></properties><profiles><profile><properties><group>com.acme</group></properties></profile></profiles><dependencies>${dependency('money', '${group}')}</dependencies>`,
    ],
    [
      'among the settings of a plugin',
      '<build><plugins><plugin><artifactId>maven-dependency-plugin</artifactId><configuration><artifactItems><artifactItem><groupId>com.acme</groupId><artifactId>money</artifactId></artifactItem></artifactItems></configuration></plugin></plugins></build>',
    ],
  ])('%s', async (_title, api) => {
    await onlyFor(shop(api), [MONEY]);
  });

  test('on an archive of a project of poms', async () => {
    const tree = shop(`<dependencies>${dependency('dist', 'com.acme', '<type>zip</type>')}</dependencies>`, {
      'dist/pom.xml': project('<groupId>com.acme</groupId><artifactId>dist</artifactId><packaging>pom</packaging>'),
    });
    await onlyFor(tree, ['dist/pom.xml', 'dist/src/assembly.xml']);
  });

  test('that is excluded is none', async () => {
    await onlyFor(
      shop(
        `<dependencies>${dependency('x', 'y', '<exclusions><exclusion><groupId>com.acme</groupId><artifactId>money</artifactId></exclusion></exclusions>')}</dependencies>`,
      ),
      [],
    );
  });

  test('with a name that nothing tells: everything counts, and that is said', async () => {
    const found = await importIn(shop(`<dependencies>${dependency('${what}')}</dependencies>`), SERVICES);
    expect(found.inputs('api', MONEY)).toEqual([MONEY]);
    expect(found.warnings[0]?.sentence).toContain('which artifact `${what}` is, is not known');
  });
});

test('a parent of another name', async () => {
  const tree = shop('', {
    'services/api/pom.xml': project(
      `<parent><groupId>com.acme</groupId><artifactId>java</artifactId><relativePath>../../build/java-pom.xml</relativePath></parent><artifactId>api</artifactId>`,
    ),
    'build/java-pom.xml': project(
      `<groupId>com.acme</groupId><artifactId>java</artifactId><packaging>pom</packaging><dependencies>${dependency('money')}</dependencies>`,
    ),
  });
  await onlyFor(tree, ['build/java-pom.xml', MONEY]);
});

describe('a path that leads out', () => {
  test.each<readonly [string, string, string]>([
    [
      'from the project',
      '<build><resources><resource><directory>../../shared/conf</directory></resource></resources></build>',
      'shared/conf/x.yml',
    ],
    [
      'from its folder',
      '<build><resources><resource><directory>${project.basedir}/../../proto</directory></resource></resources></build>',
      'proto/x.proto',
    ],
    [
      'from the root',
      '<properties><rules>${maven.multiModuleProjectDirectory}/build/rules.xml</rules></properties>',
      'build/rules.xml',
    ],
    ['by a property', '<properties><top>${basedir}/../..</top><lib>${top}/lib/x.jar</lib></properties>', 'lib/x.jar'],
  ])('%s', async (_title, api, path) => {
    await onlyFor(shop(api), [path]);
  });

  test('by the parent, for each of its children', async () => {
    const more = {
      'pom.xml': root('<properties><rules>${project.basedir}/../../build/rules.xml</rules></properties>'),
    };
    const found = await importIn(shop('', more), SERVICES);
    for (const name of ['api', 'web']) expect(found.inputs(name, 'build/rules.xml')).toHaveLength(1);
  });
});
