import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { plainClone, plainRef } from '../../../shared/io/git/layout.ts';
import { Sandbox } from './support.ts';

let box: Sandbox;
let count = 0;
beforeAll(() => {
  box = new Sandbox();
});
afterAll(() => box.remove());

const REFS = ['HEAD', 'refs/heads/main', 'refs/heads/a/b', 'refs/remotes/origin/main', 'refs/heads/none'];

/** What git says of a folder: where the work tree and the objects are, and the commits behind names. */
function askGit(folder: string) {
  const ask = (...args: readonly string[]) => box.git(folder, 'rev-parse', ...args);
  const commit = (name: string) => {
    try {
      return ask('--verify', '--quiet', `${name}^{commit}`);
    } catch {
      return undefined;
    }
  };
  return {
    root: ask('--show-toplevel'),
    gitDirectory: ask('--absolute-git-dir'),
    shallow: ask('--is-shallow-repository') === 'true',
    refs: REFS.map(commit),
  };
}

function askFiles(folder: string) {
  const clone = plainClone(folder);
  return clone === undefined ? undefined : { ...clone, refs: REFS.map((name) => plainRef(clone, name)) };
}

/** A repository of two commits, with what makes it special. */
async function made(change: (folder: string) => void | Promise<void>): Promise<string> {
  count += 1;
  const folder = await box.repository(`clone-${count}`);
  await box.commit(folder, { 'a.txt': '1' });
  box.git(folder, 'branch', 'a/b');
  await box.commit(folder, { 'a.txt': '2' });
  await change(folder);
  return folder;
}

const settle =
  (...args: readonly string[]) =>
  (folder: string) => {
    box.git(folder, ...args);
  };

describe('clones of the plainest kind are read as git reads them', () => {
  test.each<readonly [string, (folder: string) => void | Promise<void>]>([
    ['as it is made', () => undefined],
    ['with packed refs', settle('pack-refs', '--all', '--prune')],
    [
      'with packed refs and a newer loose one',
      async (folder) => {
        box.git(folder, 'pack-refs', '--all');
        await box.commit(folder, { 'a.txt': '3' });
      },
    ],
    ['with a detached head', settle('checkout', '--quiet', '--detach', 'a/b')],
    ['with a remote branch', settle('update-ref', 'refs/remotes/origin/main', 'a/b')],
    [
      'with an included file',
      (folder) => {
        writeFileSync(join(folder, '.git', 'more'), '[core]\n\tworktree = /tmp\n');
        box.git(folder, 'config', 'include.path', 'more');
      },
    ],
    ['after gc', settle('gc', '--quiet')],
  ])('%s', async (_name, change) => {
    const folder = await made(change);
    const found = askFiles(folder);
    expect(found).toBeDefined();
    expect(found).toEqual(askGit(folder));
  });

  test('a clone of one commit is shallow', async () => {
    const origin = await made(() => undefined);
    const folder = box.path('shallow');
    box.git(box.root, 'clone', '--quiet', '--depth=1', `file://${origin}`, folder);
    expect(askFiles(folder)).toEqual(askGit(folder));
    expect(askFiles(folder)?.shallow).toBe(true);
  });
});

describe('anything else is left to git', () => {
  test.each<readonly [string, (folder: string) => void]>([
    ['an extension', settle('config', 'extensions.worktreeConfig', 'true')],
    ['another work tree', settle('config', 'core.worktree', '/tmp')],
    ['a bare repository', settle('config', 'core.bare', 'true')],
    ['a newer format', settle('config', 'core.repositoryformatversion', '1')],
    ['no objects', (folder) => rmSync(join(folder, '.git', 'objects'), { recursive: true })],
    ['a head that is no branch', (folder) => writeFileSync(join(folder, '.git', 'HEAD'), 'ref: refs/bisect/x\n')],
    [
      'a `.git` that is a link',
      (folder) => {
        renameSync(join(folder, '.git'), join(folder, 'real'));
        symlinkSync('real', join(folder, '.git'));
      },
    ],
    [
      'a `.git` that is a file',
      (folder) => {
        renameSync(join(folder, '.git'), join(folder, 'real'));
        writeFileSync(join(folder, '.git'), 'gitdir: real\n');
      },
    ],
    ['a common folder', (folder) => writeFileSync(join(folder, '.git', 'commondir'), '../x\n')],
    ['a line that goes on', (folder) => appendFileSync(join(folder, '.git', 'config'), '[x]\n\ty = \\\n z\n')],
  ])('%s', async (_name, change) => {
    expect(plainClone(await made(change))).toBeUndefined();
  });

  test('a linked work tree, a folder within, SHA-256, and what is no repository', async () => {
    const folder = await made((it) => mkdirSync(join(it, 'inner')));
    box.git(folder, 'worktree', 'add', '--quiet', '--detach', box.path('linked'));
    box.git(box.root, 'init', '--quiet', '--object-format=sha256', box.path('long'));
    const others = [join(folder, 'inner'), box.path('linked'), box.path('long'), box.path('none'), box.root];
    expect(others.map(plainClone)).toEqual(others.map(() => undefined));
  });

  test('a ref that is a link or names another', async () => {
    const folder = await made((it) => {
      symlinkSync('main', join(it, '.git', 'refs', 'heads', 'link'));
      writeFileSync(join(it, '.git', 'refs', 'heads', 'other'), 'ref: refs/heads/main\n');
    });
    const clone = plainClone(folder);
    const names = ['refs/heads/link', 'refs/heads/other', 'refs/tags/x', 'main', 'refs/heads/../heads/main'];
    expect(clone === undefined ? [] : names.map((it) => plainRef(clone, it))).toEqual(names.map(() => undefined));
  });
});
