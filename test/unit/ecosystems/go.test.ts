import { expect, test } from '@jest/globals';
import { MAX_GO_SOURCES } from '../../../shared/ecosystems/go/workspaces.ts';
import { onDisk, testWith } from './tools.ts';
import { importIn, type Tree } from './tree.ts';

const SERVICES = ['services/api', 'services/web'];
const module = (name: string, rest = '') => `module example.com/shop/${name}\n\ngo 1.21\n${rest}`;
const FILES = ['libs/money/money.go', 'libs/text/text.go'];

const shop = (api: string, more: Tree = {}): Tree => ({
  'services/api/go.mod': module('api', api),
  'services/web/go.mod': module('web'),
  'libs/money/go.mod': module(
    'money',
    '\nrequire example.com/shop/text v0.0.0\n\nreplace example.com/shop/text => ../text\n',
  ),
  'libs/text/go.mod': module('text'),
  ...more,
});

test.each<readonly [string, string, Tree]>([
  [
    'required, and put in place',
    'require example.com/shop/money v0.0.0\nreplace example.com/shop/money => ../../libs/money\n',
    {},
  ],
  [
    'in a block',
    'require (\n\texample.com/shop/money v0.0.0 // indirect\n)\nreplace (\n\texample.com/shop/money v0.0.0 => ../../libs/money\n)\n',
    {},
  ],
  ['required, without blanks', 'require(\n"example.com/shop/money" v0.0.0 // x\n)\nreplace(\n)\n', {}],
  [
    'put in place, in quotes and with a comment',
    'require github.com/acme/m v0.0.0\nreplace github.com/acme/m=>x v1\nreplace github.com/acme/m => "../../libs/money" // here\n',
    {},
  ],
  ['in back quotes', 'require `example.com/shop/money` v0.0.0\n', {}],
  [
    'a tool of a workspace',
    'tool example.com/shop/money/cmd/gen\n',
    { 'go.work': 'use ./services/api\nuse ./libs/money' },
  ],
  [
    'only imported, by a workspace',
    '',
    {
      'go.work': 'go 1.21\nuse(\n ./services/api\n "./libs/money"\n ./services/web\n)\n',
      'services/api/main.go': 'package main\n\nimport (\n\tm "example.com/shop/money/cents"\n)\n',
    },
  ],
  ['in quotes', 'require "example.com/shop/money" v0.0.0\n', {}],
  [
    'by a workspace',
    'require example.com/shop/money v0.0.0\n',
    { 'go.work': 'go 1.21\nuse (\n ./services/api\n ./libs/money\n)\n' },
  ],
  ['by its path alone', 'require example.com/shop/money v0.1.0\n', {}],
])('a module that is %s', async (_title, written, more) => {
  const found = await importIn(shop(written, more), SERVICES);
  expect(found.inputs('api', ...FILES)).toEqual(FILES);
  expect(found.inputs('web', ...FILES)).toEqual([]);
});

test('a folder in the place of a module that lies elsewhere, also by the workspace', async () => {
  const written = 'require github.com/acme/fork v1.0.0\n';
  const forked = { 'third/fork/go.mod': 'module github.com/acme/fork\n' };
  const own = await importIn(shop(`${written}replace github.com/acme/fork => ../../third/fork\n`, forked), SERVICES);
  expect(own.inputs('api', 'third/fork/x.go')).toEqual(['third/fork/x.go']);
  const work = 'go 1.21\nuse ./services/api\nreplace github.com/acme/fork => ./third/fork\n';
  const shared = await importIn(shop(written, { ...forked, 'go.work': work }), SERVICES);
  expect(shared.inputs('api', 'third/fork/x.go', 'go.work')).toEqual(['third/fork/x.go', 'go.work']);
  expect(shared.inputs('web', 'third/fork/x.go', 'go.work')).toEqual(['go.work']);
});

test('modules of others, and replacements by another version, are none of the repository', async () => {
  const found = await importIn(
    shop('require github.com/acme/x v1.0.0\nreplace github.com/acme/x => github.com/acme/y v1.2.0\n'),
    SERVICES,
  );
  expect(found.ways('api')).toEqual([]);
});

test('services of one module share its manifest and sums', async () => {
  const found = await importIn({ 'go.mod': 'module example.com/shop\n', 'go.sum': '' }, SERVICES);
  expect(found.inputs('api', 'go.mod', 'go.sum')).toEqual(['go.mod', 'go.sum']);
});

test('a file that names no module', async () => {
  const found = await importIn({ ...shop(''), 'services/api/go.mod': '<<<<<<< HEAD\n' }, SERVICES);
  expect(found.inputs('api', ...FILES)).toEqual(FILES);
  expect(found.warnings[0]?.sentence).toContain('it names no module');
});

test('without requirements, the modules of a workspace are told apart by what they import', async () => {
  const uses = 'go 1.21\nuse (\n ./services/api\n ./services/web\n ./libs/money\n ./libs/text\n)\n';
  const tree = { ...shop(''), 'go.work': uses, 'libs/text/vendor/x/x.go': '"example.com/shop/money"' };
  const asked = [...FILES, 'services/web/x.go'];
  expect((await importIn(tree, SERVICES)).inputs('api', ...asked)).toEqual([]);
  const more = { ...tree, 'services/api/a/b.go': 'import _ `example.com/shop/text`\n' };
  expect((await importIn(more, SERVICES)).inputs('api', ...asked)).toEqual(['libs/text/text.go']);
});

test('with more source files than are read, all of a workspace count, and that is said', async () => {
  const sources = Object.fromEntries(
    Array.from({ length: MAX_GO_SOURCES + 1 }, (_, at) => [`libs/text/f${at}.go`, '']),
  );
  const tree = { ...shop(''), ...sources, 'go.work': 'use ./services/api\nuse ./libs/text\n' };
  const found = await importIn(tree, SERVICES);
  expect(found.inputs('api', 'libs/text/text.go')).toEqual(['libs/text/text.go']);
  expect(found.warnings[0]?.sentence).toContain('have more than 10000 source files');
});

test('a source file that cannot be read may import all of the workspace', async () => {
  const tree = { ...shop(''), 'services/api/big.go': '', 'go.work': 'use ./services/api\nuse ./libs/text\n' };
  const found = await importIn(tree, SERVICES, { unread: ['services/api/big.go'] });
  expect(found.inputs('api', 'libs/text/text.go')).toEqual(['libs/text/text.go']);
  expect(found.warnings[0]?.sentence).toContain('services/api/big.go');
});

test('what is vendored governs, beside the module and beside its workspace', async () => {
  const tree = { 'go.mod': 'module example.com/shop\n', 'vendor/modules.txt': '', 'go.work': 'use .\n' };
  expect((await importIn(tree, SERVICES)).inputs('api', 'vendor/github.com/x/x.go')).toEqual([
    'vendor/github.com/x/x.go',
  ]);
  const work = { ...shop(''), 'go.work': 'use ./services/api\n', 'vendor/modules.txt': '' };
  expect((await importIn(work, SERVICES)).inputs('api', 'vendor/x.go')).toEqual(['vendor/x.go']);
});

test('a go.work that is not above, and one that replaces what an old go.mod does not name', async () => {
  const elsewhere = { ...shop(''), 'build/go.work': 'use ../services/api\n' };
  expect((await importIn(elsewhere, SERVICES)).inputs('api', 'build/go.work')).toEqual(['build/go.work']);
  const old = 'module example.com/shop/api\ngo 1.16\nrequire github.com/acme/x v1.0.0\n';
  const work = { ...shop(''), 'services/api/go.mod': old, 'go.work': 'replace github.com/acme/y => ./third/y\n' };
  expect((await importIn(work, SERVICES)).inputs('api', 'third/y/y.go')).toEqual(['third/y/y.go']);
});

testWith('go').each(['require example.com/shop/money v0.0.0\n', ''])(
  'go takes the same modules of the repository, %j',
  async (written) => {
    const source = (name: string, imports: readonly string[]) =>
      `package ${name}\n\n${imports.map((it) => `import _ "example.com/shop/${it}"\n`).join('')}`;
    const tree = shop(written, {
      'go.work': 'go 1.21\nuse (\n\t./services/api\n\t./services/web\n\t./libs/money\n\t./libs/text\n)\n',
      'services/api/main.go': `${source('main', ['money'])}\nfunc main() {}\n`,
      'services/web/main.go': 'package main\n\nfunc main() {}\n',
      'libs/money/money.go': source('money', ['text']),
      'libs/text/text.go': 'package text\n',
    });
    const disk = onDisk(tree);
    try {
      for (const name of ['api', 'web']) {
        const folders = disk
          .run(
            `services/${name}`,
            'go',
            'list',
            '-mod=readonly',
            '-deps',
            '-f',
            '{{if not .Standard}}{{.Dir}}{{end}}',
            './...',
          )
          .split('\n')
          .filter(Boolean)
          .map((it) => it.slice(disk.root.length + 1));
        const found = await importIn(tree, SERVICES);
        const libraries = folders.filter((it) => it.startsWith('libs/')).sort();
        expect(found.inputs(name, 'libs/money', 'libs/text')).toEqual(libraries);
      }
    } finally {
      disk.remove();
    }
  },
);
