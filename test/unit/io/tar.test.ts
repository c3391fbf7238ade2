import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as tar from 'tar-stream';
import { EXTRACT_LIMITS, extractTar, type TarEntry, writeTar } from '../../../shared/io/tar.ts';

let base: string;
let root: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'slipway-tar-'));
  root = join(base, 'root');
  await mkdir(root);
});
afterEach(() => rm(base, { recursive: true, force: true }));

const file = (path: string, text = path, mode = 0o644): TarEntry => ({
  kind: 'file',
  path,
  mode,
  size: Buffer.byteLength(text),
  open: () => Readable.from([Buffer.from(text)]),
});

async function packed(entries: readonly TarEntry[]): Promise<Buffer> {
  const sink = new PassThrough();
  const [bytes] = await Promise.all([buffer(sink), writeTar(entries, sink)]);
  return bytes;
}

type Raw = Omit<Partial<tar.Header>, 'name'> & { name: string; text?: string };
/** Archives that no honest builder would write. */
function raw(...headers: readonly Raw[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const { text = '', ...header } of headers) {
    if (header.type === undefined || header.type === 'file') pack.entry(header, text);
    else pack.entry(header);
  }
  pack.finalize();
  return buffer(Readable.from(pack));
}

/** A stream that breaks after its first chunk. */
const failing = (first: Uint8Array, message: string): Readable =>
  Readable.from(
    (function* () {
      yield first;
      throw new Error(message);
    })(),
  );

/** One byte at first, then small pieces, so that no boundary is lucky. */
function* pieces(bytes: Uint8Array, size = 700): Generator<Uint8Array> {
  yield bytes.subarray(0, 1);
  for (let at = 1; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const unpack = (bytes: Uint8Array, limits = EXTRACT_LIMITS) => extractTar(Readable.from(pieces(bytes)), root, limits);
const text = (path: string) => readFile(join(root, path), 'utf8');
const outside = async () => (await readdir(base)).filter((name) => name !== 'root');

describe('writing', () => {
  test('equal entries give equal bytes, with owner 0, no names and the given time', async () => {
    const entries: TarEntry[] = [
      { kind: 'directory', path: 'app', mode: 0o755 },
      file('app/a.txt', 'hello'),
      { kind: 'symlink', path: 'app/link', target: 'a.txt' },
    ];
    const bytes = await packed(entries);
    expect(await packed(entries)).toEqual(bytes);
    const seen: tar.Header[] = [];
    const archive = tar.extract();
    Readable.from([bytes]).pipe(archive as unknown as Writable);
    for await (const entry of archive) {
      seen.push(entry.header);
      entry.resume();
    }
    expect(
      seen.map((it) => [it.name, it.type, it.mode, it.uid, it.gid, it.uname, it.gname, it.mtime.getTime()]),
    ).toEqual([
      ['app/', 'directory', 0o755, 0, 0, '', '', 0],
      ['app/a.txt', 'file', 0o644, 0, 0, '', '', 0],
      ['app/link', 'symlink', 0o777, 0, 0, '', '', 0],
    ]);
  });

  test('what is written is what is read, whatever the names, sizes and modes', async () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'B', '7', 'ä', '語', ' ', '-', '🚢'),
      minLength: 1,
      maxLength: 60,
    });
    const content = fc.tuple(name, name, fc.uint8Array({ maxLength: 3_000 }), fc.constantFrom(0o644, 0o755, 0o600));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(content, { maxLength: 6, selector: ([a]) => a }), async (files) => {
        await rm(root, { recursive: true });
        const entries = files.map(([folder, leaf, bytes, mode]): TarEntry => {
          const path = `${folder}/${leaf}`;
          return { kind: 'file', path, mode, size: bytes.length, open: () => Readable.from([bytes]) };
        });
        await unpack(await packed(entries));
        for (const [folder, leaf, bytes, mode] of files) {
          const at = join(root, folder, leaf);
          expect(new Uint8Array(await readFile(at))).toEqual(new Uint8Array(bytes));
          expect((await stat(at)).mode & 0o777).toBe(mode);
        }
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  test('a file that is shorter than it was fails, and says so', async () => {
    const entry: TarEntry = { ...file('a', 'abc'), size: 10 } as TarEntry;
    await expect(packed([entry])).rejects.toThrow('Size mismatch');
  });

  test('a sink that fails, and a source that fails, end the writing with their error', async () => {
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('sink is full')) });
    await expect(writeTar([file('a', 'x'.repeat(100_000)), file('b')], full)).rejects.toThrow('sink is full');
    const broken: TarEntry = {
      ...file('a'),
      open: () => failing(Buffer.from('a'), 'cannot read'),
    } as TarEntry;
    await expect(writeTar([broken], new PassThrough().resume())).rejects.toThrow('cannot read');
  });

  test('many big files go through without being held', async () => {
    const big: TarEntry[] = Array.from({ length: 40 }, (_, at) => ({
      kind: 'file',
      path: `big-${at}`,
      mode: 0o644,
      size: 1 << 20,
      open: () => Readable.from(Array.from({ length: 16 }, () => Buffer.alloc(1 << 16, at))),
    }));
    const path = join(base, 'big.tar');
    await writeTar(big, createWriteStream(path));
    expect(await extractTar(createReadStream(path), root)).toMatchObject({ entries: 40, bytes: 40 << 20 });
  });
});

describe('reading', () => {
  test('files, folders, links and modes; plain and gzip alike', async () => {
    const bytes = await packed([
      { kind: 'directory', path: 'bin', mode: 0o500 },
      file('bin/run', '#!/bin/sh', 0o755),
      { kind: 'symlink', path: 'bin/alias', target: 'run' },
    ]);
    for (const form of [bytes, gzipSync(bytes)]) {
      await unpack(form);
      expect(await text('bin/alias')).toBe('#!/bin/sh');
      expect((await stat(join(root, 'bin/run'))).mode & 0o777).toBe(0o755);
      // The owner's bits stay, so that the next layer can write.
      expect((await stat(join(root, 'bin'))).mode & 0o777).toBe(0o700);
    }
  });

  test.each(['../evil', 'a/../../evil', '/../evil', 'a/b/..'])('refuses the path %s', async (name) => {
    await expect(unpack(await raw({ name, text: 'x' }))).rejects.toMatchObject({ code: 'image-invalid' });
    expect(await outside()).toEqual([]);
  });

  test('an absolute path is one of the image', async () => {
    await unpack(await raw({ name: '/etc/passwd', text: 'in the image' }));
    expect(await text('etc/passwd')).toBe('in the image');
  });

  test('a link to the outside becomes one to the inside, absolute or climbing', async () => {
    await writeFile(join(base, 'secret'), 'secret');
    await unpack(
      await raw(
        { name: 'etc/name', text: 'ours' },
        { name: 'absolute', type: 'symlink', linkname: '/etc/name' },
        { name: 'deep/er/climbing', type: 'symlink', linkname: '../../../../../../etc/name' },
        { name: 'deep/secret', type: 'symlink', linkname: '../../secret' },
        { name: 'self/odd', type: 'symlink', linkname: 'x/../../../../secret' },
      ),
    );
    expect(await text('absolute')).toBe('ours');
    expect(await text('deep/er/climbing')).toBe('ours');
    expect(await readlink(join(root, 'absolute'))).toBe('etc/name');
    await expect(text('deep/secret')).rejects.toThrow('ENOENT');
    await expect(text('self/odd')).rejects.toThrow('ENOENT');
  });

  test('a file is never written through a link that stands in its place', async () => {
    await writeFile(join(base, 'victim'), 'untouched');
    await symlink(join(base, 'victim'), join(root, 'a'));
    await unpack(await raw({ name: 'a', text: 'new' }));
    expect(await readFile(join(base, 'victim'), 'utf8')).toBe('untouched');
    expect(await text('a')).toBe('new');
    expect((await lstat(join(root, 'a'))).isFile()).toBe(true);
  });

  test('a folder on the way that is a link out of the image is refused', async () => {
    await mkdir(join(base, 'elsewhere'));
    await symlink(join(base, 'elsewhere'), join(root, 'lib'));
    await expect(unpack(await raw({ name: 'lib/x', text: 'x' }))).rejects.toMatchObject({ code: 'image-invalid' });
    expect(await readdir(join(base, 'elsewhere'))).toEqual([]);
    await symlink('nowhere', join(root, 'gone'));
    await expect(unpack(await raw({ name: 'gone/x', text: 'x' }))).rejects.toThrow('does not lead to a folder');
  });

  test('a folder on the way that is a link within the image is followed', async () => {
    await unpack(await raw({ name: 'usr/bin/a', text: 'a' }, { name: 'bin', type: 'symlink', linkname: '/usr/bin' }));
    await unpack(await raw({ name: 'bin/b', text: 'b' }));
    expect(await text('usr/bin/b')).toBe('b');
    expect((await lstat(join(root, 'bin'))).isSymbolicLink()).toBe(true);
  });

  test('a whiteout takes a file or folder of lower layers away, and nothing that its own layer wrote', async () => {
    await unpack(await packed([file('a'), file('dir/b'), file('dir/c'), file('dir/d')]));
    await unpack(
      await packed([file('dir/d', 'again'), file('.wh.a', ''), file('dir/.wh.b', ''), file('dir/.wh.d', '')]),
    );
    expect((await readdir(root)).sort()).toEqual(['dir']);
    expect((await readdir(join(root, 'dir'))).sort()).toEqual(['c', 'd']);
    expect(await text('dir/d')).toBe('again');
    await unpack(await packed([file('.wh.dir', '')]));
    expect(await readdir(root)).toEqual([]);
  });

  test('an opaque folder loses all that lower layers put there, wherever the mark stands', async () => {
    await unpack(await packed([file('dir/old/x'), file('dir/y'), file('dir/new')]));
    await unpack(await packed([file('dir/new', 'kept'), file('dir/.wh..wh..opq', ''), file('dir/old/z', 'kept')]));
    expect((await readdir(join(root, 'dir'))).sort()).toEqual(['new', 'old']);
    expect(await readdir(join(root, 'dir/old'))).toEqual(['z']);
  });

  test.each(['.wh...', '.wh..', 'a/.wh...'])('the whiteout %s takes nothing away outside', async (name) => {
    await writeFile(join(base, 'keep'), '');
    await unpack(await raw({ name: 'a/b', text: 'x' }));
    await unpack(await raw({ name, text: '' })).catch(() => undefined);
    expect(await readdir(base)).toContain('keep');
  });

  test('kinds replace each other: file by folder, folder by file, link by folder', async () => {
    await unpack(
      await raw({ name: 'a', text: '' }, { name: 'b/x', text: '' }, { name: 'c', type: 'symlink', linkname: 'b' }),
    );
    await unpack(
      await raw({ name: 'a', type: 'directory' }, { name: 'b', text: 'file' }, { name: 'c', type: 'directory' }),
    );
    expect((await lstat(join(root, 'a'))).isDirectory()).toBe(true);
    expect(await text('b')).toBe('file');
    expect((await lstat(join(root, 'c'))).isDirectory()).toBe(true);
  });

  test('a hard link stays within the image, and replacing one leaves the other', async () => {
    await writeFile(join(base, 'secret'), 'secret');
    await unpack(await raw({ name: 'a', text: 'one' }, { name: 'b', type: 'link', linkname: '/a' }));
    expect((await stat(join(root, 'a'))).nlink).toBe(2);
    await unpack(await raw({ name: 'b', text: 'two' }));
    expect(await text('a')).toBe('one');
    for (const linkname of ['../secret', 'missing', join(base, 'secret')]) {
      const bytes = await raw({ name: 'c', type: 'link', linkname });
      await expect(unpack(bytes)).rejects.toMatchObject({ code: 'image-invalid' });
    }
    await symlink(join(base, 'secret'), join(root, 'l'));
    await expect(unpack(await raw({ name: 'c', type: 'link', linkname: 'l' }))).rejects.toMatchObject({
      code: 'image-invalid',
    });
  });

  test('set-user-id goes, devices are skipped and named', async () => {
    const bytes = await raw(
      { name: 'su', text: 'x', mode: 0o4755 },
      { name: 'dev/null', type: 'character-device' },
      { name: 'pipe', type: 'fifo' },
    );
    expect(await unpack(bytes)).toEqual({ entries: 3, bytes: 1, skipped: ['dev/null', 'pipe'] });
    expect((await stat(join(root, 'su'))).mode & 0o7777).toBe(0o755);
  });

  test('the bounds hold: number of entries and bytes', async () => {
    const bytes = await packed([file('a', '12345'), file('b', '12345')]);
    await expect(unpack(bytes, { entries: 1, bytes: 100 })).rejects.toThrow('more than 1 entries');
    await expect(unpack(bytes, { entries: 9, bytes: 9 })).rejects.toThrow('more than 9 bytes');
    expect(await unpack(bytes, { entries: 2, bytes: 10 })).toMatchObject({ entries: 2 });
  });

  test('broken archives are told as such, at whatever byte they end', async () => {
    const bytes = await packed([file('a', 'x'.repeat(900)), file('b', 'y'.repeat(900))]);
    const zipped = gzipSync(bytes);
    for (const broken of [
      bytes.subarray(0, 700),
      bytes.subarray(0, 2_000),
      zipped.subarray(0, 60),
      Buffer.alloc(600, 7),
    ]) {
      await expect(unpack(broken)).rejects.toMatchObject({ code: 'image-invalid' });
    }
  });

  test('an error of the stream is passed on', async () => {
    const bytes = await packed([file('a', 'x'.repeat(5_000))]);
    const stream = failing(bytes.subarray(0, 2_000), 'connection reset');
    await expect(extractTar(stream, root)).rejects.toThrow('connection reset');
  });
});
