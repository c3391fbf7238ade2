import { createHash, type Hash } from 'node:crypto';
import type { BlobFormat } from '../model/index.ts';

/**
 * What files are known by in facts and keys: the id that git gives their bytes as a blob. So a file that git has already
 * hashed has the same name as one that it has never seen, and nothing depends on whether a file is tracked.
 *
 * @param size bytes that will follow
 */
export const blobHash = (format: BlobFormat, size: number): Hash => createHash(format).update(`blob ${size}\0`);

export function blobId(bytes: Uint8Array | string, format: BlobFormat): string {
  const size = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
  return blobHash(format, size).update(bytes).digest('hex');
}

/** SHA-1 has 40 hex digits, SHA-256 64. */
export const formatOf = (id: string): BlobFormat => (id.length === 64 ? 'sha256' : 'sha1');
