import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { systemClock } from '../../../shared/io/clock.ts';
import { workTree } from '../../../shared/io/files.ts';
import { writeWhole } from '../../../shared/io/write-whole.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-test-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function tree(): Promise<string> {
  const folder = join(root, Math.random().toString(36).slice(2));
  await mkdir(join(folder, 'a/deep'), { recursive: true });
  await mkdir(join(folder, '.git'));
  await writeFile(join(folder, 'a/s.yml'), 'A');
  await writeFile(join(folder, 'b'), 'B');
  symlinkSync('../b', join(folder, 'a/link'));
  symlinkSync('a', join(folder, 'folder-link'));
  symlinkSync('nowhere', join(folder, 'broken'));
  symlinkSync('/etc/passwd', join(folder, 'leak'));
  return folder;
}

test('files and folders of a work tree, as a commit would show them', async () => {
  const files = workTree(await tree());
  expect(await files.read('a/s.yml')).toBe('A');
  expect(await files.read('a/../b')).toBe('B');
  expect(await files.read('a/link')).toBe('B');
  for (const path of ['nothing', 'a', 'b/c', 'folder-link/s.yml', 'broken', 'leak']) {
    expect([path, await files.read(path)]).toEqual([path, undefined]);
  }
  expect(await files.entries('')).toEqual([
    { name: 'a', kind: 'folder' },
    { name: 'b', kind: 'file' },
  ]);
  expect(await files.entries('a')).toEqual([
    { name: 'deep', kind: 'folder' },
    { name: 'link', kind: 'file' },
    { name: 's.yml', kind: 'file' },
  ]);
  for (const path of ['nothing', 'folder-link', 'b']) expect(await files.entries(path)).toEqual([]);
});

test('a work tree that is itself reached through a link', async () => {
  const link = join(root, 'link-to-tree');
  symlinkSync(await tree(), link);
  expect(await workTree(link).read('a/s.yml')).toBe('A');
});

test.each(['../x', 'a/../../x', '/etc/passwd', 'C:/x', 'a\0b'])('%j leads out and is refused', async (path) => {
  const files = workTree(await tree());
  await expect(files.read(path)).rejects.toMatchObject({ code: 'config-invalid' });
  await expect(files.entries(path)).rejects.toMatchObject({ code: 'config-invalid' });
});

test('a file is written whole, over the old one', async () => {
  const file = join(await tree(), 'out.json');
  await writeWhole(file, 'old');
  await writeWhole(file, new Uint8Array([0x6e, 0x65, 0x77]));
  expect(await readFile(file, 'utf8')).toBe('new');
});

test('a full disk leaves the old file, and nothing else', async () => {
  const folder = await tree();
  const file = join(folder, 'b');
  const full: typeof open = async (...args) => {
    const handle = await open(...args);
    handle.writeFile = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    return handle;
  };
  const before = await readdir(folder);
  await expect(writeWhole(file, 'new', full)).rejects.toMatchObject({ code: 'disk-full' });
  expect(await readFile(file, 'utf8')).toBe('B');
  expect(await readdir(folder)).toEqual(before);
});

test('a folder that is not there is an error of the system, not a full disk', async () => {
  await expect(writeWhole(join(root, 'no/such/file'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('sleep ends with its signal and leaves no listener behind', async () => {
  const abort = new AbortController();
  const { signal } = abort;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  for (let index = 0; index < 20; index++) await systemClock.sleep(1, signal);
  expect(listeners).toBe(0);
  const long = systemClock.sleep(1_000_000, signal);
  abort.abort();
  await long;
  await systemClock.sleep(1_000_000, signal);
  expect(systemClock.now()).toBeGreaterThan(1_700_000_000_000);
});
