import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { LayerFacts, LayerFile } from '../image/index.ts';
import { explainDisk } from '../io/disk.ts';
import { type TarEntry, writeTar } from '../io/tar.ts';
import { type Digest, userError } from '../model/index.ts';
import { blobHash, blobId, formatOf } from './blob.ts';

/** Fixed: another level makes other bytes. */
const GZIP_LEVEL = 6;
/** The byte of a gzip header that names the operating system it was made on (RFC 1952, 2.3), and its value for "unknown". */
const OS_BYTE = 9;
const OS_UNKNOWN = 255;

/** A layer as it lies in a file. */
export interface WrittenLayer {
  readonly digest: Digest;
  /** Of the archive before it was compressed: what the config lists. */
  readonly diffId: Digest;
  readonly size: number;
}

/**
 * Writes one layer to a file: the same files give the same bytes, wherever, whenever and by whom they were made. Owners
 * are 0, times 0, modes 755 or 644, entries sorted. Nothing is held in memory. Every file must still be what its fact
 * says: throws `build-failed` when it changed, `disk-full` when the disk is.
 */
export async function writeLayer(layer: LayerFacts, file: string): Promise<WrittenLayer> {
  const archive = new PassThrough();
  const [written, stored] = await Promise.allSettled([writeTar(entriesOf(layer), archive), packLayer(archive, file)]);
  // The file's own error comes first: of a full disk the archive only sees that nobody takes it any more.
  if (stored.status === 'rejected') throw explainDisk(stored.reason, `a layer for ${layer.to}`);
  if (written.status === 'rejected') throw explainDisk(written.reason, `a layer for ${layer.to}`);
  return stored.value;
}

/** Compresses a tar archive into a file: equal bytes in give equal bytes out, on every operating system. */
export async function packLayer(archive: Readable, file: string): Promise<WrittenLayer> {
  const plain = createHash('sha256');
  const packed = createHash('sha256');
  let size = 0;
  await pipeline(
    archive,
    hashing(plain),
    createGzip({ level: GZIP_LEVEL }),
    neutral,
    hashing(packed, (bytes) => {
      size += bytes;
    }),
    createWriteStream(file, { flags: 'wx' }),
  );
  return { digest: `sha256:${packed.digest('hex')}`, diffId: `sha256:${plain.digest('hex')}`, size };
}

const hashing = (hash: Hash, count?: (bytes: number) => void) =>
  async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      count?.(chunk.length);
      yield chunk;
    }
  };

/** The same header on every operating system. */
async function* neutral(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let position = 0;
  for await (const chunk of chunks) {
    const at = OS_BYTE - position;
    position += chunk.length;
    yield at >= 0 && at < chunk.length
      ? Uint8Array.from(chunk, (byte, index) => (index === at ? OS_UNKNOWN : byte))
      : chunk;
  }
}

async function* entriesOf({ to, source, files }: LayerFacts): AsyncGenerator<TarEntry> {
  const folders = new Set<string>();
  for (const file of files) {
    for (const folder of foldersAbove(file.path)) {
      if (folders.has(folder)) continue;
      folders.add(folder);
      yield { kind: 'directory', path: inArchive(to, folder), mode: 0o755 };
    }
    const path = inArchive(to, file.path);
    if (path !== '') yield await entryOf(file, join(source, file.path), path);
  }
}

/** Folders within the layer that lead to a path, from the top. Those above the layer are not ours to describe: the base may have them otherwise. */
function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}

const inArchive = (to: string, path: string): string => posix.join(to, path).replace(/^\//, '').replace(/\/$/, '');

async function entryOf(file: LayerFile, source: string, path: string): Promise<TarEntry> {
  if (file.mode === '040000') return { kind: 'directory', path, mode: 0o755 };
  if (file.mode === '120000') {
    const target = await readlink(source);
    if (blobId(target, formatOf(file.hash)) !== file.hash) throw changed(source);
    return { kind: 'symlink', path, target };
  }
  const mode = file.mode === '100755' ? 0o755 : 0o644;
  return { kind: 'file', path, mode, size: file.size, open: () => unchanged(file, source) };
}

/** The bytes of a file, which must be those that the key was made of. */
async function* unchanged(file: LayerFile, source: string): AsyncGenerator<Uint8Array> {
  const hash = blobHash(formatOf(file.hash), file.size);
  let size = 0;
  for await (const chunk of createReadStream(source)) {
    size += chunk.length;
    if (size > file.size) throw changed(source);
    hash.update(chunk);
    yield chunk;
  }
  if (size !== file.size || hash.digest('hex') !== file.hash) throw changed(source);
}

const changed = (source: string): Error =>
  userError('build-failed', `${source} changed while the image was being built.`, {
    remedy: 'Let the steps that write it end before this one.',
  });
