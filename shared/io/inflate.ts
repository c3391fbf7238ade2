import { Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { userError } from '../model/index.ts';

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

/** A stream without its compression (gzip, zstd or none), told by its first bytes: media types of layers lie now and then. */
export async function* decompressed(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]();
  try {
    const head = await firstBytes(chunks, ZSTD.length);
    const whole = joined(head, chunks);
    const decoder = decoderOf(head);
    if (decoder === undefined) yield* whole;
    else yield* decoded(whole, decoder);
  } finally {
    await chunks.return?.();
  }
}

async function* decoded(whole: AsyncIterable<Uint8Array>, decoder: Transform): AsyncGenerator<Uint8Array> {
  const source = Readable.from(whole);
  source.once('error', (error) => decoder.destroy(error));
  source.pipe(decoder);
  try {
    for await (const chunk of decoder) yield chunk;
  } finally {
    source.destroy();
    decoder.destroy();
  }
}

function decoderOf(head: Uint8Array): Transform | undefined {
  if (GZIP.every((byte, at) => head[at] === byte)) return zlib.createGunzip();
  if (!ZSTD.every((byte, at) => head[at] === byte)) return undefined;
  // Older releases of Node, which the demonstration runs on, do not have it.
  if (typeof zlib.createZstdDecompress !== 'function') {
    throw userError('not-yet', 'A layer is compressed with zstd, which this release of Node cannot read.', {
      remedy: 'Use Node 24.',
    });
  }
  return zlib.createZstdDecompress();
}

async function firstBytes(chunks: AsyncIterator<Uint8Array>, count: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let size = 0; size < count; ) {
    const next = await chunks.next();
    if (next.done === true) break;
    parts.push(next.value);
    size += next.value.length;
  }
  return Buffer.concat(parts);
}

async function* joined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
