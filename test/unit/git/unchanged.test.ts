import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openCheckout } from '../../../shared/io/git/index.ts';
import { BARE_ENVIRONMENT, Sandbox } from './support.ts';

let sandbox: Sandbox;
let root = '';
let count = 0;

beforeAll(() => {
  sandbox = new Sandbox();
});
afterAll(() => sandbox.remove());
beforeEach(async () => {
  count += 1;
  root = await sandbox.repository(`unchanged-${count}`);
});

const put = async (path: string, text: string | Buffer) => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
const commit = () => {
  sandbox.git(root, 'add', '--all');
  sandbox.git(root, 'commit', '--quiet', '--message=x');
};
async function unchanged(folder = '', environment: Readonly<Record<string, string | undefined>> = BARE_ENVIRONMENT) {
  const { tracked } = await openCheckout(root, sandbox.options({ environment }));
  const found = (await tracked?.unchanged(folder)) ?? new Map();
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
const names = async (folder = '', environment?: Readonly<Record<string, string>>) =>
  Object.keys(await unchanged(folder, { ...BARE_ENVIRONMENT, ...environment }));
const blob = (bytes: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(bytes)}\0${bytes}`)
    .digest('hex');

describe('files that are as git has them', () => {
  test('with mode and the id of their blob, links too', async () => {
    await put('a/one.txt', 'one\n');
    await put('run', '#!/bin/sh\n');
    await chmod(join(root, 'run'), 0o755);
    await symlink('a/one.txt', join(root, 'link'));
    commit();
    expect(await unchanged()).toEqual({
      'a/one.txt': { mode: '100644', id: blob('one\n') },
      link: { mode: '120000', id: blob('a/one.txt') },
      run: { mode: '100755', id: blob('#!/bin/sh\n') },
    });
  });

  test('of one folder only, whatever its name means to patterns', async () => {
    for (const path of ['a[b]/x', 'ab/x', '*/x', 'ü/x']) await put(path, path);
    commit();
    expect(await names('a[b]')).toEqual(['a[b]/x']);
    expect(await names('*')).toEqual(['*/x']);
    expect(await names('ü')).toEqual(['ü/x']);
    expect(await names('none')).toEqual([]);
  });

  test('also when they are staged, but not committed', async () => {
    await put('a', 'a');
    sandbox.git(root, 'add', 'a');
    expect(await names()).toEqual(['a']);
  });

  test('in a repository of SHA-256', async () => {
    root = sandbox.path(`sha256-${count}`);
    await mkdir(root);
    sandbox.git(root, 'init', '--quiet', '--object-format=sha256', '--template=');
    await put('a', 'a');
    commit();
    const id = createHash('sha256').update('blob 1\0a').digest('hex');
    expect(await unchanged()).toEqual({ a: { mode: '100644', id } });
    const { tracked } = await openCheckout(root, sandbox.options());
    expect(tracked?.format).toBe('sha256');
  });
});

describe('files that may differ are left out', () => {
  beforeEach(async () => {
    await put('same', 'same');
    await put('file', 'text');
    commit();
  });

  test.each<[string, () => Promise<unknown> | unknown]>([
    ['changed', () => put('file', 'texts')],
    ['changed within the same length and second', () => put('file', 'next')],
    ['deleted', () => rm(join(root, 'file'))],
    ['executable by now', () => chmod(join(root, 'file'), 0o755)],
    [
      'executable by now, where git was told to look away',
      async () => {
        sandbox.git(root, 'config', 'core.fileMode', 'false');
        await chmod(join(root, 'file'), 0o755);
      },
    ],
    [
      'a link by now',
      async () => {
        await rm(join(root, 'file'));
        await symlink('same', join(root, 'file'));
      },
    ],
    [
      'changed, and assumed to be unchanged',
      async () => {
        sandbox.git(root, 'update-index', '--assume-unchanged', 'file');
        await put('file', 'other');
      },
    ],
    [
      'changed, and skipped',
      async () => {
        sandbox.git(root, 'update-index', '--skip-worktree', 'file');
        await put('file', 'other');
      },
    ],
    [
      'only meant to be added',
      async () => {
        sandbox.git(root, 'rm', '--quiet', '--cached', 'file');
        sandbox.git(root, 'add', '--intent-to-add', 'file');
      },
    ],
    ['not tracked', () => sandbox.git(root, 'rm', '--quiet', '--cached', 'file')],
  ])('%s', async (_name, change) => {
    expect(await names()).toEqual(['file', 'same']);
    await change();
    expect(await names()).toEqual(['same']);
  });

  test('a merge that is not ended', async () => {
    sandbox.git(root, 'checkout', '--quiet', '-b', 'other');
    await put('file', 'theirs');
    commit();
    sandbox.git(root, 'checkout', '--quiet', 'main');
    await put('file', 'ours');
    commit();
    expect(() => sandbox.git(root, 'merge', 'other')).toThrow();
    expect(await names()).toEqual(['same']);
  });

  test('a submodule is no file', async () => {
    const other = await sandbox.repository(`module-${count}`);
    await writeFile(join(other, 'x'), 'x');
    sandbox.git(other, 'add', 'x');
    sandbox.git(other, 'commit', '--quiet', '--message=x');
    sandbox.git(root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other, 'module');
    expect(await names()).toEqual(['.gitmodules', 'file', 'same']);
  });
});

describe('files that are stored otherwise than they lie on disk are left out', () => {
  test.each<[string, string, readonly string[]]>([
    ['line ends', '*.txt text=auto', ['.gitattributes', 'b.bin']],
    ['line ends by name', '*.txt eol=crlf', ['.gitattributes', 'b.bin']],
    ['a filter', '*.txt filter=lfs diff=lfs merge=lfs -text', ['.gitattributes', 'b.bin']],
    ['keywords', '*.txt ident', ['.gitattributes', 'b.bin']],
    ['an encoding', '*.txt working-tree-encoding=UTF-16LE', ['.gitattributes', 'b.bin']],
    ['a macro', '[attr]prose text\n*.txt prose', ['.gitattributes', 'b.bin']],
    ['none, which is said: it is read all the same', '*.txt binary', ['.gitattributes', 'b.bin']],
    ['none of these', '*.txt -diff linguist-generated export-ignore', ['.gitattributes', 'a.txt', 'b.bin']],
  ])('%s', async (_name, attributes, expected) => {
    await put('a.txt', Buffer.from('a\0'));
    await put('b.bin', 'b');
    commit();
    await put('.gitattributes', `${attributes}\n`);
    sandbox.git(root, 'add', '.gitattributes');
    expect(await names()).toEqual(expected);
  });

  test('by attributes of the clone alone', async () => {
    await put('a.txt', 'a');
    commit();
    await mkdir(join(root, '.git/info'), { recursive: true });
    await writeFile(join(root, '.git/info/attributes'), '* text\n');
    expect(await names()).toEqual([]);
  });

  test('by the settings of the user: attributes and line ends', async () => {
    await put('a.txt', 'a\n');
    commit();
    const settings = sandbox.path(`settings-${count}`);
    await writeFile(`${settings}.attributes`, '*.txt text\n');
    await writeFile(settings, `[core]\n\tattributesFile = ${settings}.attributes\n`);
    expect(await names('', { GIT_CONFIG_GLOBAL: settings })).toEqual([]);
    await writeFile(settings, '[core]\n\tautocrlf = input\n');
    expect(await names('', { GIT_CONFIG_GLOBAL: settings })).toEqual([]);
    await writeFile(settings, '[core]\n\tautocrlf = false\n');
    expect(await names('', { GIT_CONFIG_GLOBAL: settings })).toEqual(['a.txt']);
  });
});

test('nothing is known where git cannot say', async () => {
  await put('a', 'a');
  commit();
  await writeFile(join(root, '.git/index'), 'no index');
  expect(await names()).toEqual([]);
});

test('the index is not written', async () => {
  await put('a', 'a');
  commit();
  await utimes(join(root, 'a'), new Date(), new Date(1_700_000_000_000));
  const before = await readFile(join(root, '.git/index'));
  await names();
  expect(await readFile(join(root, '.git/index'))).toEqual(before);
});
