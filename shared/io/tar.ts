import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as tar from 'tar-stream';
import { isRecord, messageOf, UserError, userError } from '../model/index.ts';
import { decompressed } from './inflate.ts';
import { UnpackRoot } from './unpack-root.ts';

/*
 * Layers of images as tar archives: written so that equal entries give equal bytes, read so that nothing of an archive
 * reaches a place outside of its folder. The one file through which other rooms use both.
 */

/** One entry of an archive to write. Paths have `/` between their parts, and none at the front. */
export type TarEntry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      /** Bytes that `open` gives; another number is an error. */
      readonly size: number;
      readonly open: () => AsyncIterable<Uint8Array>;
    };

/**
 * Writes an archive and ends the sink. Only what stands in the entries gets into it: owner and group are 0, names of
 * them are empty, and every time is `mtime`, so that equal entries in equal order give equal bytes on every machine.
 * Ustar, with pax headers where a path needs them.
 *
 * @param mtime seconds since 1970
 */
export async function writeTar(
  entries: Iterable<TarEntry> | AsyncIterable<TarEntry>,
  sink: Writable,
  mtime = 0,
): Promise<void> {
  const pack = tar.pack();
  const [fed, sent] = await Promise.allSettled([
    feed(pack, entries, new Date(mtime * 1_000)),
    pipeline(Readable.from(pack), sink),
  ]);
  // When the sink fails, feeding fails of it, and when feeding fails, the pack carries its error: this order tells the cause.
  if (sent.status === 'rejected') throw sent.reason;
  if (fed.status === 'rejected') throw fed.reason;
}

async function feed(pack: tar.Pack, entries: Iterable<TarEntry> | AsyncIterable<TarEntry>, mtime: Date): Promise<void> {
  try {
    for await (const entry of entries) await add(pack, entry, mtime);
    pack.finalize();
  } catch (error) {
    pack.destroy(asError(error));
    throw error;
  }
}

async function add(pack: tar.Pack, entry: TarEntry, mtime: Date): Promise<void> {
  const owner = { uid: 0, gid: 0, uname: '', gname: '', mtime };
  switch (entry.kind) {
    case 'directory':
      pack.entry({ ...owner, type: 'directory', name: `${entry.path}/`, mode: entry.mode });
      return;
    case 'symlink':
      pack.entry({ ...owner, type: 'symlink', name: entry.path, linkname: entry.target, mode: 0o777 });
      return;
    case 'file': {
      const { path: name, mode, size } = entry;
      await new Promise<void>((resolve, reject) => {
        const header = { ...owner, type: 'file' as const, name, mode, size };
        pump(
          entry.open(),
          pack.entry(header, (error) => (error ? reject(error) : resolve())),
        ).catch(reject);
      });
    }
  }
}

/** The part of a stream of tar-stream that is needed here: they are not Node's own, and its `pipeline` takes their end for an accident. */
interface Sink {
  readonly destroying: boolean;
  write(chunk: Uint8Array): boolean;
  end(last?: Uint8Array): unknown;
  destroy(error?: Error): unknown;
  on(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
}

/** Writes chunks into a sink as fast as it takes them, and ends it. An error of the chunks ends it too, and is thrown. */
async function pump(chunks: AsyncIterable<Uint8Array>, sink: Sink): Promise<void> {
  let wake = (): void => undefined;
  sink.on('error', () => undefined); // It reaches the reader of the archive by itself.
  sink.on('drain', () => wake());
  sink.on('close', () => wake());
  try {
    for await (const chunk of chunks) {
      if (sink.destroying) return;
      if (!sink.write(chunk)) await new Promise<void>((resolve) => (wake = resolve));
    }
    sink.end();
  } catch (error) {
    sink.destroy(asError(error));
    throw error;
  }
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });

/** Bounds of one archive that is unpacked: beyond them it is taken for an attack or an accident. */
interface ExtractLimits {
  readonly entries: number;
  /** Bytes of all files together, unpacked. */
  readonly bytes: number;
}
export const EXTRACT_LIMITS: ExtractLimits = { entries: 1_000_000, bytes: 20 * 1024 ** 3 };
/** Skipped entries that are named; more are only counted. */
const SKIPPED_NAMED = 20;

/** What unpacking one archive did. */
interface Extracted {
  readonly entries: number;
  readonly bytes: number;
  /** Devices and pipes, which an unpacked folder cannot have; at most SKIPPED_NAMED of them. */
  readonly skipped: readonly string[];
}

/**
 * Unpacks one layer (plain, gzip or zstd, told by its first bytes) over what lies in a folder, as image-spec layer.md
 * says: entries replace, `.wh.x` takes `x` of lower layers away, `.wh..wh..opq` all of a folder. Layers are unpacked
 * in the order of the manifest.
 *
 * The folder is the root of the image. Nothing leaves it: a path with `..` is refused, a file that is replaced is
 * removed and never written through, a folder on the way that is a symbolic link is followed only where it stays inside,
 * and the text of links is rewritten relative to the root, so that `/etc/x` means the image's. Permission bits are kept
 * (for folders with the owner's added, so that later layers can be unpacked), owners and set-user-id are not.
 *
 * Throws `image-invalid`, `disk-full`, and what the stream throws.
 */
export async function extractTar(
  stream: AsyncIterable<Uint8Array>,
  directory: string,
  limits: ExtractLimits = EXTRACT_LIMITS,
): Promise<Extracted> {
  const root = await UnpackRoot.open(directory);
  const archive = tar.extract();
  const [done, sent] = await Promise.allSettled([unpack(archive, root, limits), pump(decompressed(stream), archive)]);
  // A stream that fails ends the unpacking with a lesser error than its own.
  if (sent.status === 'rejected') throw isInflateError(sent.reason) ? unreadable(sent.reason) : sent.reason;
  if (done.status === 'rejected') throw isOwnError(done.reason) ? done.reason : unreadable(done.reason);
  return done.value;
}

async function unpack(archive: tar.Extract, root: UnpackRoot, limits: ExtractLimits): Promise<Extracted> {
  const skipped: string[] = [];
  let entries = 0;
  let bytes = 0;
  for await (const entry of archive) {
    entries += 1;
    bytes += entry.header.size;
    bounded(entries, bytes, limits);
    const known = await root.place(entry.header, entry);
    if (!known && skipped.length < SKIPPED_NAMED) skipped.push(entry.header.name);
    entry.resume();
  }
  return { entries, bytes, skipped };
}

function bounded(entries: number, bytes: number, limits: ExtractLimits): void {
  if (entries > limits.entries) {
    throw userError('image-invalid', `A layer has more than ${limits.entries} entries.`);
  }
  if (bytes > limits.bytes) {
    throw userError('image-invalid', `A layer has more than ${limits.bytes} bytes when unpacked.`);
  }
}

/** Codes of zlib (`Z_DATA_ERROR`) and zstd (`ZSTD_error_…`): the bytes are not what they begin like. */
const isInflateError = (thrown: unknown): boolean =>
  isRecord(thrown) && typeof thrown['code'] === 'string' && /^Z(STD)?_/.test(thrown['code']);

/** Errors of ours and of the operating system; what else comes out of unpacking is about the archive. */
const isOwnError = (thrown: unknown): boolean =>
  thrown instanceof UserError || (isRecord(thrown) && typeof thrown['syscall'] === 'string');

function unreadable(cause: unknown): UserError {
  return userError('image-invalid', `A layer is no tar archive that can be read: ${messageOf(cause)}.`, { cause });
}
