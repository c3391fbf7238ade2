import { type Digest, isDigest, isRecord, type Json } from '../model/index.ts';

/** What a registry answers, before it is on the wire. */
export interface RegistryReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
}

/** Where an upload goes on: the location holds how far it came, so that an older one is told apart. */
export function session(status: number, name: string, id: string, offset: number): RegistryReply {
  const Location = `/v2/${name}/blobs/uploads/${id}?_state=${offset}`;
  const headers = { Location, Range: `0-${Math.max(0, offset - 1)}`, 'Docker-Upload-UUID': id, 'Content-Length': '0' };
  return { status, headers };
}

export const lengthAndDigest = (size: number, digest: Digest) => ({
  'Content-Length': String(size),
  'Docker-Content-Digest': digest,
});

export const created = (location: string, digest: Digest): RegistryReply => ({
  status: 201,
  headers: { Location: location, ...lengthAndDigest(0, digest) },
});

export const json = (status: number, body: Json, headers: Readonly<Record<string, string>> = {}): RegistryReply => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** An error as the specification writes it. */
export function refuse(status: number, code: string, message: string, detail: Json = null): RegistryReply {
  return json(status, { errors: [{ code, message, detail }] });
}

export const unsupported = refuse(405, 'UNSUPPORTED', 'the operation is unsupported');

/** Digests of descriptors and lists of them. */
export function digestsIn(...values: readonly unknown[]): readonly Digest[] {
  return values.flat().flatMap((it) => {
    const digest = isRecord(it) ? it['digest'] : undefined;
    return typeof digest === 'string' && isDigest(digest) ? [digest] : [];
  });
}

/** The object that bytes hold as JSON. */
export function parse(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** All bytes of a stream; undefined when they are more than the limit. */
export async function readAll(stream: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
