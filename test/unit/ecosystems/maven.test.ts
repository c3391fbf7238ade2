import { expect, test } from '@jest/globals';
import { importIn, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const FILES = ['libs/money/src/Money.java', 'libs/text/src/Text.java'];
const project = (inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0">\n<modelVersion>4.0.0</modelVersion>\n${inner}\n</project>\n`;
const PARENT =
  '<parent><groupId>com.acme</groupId><artifactId>shop</artifactId><version>1</version><relativePath>../../pom.xml</relativePath></parent>';
const child = (name: string, inner = '') => project(`${PARENT}<artifactId>${name}</artifactId>${inner}`);
const dependency = (artifact: string, group = 'com.acme') =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>1</version></dependency>`;
const ROOT = (inner = '') =>
  project(
    `<groupId>com.acme</groupId><artifactId>shop</artifactId><version>1</version><packaging>pom</packaging><properties><group>com.${'${brand}'}</group><brand>acme</brand></properties><modules><module>services/api</module></modules>${inner}`,
  );

const shop = (api: string, root = ''): Tree => ({
  'pom.xml': ROOT(root),
  'services/api/pom.xml': child('api', api),
  'services/web/pom.xml': child('web'),
  'libs/money/pom.xml': child('money', `<dependencies>${dependency('text')}</dependencies>`),
  'libs/text/pom.xml': child('text'),
});

test.each([
  ['by name', `<dependencies>${dependency('money')}</dependencies>`],
  ['with ${project.groupId}', `<dependencies>${dependency('money', '${project.groupId}')}</dependencies>`],
  [
    'with ${project.parent.groupId}',
    `<dependencies>${dependency('money', '${project.parent.groupId}')}</dependencies>`,
  ],
  [
    'with a property of the parent that names another',
    `<dependencies>${dependency('money', '${group}')}</dependencies>`,
  ],
  ['for tests', `<dependencies>${dependency('money').replace('</dep', '<scope>test</scope></dep')}</dependencies>`],
  ['in a profile', `<profiles><profile><dependencies>${dependency('money')}</dependencies></profile></profiles>`],
  [
    'of a plugin',
    `<build><plugins><plugin><artifactId>x</artifactId><dependencies>${dependency('money')}</dependencies></plugin></plugins></build>`,
  ],
  [
    'as a plugin',
    '<build><plugins><plugin><groupId>com.acme</groupId><artifactId>money</artifactId></plugin></plugins></build>',
  ],
  [
    'with white space and comments',
    `<dependencies><!-- ${dependency('web')} -->${dependency('\n money \n')}</dependencies>`,
  ],
])('a dependency %s', async (_title, written) => {
  const found = await importIn(shop(written), SERVICES);
  expect(found.inputs('api', ...FILES)).toEqual(FILES);
  expect(found.inputs('web', ...FILES)).toEqual([]);
  expect(found.uses('api')).toEqual([]);
});

test('the parent is an input, and its dependencies are inherited; its folder is not', async () => {
  const plain = await importIn(shop(''), SERVICES);
  expect(plain.inputs('web', 'pom.xml', 'README.md')).toEqual(['pom.xml']);
  const inherited = await importIn(shop('', `<dependencies>${dependency('money')}</dependencies>`), SERVICES);
  expect(inherited.inputs('web', ...FILES)).toEqual(FILES);
});

test('parents are found by their folder, and else by their name', async () => {
  const parent =
    '<parent><groupId>com.acme</groupId><artifactId>base</artifactId><version>1</version><relativePath/></parent>';
  const tree = {
    'build/base/pom.xml': project('<groupId>com.acme</groupId><artifactId>base</artifactId><packaging>pom</packaging>'),
    'services/api/pom.xml': project(`${parent}<artifactId>api</artifactId>`),
  };
  expect((await importIn(tree, SERVICES)).inputs('api', 'build/base/pom.xml')).toEqual(['build/base/pom.xml']);
});

test('a managed list of versions that is imported', async () => {
  const tree = {
    ...shop(
      `<dependencyManagement><dependencies>${dependency('bom').replace('</dep', '<type>pom</type><scope>import</scope></dep')}</dependencies></dependencyManagement>`,
    ),
    'bom/pom.xml': project('<groupId>com.acme</groupId><artifactId>bom</artifactId><packaging>pom</packaging>'),
  };
  expect((await importIn(tree, SERVICES)).inputs('api', 'bom/pom.xml')).toEqual(['bom/pom.xml']);
});

test('a service that another one uses; artifacts of others of the same name', async () => {
  const found = await importIn(
    shop(`<dependencies>${dependency('web')}${dependency('money', 'org.other')}</dependencies>`),
    SERVICES,
  );
  expect(found.uses('api')).toEqual(['web']);
  expect(found.inputs('api', ...FILES)).toEqual([]);
});

test('circles of parents and of properties end', async () => {
  const parent = '<parent><groupId>a</groupId><artifactId>a</artifactId><relativePath>.</relativePath></parent>';
  const tree = {
    'services/api/pom.xml': project(
      `${parent}<artifactId>a</artifactId><properties><x>${'${y}'}</x><y>${'${x}'}</y></properties><dependencies>${dependency('m', '${x}')}</dependencies>`,
    ),
  };
  expect((await importIn(tree, SERVICES)).uses('api')).toEqual([]);
});

test('a pom that is no XML', async () => {
  const found = await importIn({ ...shop(''), 'services/api/pom.xml': '<project>' }, SERVICES);
  expect(found.inputs('api', ...FILES)).toEqual(FILES);
  expect(found.warnings.map((it) => it.at?.file)).toContain('services/api/pom.xml');
});
