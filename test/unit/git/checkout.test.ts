import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openCheckout } from '../../../shared/io/git/index.ts';
import { BARE_ENVIRONMENT, Sandbox } from './support.ts';

const box = new Sandbox();
afterAll(() => box.remove());

describe('opening', () => {
  test('a folder within the work tree finds its root', async () => {
    const repository = await box.repository('open');
    await box.commit(repository, { 'a/b/c.txt': '1' });
    const checkout = await box.open(`${repository}/a/b`);
    expect(checkout).toMatchObject({ root: repository, shallow: false });
    expect(await checkout.resolve('HEAD')).toBe(box.head(repository));
  });

  test('a folder outside every repository is said to be none', async () => {
    await expect(openCheckout('/', box.options())).rejects.toMatchObject({ code: 'not-a-repository' });
  });

  test('no program git', async () => {
    const options = box.options({ environment: { PATH: box.path('nowhere') } });
    await expect(openCheckout(box.root, options)).rejects.toMatchObject({ code: 'git-missing' });
  });

  test('variables that lead git astray are left out', async () => {
    const repository = await box.repository('astray');
    const head = await box.commit(repository, { a: '1' });
    const environment = {
      ...box.options().environment,
      GIT_DIR: '/nowhere',
      GIT_INDEX_FILE: '/nowhere',
      GIT_TRACE: '1',
    };
    const checkout = await openCheckout(repository, box.options({ environment }));
    expect(await checkout.resolve('HEAD')).toBe(head);
  });
});

describe('what changed between two trees', () => {
  test('modified, added, deleted, both sides of a rename, mode, type, submodule', async () => {
    const repository = await box.repository('kinds');
    const start = {
      modified: '1',
      deleted: '1',
      'old/place': 'a long text that is moved as it is\n',
      mode: '1',
      type: '1',
    };
    const base = await box.commit(repository, start);
    const other = await box.repository('kinds-submodule');
    const [one, two] = [await box.commit(other, { a: '1' }), await box.commit(other, { a: '2' })];
    box.git(repository, 'update-index', '--add', '--cacheinfo', `160000,${one},sub`);
    box.git(repository, 'commit', '--quiet', '-m', 'submodule');
    const withSubmodule = box.head(repository);

    await box.commit(repository, { modified: '2', added: '1', 'new/keep': '1', deleted: undefined });
    renameSync(`${repository}/old/place`, `${repository}/new/place`);
    chmodSync(`${repository}/mode`, 0o755);
    rmSync(`${repository}/type`);
    symlinkSync('modified', `${repository}/type`);
    box.git(repository, 'add', '--all', '--', ':!sub');
    box.git(repository, 'update-index', '--add', '--cacheinfo', `160000,${two},sub`);
    box.git(repository, 'commit', '--quiet', '-m', 'kinds');

    const checkout = await box.open(repository);
    const since = async (commit: string) => [...(await checkout.changed(commit, box.head(repository)))].sort();
    const all = ['added', 'deleted', 'mode', 'modified', 'new/keep', 'new/place', 'old/place', 'sub', 'type'];
    expect(await since(withSubmodule)).toEqual(all);
    expect(await since(base)).toEqual(all);
    expect(await since(box.head(repository))).toEqual([]);
  });

  test('names of every kind, byte by byte', async () => {
    const repository = await box.repository('names');
    const bytes = Array.from({ length: 255 }, (_, index) => index + 1).filter((byte) => byte !== 0x2f);
    const odd = [...bytes.map((byte) => Buffer.from([0x78, byte, 0x79])), Buffer.from('é🙂\n"\\\t')];
    const base = box.commitTree(repository, [[Buffer.from('a'), '1']]);
    const head = box.commitTree(repository, [[Buffer.from('a'), '1'], ...odd.map((name) => [name, '1'] as const)]);
    box.git(repository, 'update-ref', 'refs/heads/main', head);

    const changed = await (await box.open(repository)).changed(base, head);
    expect(new Set(changed).size).toBe(odd.length);
    expect(changed).toEqual(
      expect.arrayContaining(['x\ny', 'x\ty', 'x"y', 'x\\y', 'x\udcffy', 'x\udc80y', 'é🙂\n"\\\t']),
    );
  });

  test('many bases in one comparison: each gets its own names, whatever these look like', async () => {
    const repository = await box.repository('many-bases');
    const tree = (commit: string) => box.git(repository, 'rev-parse', `${commit}^{tree}`);
    const first = box.commitTree(repository, [[Buffer.from('a'), '1']]);
    const head = box.commitTree(repository, [[Buffer.from('a'), '2']]);
    const pair = `${tree(first)} ${tree(head)}\n`;
    // A file that is called like what git writes between two comparisons.
    const odd = [`${pair}x`, `x\n${pair}`, ':100644 x', 'M'];
    const second = box.commitTree(repository, [
      [Buffer.from('a'), '2'],
      ...odd.map((name) => [Buffer.from(name), '1'] as const),
      [Buffer.from([0x78, 0xff]), '1'],
    ]);
    const same = box.commitTree(repository, [[Buffer.from('a'), '2']]);
    box.git(repository, 'update-ref', 'refs/heads/main', head);
    const checkout = await box.open(repository);
    const bases = [second, first, same, first];
    checkout.anticipate?.(bases, head);
    const changed = await Promise.all(bases.map((base) => checkout.changed(base, head)));
    expect(changed.map((it) => [...it].sort())).toEqual([[...odd, 'x\udcff'].sort(), ['a'], [], ['a']]);
  });

  test.each([[true], [false]])(
    'a submodule means to many bases what it means to one, told in .gitmodules: %s',
    async (told) => {
      const repository = await box.repository(`linked-${told}`);
      const modules = told ? { '.gitmodules': '[submodule "sub"]\n\tpath = sub\n\turl = ../sub\n' } : {};
      const first = await box.commit(repository, { a: '1', ...modules });
      const second = await box.commit(repository, { a: '2' });
      box.git(repository, 'update-index', '--add', '--cacheinfo', `160000,${first},sub`);
      box.git(repository, 'commit', '--quiet', '-m', 'linked');
      const head = box.head(repository);
      const alone = await box.open(repository);
      const one = [await alone.changed(first, head), await alone.changed(second, head)];
      const together = await box.open(repository);
      together.anticipate?.([first, second], head);
      expect([await together.changed(first, head), await together.changed(second, head)]).toEqual(one);
      expect(one[1]).toEqual([told ? 'sub/' : 'sub']);
    },
  );

  test('twenty bases cost two processes', async () => {
    const repository = await box.repository('counted');
    const bases: string[] = [];
    for (let at = 0; at < 20; at += 1) bases.push(await box.commit(repository, { [`f${at}`]: '1' }));
    const head = await box.commit(repository, { last: '1' });
    const bin = box.path('counting');
    mkdirSync(bin);
    const real = `${box.git(box.root, '--exec-path')}/git`;
    writeFileSync(`${bin}/git`, `#!/bin/sh\necho "$*" >> "${bin}/calls"\nexec "${real}" "$@"\n`);
    chmodSync(`${bin}/git`, 0o755);
    const environment = { ...BARE_ENVIRONMENT, PATH: `${bin}:${process.env['PATH']}` };
    const checkout = await openCheckout(repository, box.options({ environment }));
    checkout.anticipate?.(bases, head);
    const changed = await Promise.all(bases.map((base) => checkout.changed(base, head)));
    expect(changed.map((it) => it.length)).toEqual(bases.map((_, at) => 20 - at));
    expect(readFileSync(`${bin}/calls`, 'utf8').trim().split('\n')).toHaveLength(2);
  });

  test('one lost base among many leaves the others their answers', async () => {
    const repository = await box.repository('lost-base');
    const first = await box.commit(repository, { a: '1' });
    const second = await box.commit(repository, { b: '1' });
    const head = await box.commit(repository, { c: '1' });
    const checkout = await box.open(repository);
    const none = '1'.repeat(40);
    checkout.anticipate?.([first, none, second], head);
    expect(await checkout.changed(first, head)).toEqual(['b', 'c']);
    await expect(checkout.changed(none, head)).rejects.toMatchObject({ code: 'base-unknown' });
    expect(await checkout.changed(second, head)).toEqual(['c']);
  });

  test('folders that are not there are fetched for many bases too', async () => {
    const repository = await box.repository('treeless-many');
    const first = await box.commit(repository, { 'a/x': '1', 'b/x': '1' });
    const second = await box.commit(repository, { 'a/x': '2' });
    const head = await box.commit(repository, { 'a/x': '3', 'c/x': '1' });
    const checkout = await box.open(box.clone(repository, 'treeless-many-clone', '--filter=tree:0', '--no-checkout'));
    checkout.anticipate?.([first, second], head);
    expect(await checkout.changed(first, head)).toEqual(['a/x', 'c/x']);
    expect(await checkout.changed(second, head)).toEqual(['a/x', 'c/x']);
  });

  test('settings and attributes of the user have no say', async () => {
    const repository = await box.repository('settings');
    const base = await box.commit(repository, { 'sub/a.bin': '1', b: '1', '.gitattributes': '*.bin diff=odd\n' });
    const head = await box.commit(repository, { 'sub/a.bin': '2', 'sub/é': '1', b: undefined, 'moved/b': '1' });
    const settings = {
      'diff.relative': 'true',
      'diff.noprefix': 'true',
      'diff.renames': 'copies',
      'diff.external': '/bin/false',
      'diff.odd.textconv': '/bin/false',
      'diff.orderFile': '/nowhere',
      'diff.ignoreSubmodules': 'all',
      'core.quotePath': 'true',
      'color.ui': 'always',
      'log.showSignature': 'true',
    };
    for (const [key, value] of Object.entries(settings)) box.git(repository, 'config', key, value);
    const home = box.path('home');
    mkdirSync(home);
    for (const [key, value] of Object.entries(settings)) box.git(home, 'config', '--file', '.gitconfig', key, value);
    const environment = { ...BARE_ENVIRONMENT, HOME: home };
    const checkout = await openCheckout(`${repository}/sub`, box.options({ environment }));
    expect([...(await checkout.changed(base, head))].sort()).toEqual(['b', 'moved/b', 'sub/a.bin', 'sub/é']);
    expect((await checkout.facts(head))?.title).toBe('change');
  });
});

describe('names of commits', () => {
  test('branches, tags, ids, remote branches; and what is none', async () => {
    const repository = await box.repository('resolve');
    const first = await box.commit(repository, { a: '1' });
    box.git(repository, 'tag', '-a', '-m', 'one', 'v1');
    const second = await box.commit(repository, { a: '2' });
    box.git(repository, 'branch', 'topic', first);
    const clone = box.clone(repository, 'resolve-clone', '--single-branch', '--no-tags', '--depth=1');
    const checkout = await box.open(clone);
    expect(await checkout.resolve('HEAD')).toBe(second);
    expect(await checkout.resolve('refs/heads/main')).toBe(second);
    expect(await checkout.resolve('topic')).toBe(first);
    expect(await checkout.resolve('origin/topic')).toBe(first);
    expect(await checkout.resolve('refs/heads/topic')).toBe(first);
    expect(await checkout.resolve('v1')).toBe(first);
    expect(await checkout.resolve('refs/tags/v1')).toBe(first);
    expect(await checkout.resolve(first)).toBe(first);
    for (const name of ['nothing', '', '--all', 'a b', 'x\ny', '0'.repeat(40), 'main:a', '*']) {
      expect([name, await checkout.resolve(name)]).toEqual([name, undefined]);
    }
  });

  test('facts are those of the commit, also where the clone is cut off', async () => {
    const repository = await box.repository('facts');
    const first = await box.commit(repository, { a: '1' });
    const second = await box.commit(repository, { a: '2' }, 'fix: the title\n\nbody');
    const clone = box.clone(repository, 'facts-clone', '--depth=1');
    const facts = await (await box.open(clone)).facts(second);
    expect(facts).toEqual({
      sha: second,
      parents: [first],
      date: expect.stringMatching(/^2027-01-15T\d\d:\d\d:\d\d\.000Z$/),
      title: 'fix: the title',
      author: 'Ann',
    });
    expect(await (await box.open(clone)).facts('1'.repeat(40))).toBeUndefined();
  });

  test('tags at a commit, and the nearest before it', async () => {
    const repository = await box.repository('tags');
    const one = await box.commit(repository, { a: '1' });
    box.git(repository, 'tag', 'v1.0.0');
    box.git(repository, 'tag', 'api/v9.0.0');
    const two = await box.commit(repository, { a: '2' });
    box.git(repository, 'tag', '-a', '-m', 'two', 'v1.1.0');
    box.git(repository, 'tag', 'vendor-1.0.0');
    const three = await box.commit(repository, { a: '3' });
    box.git(repository, 'tag', 'v1.2.0');
    const full = await box.open(repository);
    expect(await full.tagsAt(two)).toEqual(['v1.1.0', 'vendor-1.0.0']);

    const clone = box.clone(repository, 'tags-clone', '--depth=1', '--no-tags', '--branch=v1.2.0');
    for (const checkout of [full, await box.open(clone)]) {
      expect(await checkout.previousTag('v', three)).toEqual({ tag: 'v1.1.0', commit: two });
      expect(await checkout.previousTag('v', two)).toEqual({ tag: 'v1.0.0', commit: one });
      expect(await checkout.previousTag('api/v', three)).toEqual({ tag: 'api/v9.0.0', commit: one });
      expect(await checkout.previousTag('v', one)).toBeUndefined();
    }
  });

  test('on parallel lines of history the newest of the nearest tags', async () => {
    const repository = await box.repository('tag-lines');
    await box.commit(repository, { a: '1' });
    box.git(repository, 'tag', 'v1.0.0');
    box.git(repository, 'checkout', '--quiet', '-b', 'hotfix');
    const hotfix = await box.commit(repository, { b: '1' });
    box.git(repository, 'tag', 'v1.0.1');
    box.git(repository, 'checkout', '--quiet', 'main');
    await box.commit(repository, { a: '2' });
    box.git(repository, 'merge', '--quiet', '--no-edit', 'hotfix');
    const checkout = await box.open(repository);
    expect(await checkout.previousTag('v', box.head(repository))).toEqual({ tag: 'v1.0.1', commit: hotfix });
  });
});

describe('history', () => {
  async function fork(name: string) {
    const repository = await box.repository(name);
    const root = await box.commit(repository, { a: '0' });
    for (let index = 0; index < 60; index++)
      box.git(repository, 'commit', '--quiet', '--allow-empty', '-m', `${index}`);
    const base = box.head(repository);
    box.git(repository, 'checkout', '--quiet', '-b', 'topic');
    const topic = await box.commit(repository, { b: '1' });
    box.git(repository, 'checkout', '--quiet', 'main');
    const main = await box.commit(repository, { a: '1' });
    return { repository, root, base, topic, main };
  }

  test('full and shallow clones answer alike', async () => {
    const { repository, root, base, topic, main } = await fork('history');
    const shallow = box.clone(repository, 'history-shallow', '--depth=1');
    const blobless = box.clone(repository, 'history-blobless', '--filter=blob:none', '--no-checkout');
    for (const directory of [repository, shallow, blobless]) {
      const checkout = await box.open(directory);
      expect(await checkout.mergeBase(topic, main)).toBe(base);
      expect(await checkout.relation(base, main)).toBe('ahead');
      expect(await checkout.relation(main, root)).toBe('behind');
      expect(await checkout.relation(topic, main)).toBe('diverged');
      expect(await checkout.relation(main, main)).toBe('same');
      expect(await checkout.relation('1'.repeat(40), main)).toBe('unknown');
      expect(await checkout.mergeBase('1'.repeat(40), main)).toBeUndefined();
    }
  });

  test('a merge base that is only a part of the truth in a shallow clone is not believed', async () => {
    const repository = await box.repository('cut');
    const old = await box.commit(repository, { a: '0' });
    const near = await box.commit(repository, { a: '1' });
    await box.commit(repository, { a: '2' });
    const cut = await box.commit(repository, { a: '3' });
    box.git(repository, 'checkout', '--quiet', '-b', 'side', old);
    const left = box.git(repository, 'commit-tree', '-m', 'left', '-p', old, '-p', cut, `${cut}^{tree}`);
    const right = box.git(repository, 'commit-tree', '-m', 'right', '-p', near, `${near}^{tree}`);
    box.git(repository, 'update-ref', 'refs/heads/left', left);
    box.git(repository, 'update-ref', 'refs/heads/right', right);
    const clone = box.clone(repository, 'cut-clone', '--no-checkout');
    writeFileSync(`${clone}/.git/shallow`, `${cut}\n`);
    const checkout = await box.open(clone);
    expect(checkout.shallow).toBe(true);
    expect(await checkout.mergeBase(left, right)).toBe(near);
    expect(await checkout.relation(near, left)).toBe('ahead');
  });

  test('what came after a commit is asked of the remote each time: its own line, newest first', async () => {
    const { repository, base, topic, main } = await fork('after');
    const clones = [['after-whole'], ['after-shallow', '--depth=1']] as const;
    const checkouts = await Promise.all(
      clones.map(([name, ...how]) => box.open(box.clone(repository, name, '--single-branch', ...how))),
    );
    const ask = (commit: string, limit = 10) =>
      Promise.all(checkouts.map((it) => it.successors('refs/heads/main', commit, limit)));
    const both = (commits: readonly string[], rewritten = false) => checkouts.map(() => ({ commits, rewritten }));
    expect(await ask(main)).toEqual(both([]));
    expect(await ask(base)).toEqual(both([main]));
    box.git(repository, 'merge', '--quiet', '--no-ff', '--no-edit', 'topic');
    const merge = box.head(repository);
    expect(await ask(base)).toEqual(both([merge, main]));
    expect(await ask(base, 1)).toEqual(both([merge]));
    box.git(repository, 'reset', '--quiet', '--hard', base);
    const other = await box.commit(repository, { c: '1' });
    expect(await ask(main)).toEqual(both([other], true));
    expect(await Promise.all(checkouts.map((it) => it.successors('refs/heads/none', topic, 1)))).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('without a remote that answers, history stays unknown', async () => {
    const { repository, topic, main } = await fork('gone');
    const clone = box.clone(repository, 'gone-clone', '--depth=1');
    renameSync(repository, `${repository}-moved`);
    const checkout = await box.open(clone);
    expect(await checkout.relation(topic, main)).toBe('unknown');
    expect(await checkout.mergeBase(topic, main)).toBeUndefined();
    expect(await checkout.successors('refs/heads/main', topic, 1)).toBeUndefined();
    expect(await checkout.obtain(topic)).toBe(false);
  });
});

describe('a clone of depth 1', () => {
  test('old commits are fetched once, together, and the clone stays as it was', async () => {
    const repository = await box.repository('depth');
    const base = await box.commit(repository, { 'a/x': '1', 'b/x': '1', 'slipway.yml': 'old' });
    const middle = await box.commit(repository, { 'a/x': '2' });
    const head = await box.commit(repository, { 'b/x': '2', 'slipway.yml': 'new' });
    const clone = box.clone(repository, 'depth-clone', '--depth=1');
    const state = () => [box.git(clone, 'count-objects', '-v'), readFileSync(`${clone}/.git/config`, 'utf8')];
    const before = state();
    const checkout = await box.open(clone);
    const lost = '1'.repeat(40);
    expect(await Promise.all([base, middle, lost, head, 'main'].map((it) => checkout.obtain(it)))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    renameSync(repository, `${repository}-moved`);
    expect(await checkout.changed(base, head)).toEqual(['a/x', 'b/x', 'slipway.yml']);
    expect(await checkout.changed(middle, head)).toEqual(['b/x', 'slipway.yml']);
    expect(await checkout.obtain(base)).toBe(true);
    renameSync(`${repository}-moved`, repository);
    expect(await checkout.at(base).read('slipway.yml')).toBe('old');
    expect(state()).toEqual(before);
  });

  test('a remote without filters sends everything', async () => {
    const repository = await box.repository('unfiltered');
    box.git(repository, 'config', 'uploadpack.allowFilter', 'false');
    const base = await box.commit(repository, { a: '1' });
    const head = await box.commit(repository, { a: '2' });
    const checkout = await box.open(box.clone(repository, 'unfiltered-clone', '--depth=1'));
    expect(await checkout.obtain(base)).toBe(true);
    expect(await checkout.changed(base, head)).toEqual(['a']);
    expect(await checkout.mergeBase(base, head)).toBe(base);
  });

  test('a commit that no branch holds any more is had from a remote that still has it', async () => {
    const repository = await box.repository('forced');
    const root = await box.commit(repository, { a: '1' });
    const dropped = await box.commit(repository, { b: '1' });
    box.git(repository, 'reset', '--quiet', '--hard', root);
    const head = await box.commit(repository, { c: '1' });
    const checkout = await box.open(box.clone(repository, 'forced-clone', '--depth=1'));
    expect(await checkout.obtain(dropped)).toBe(true);
    expect(await checkout.changed(dropped, head)).toEqual(['b', 'c']);
  });

  test('a repository with SHA-256 ids', async () => {
    const repository = box.path('sha256');
    box.git(box.root, 'init', '--quiet', '--object-format=sha256', '--initial-branch=main', '--template=', repository);
    const base = await box.commit(repository, { a: '1', b: '1' });
    const head = await box.commit(repository, { a: '2' });
    const checkout = await box.open(box.clone(repository, 'sha256-clone', '--depth=1'));
    expect(base).toHaveLength(64);
    expect(await checkout.obtain(base)).toBe(true);
    expect(await checkout.changed(base, head)).toEqual(['a']);
    expect((await checkout.facts(head))?.parents).toEqual([base]);
  });

  test('a clone without trees gets them when they are compared', async () => {
    const repository = await box.repository('treeless');
    const base = await box.commit(repository, { 'a/x': '1', 'b/x': '1' });
    const head = await box.commit(repository, { 'a/x': '2' });
    const checkout = await box.open(box.clone(repository, 'treeless-clone', '--filter=tree:0', '--no-checkout'));
    expect(await checkout.changed(base, head)).toEqual(['a/x']);
  });
});

describe('files of a commit', () => {
  test('texts and folders, links within the tree, and what is not there', async () => {
    const repository = await box.repository('files');
    await box.commit(repository, { 'a/s.yml': 'A', 'b/s.yml': 'B', 'b/deep/x': 'x', root: 'R' });
    symlinkSync('../root', `${repository}/a/link`);
    symlinkSync('loop', `${repository}/loop`);
    symlinkSync('b', `${repository}/folder-link`);
    const head = await box.commit(repository, {});
    const files = (await box.open(repository)).at(head);
    expect(await files.read('a/s.yml')).toBe('A');
    expect(await files.read('b/s.yml')).toBe('B');
    expect(await files.read('a/link')).toBe('R');
    for (const path of ['loop', 'a', 'nothing', '../root', 'folder-link/s.yml']) {
      expect([path, await files.read(path)]).toEqual([path, undefined]);
    }
    expect(await files.entries('')).toEqual([
      { name: 'a', kind: 'folder' },
      { name: 'b', kind: 'folder' },
      { name: 'root', kind: 'file' },
    ]);
    expect(await files.entries('b/')).toEqual([
      { name: 'deep', kind: 'folder' },
      { name: 's.yml', kind: 'file' },
    ]);
    expect(await files.entries('nothing')).toEqual([]);
  });

  test('a commit that cannot be had is said so', async () => {
    const repository = await box.repository('no-files');
    await box.commit(repository, { a: '1' });
    const files = (await box.open(repository)).at('1'.repeat(40));
    await expect(files.read('a')).rejects.toMatchObject({ code: 'git-failed' });
  });
});
