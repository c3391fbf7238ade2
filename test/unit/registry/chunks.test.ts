import { describe, expect, test } from '@jest/globals';
import type { Around } from '../../../shared/demo/registry.ts';
import type { RegistryReply } from '../../../shared/demo/registry-replies.ts';
import { Pieces } from '../../../shared/io/registry/pieces.ts';
import { compose, type Fault, faulty, once, requestIs, sha256 } from '../../support/registry-faults.ts';
import { bodyFrom, collect, type World, worldsOfTests } from '../../support/registry-world.ts';

const start = worldsOfTests();
const MiB = 1024 * 1024;
const blob = Buffer.from(Array.from({ length: 9 * MiB }, (_, at) => (at * 7) % 253));
const digest = sha256(blob);
const body = bodyFrom(blob, 300_000);
const PATCH = requestIs('PATCH', /uploads/);

/** A proxy that lets no body through that is longer. */
const limit = (bytes: number): Around =>
  faulty(({ method, incoming }) =>
    method !== 'POST' && Number(incoming.headers['content-length'] ?? 0) > bytes
      ? { status: 413, body: '<html>413 Request Entity Too Large</html>' }
      : undefined,
  );
const chunksOf = (world: World): readonly string[] =>
  world.server.requests.filter(({ method }) => method === 'PATCH').map(({ status }) => String(status));
const holds = async (world: World): Promise<boolean> =>
  (await collect(await world.client.blob(world.at('a'), { digest, size: blob.length }))).equals(blob);

describe('P3: chunks', () => {
  test('P4: one piece is the rule; what a proxy does not let through goes in chunks', async () => {
    const ranges: (string | undefined)[] = [];
    const spy = faulty((it) => void (PATCH(it) && ranges.push(it.incoming.headers['content-range'])));
    const world = await start({ around: compose(spy, limit(5 * MiB)) });
    expect(await world.client.pushBlob(world.at('a'), digest, body)).toBe('uploaded');
    expect(ranges).toEqual(['0-4194303', '4194304-8388607', '8388608-9437183']);
    expect(await holds(world)).toBe(true);
    const plain = await start();
    await plain.client.pushBlob(plain.at('a'), digest, body);
    expect(chunksOf(plain)).toEqual([]);
  });

  test('chunks are as long as the registry wants them at least', async () => {
    const ranges: (string | undefined)[] = [];
    const spy = faulty((it) => void (PATCH(it) && ranges.push(it.incoming.headers['content-range'])));
    const wants = faulty(({ method }) =>
      method === 'POST'
        ? {
            replace: (it: RegistryReply) => ({
              ...it,
              headers: { ...it.headers, 'OCI-Chunk-Min-Length': String(6 * MiB) },
            }),
          }
        : undefined,
    );
    const world = await start({ around: compose(spy, wants, limit(7 * MiB)) });
    expect(await world.client.pushBlob(world.at('a'), digest, body)).toBe('uploaded');
    expect(ranges).toEqual(['0-6291455', '6291456-9437183']);
  });

  test('a registry that wants chunks longer than are kept in memory is told as it refused', async () => {
    const wants = faulty(({ method }) =>
      method === 'POST'
        ? {
            replace: (it: RegistryReply) => ({
              ...it,
              headers: { ...it.headers, 'OCI-Chunk-Min-Length': '99999999999' },
            }),
          }
        : undefined,
    );
    const world = await start({ around: compose(wants, limit(5 * MiB)) });
    const push = world.client.pushBlob(world.at('a'), digest, body);
    await expect(push).rejects.toThrow(/413.*takes no upload of this size/);
  });

  test.each<[string, Fault]>([
    ['the connection before the bytes', 'reset'],
    ['the connection in the middle', { cutRequestAfter: 1_000_000 }],
    ['the answer', 'lost'],
    ['503 of a proxy', { status: 503 }],
    ['429 with Retry-After', { status: 429, headers: { 'Retry-After': '7' } }],
    ['416', { status: 416 }],
  ])('%s fails: the upload goes on from where the registry stands', async (_name, fault) => {
    let patches = 0;
    const second = faulty((it) => {
      if (!PATCH(it)) return undefined;
      patches += 1;
      return patches === 2 ? fault : undefined;
    });
    const world = await start({ around: compose(second, limit(5 * MiB)) });
    expect(await world.client.pushBlob(world.at('a'), digest, body)).toBe('uploaded');
    expect(await holds(world)).toBe(true);
    // One session for the piece that was too long, one for the chunks.
    expect(world.server.requests.filter(({ method }) => method === 'POST').length).toBe(2);
    expect(world.clock.slept.includes(7_000)).toBe('status' in Object(fault) && Object(fault).status === 429);
  });

  test('a chunk of which a part has arrived: the rest is sent', async () => {
    const ranges: (string | undefined)[] = [];
    const spy = faulty((it) => void (PATCH(it) && ranges.push(it.incoming.headers['content-range'])));
    let patches = 0;
    const half = faulty((it) => {
      if (!PATCH(it)) return undefined;
      patches += 1;
      return patches === 2 ? { keep: 1_000_000 } : undefined;
    });
    const world = await start({ around: compose(spy, half, limit(5 * MiB)) });
    expect(await world.client.pushBlob(world.at('a'), digest, body)).toBe('uploaded');
    expect(ranges).toEqual(['0-4194303', '4194304-8388607', '5194304-8388607', '8388608-9437183']);
    expect(await holds(world)).toBe(true);
  });

  test('a session that is gone: a new one, from the beginning', async () => {
    const gone: Fault = { status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' };
    const world = await start({ around: compose(once(PATCH, gone), limit(5 * MiB)) });
    expect(await world.client.pushBlob(world.at('a'), digest, body)).toBe('uploaded');
    expect(world.server.requests.filter(({ method }) => method === 'POST').length).toBe(3);
    expect(await holds(world)).toBe(true);
  });

  test('every chunk refused ends in words, and the session is given up', async () => {
    const refuse = faulty((it) =>
      PATCH(it) ? { status: 400, body: '{"errors":[{"code":"SIZE_INVALID"}]}' } : undefined,
    );
    const world = await start({ around: compose(refuse, limit(5 * MiB)) });
    await expect(world.client.pushBlob(world.at('a'), digest, body)).rejects.toThrow('SIZE_INVALID');
    expect(world.server.requests.at(-1)?.method).toBe('DELETE');
  });

  test('A5: an upload that is redirected goes there with all its bytes, also where it is too long to be kept in memory', async () => {
    const redirect: Around = (request, answer) => {
      if (request.method !== 'PUT' || request.query.has('moved')) return answer();
      return Promise.resolve({ status: 307, headers: { Location: `${request.path}?${request.query}&moved=1` } });
    };
    const world = await start({ around: redirect });
    expect(await world.client.pushBlob(world.at('a'), digest, body)).toBe('uploaded');
    expect(await holds(world)).toBe(true);
    expect(world.client.traffic.retries).toBe(0);
  });

  test('a long blob whose connection breaks goes on in chunks, so that it need not start again', async () => {
    const long = Buffer.alloc(65 * MiB, 'long');
    const world = await start({ around: once(requestIs('PUT', /uploads/), { cutRequestAfter: 2 * MiB }) });
    expect(await world.client.pushBlob(world.at('a'), sha256(long), bodyFrom(long, MiB))).toBe('uploaded');
    expect(chunksOf(world)).toHaveLength(17);
  });
});

test('P3: a stale location is refused by the registry, and a newest one is always used', async () => {
  const stale = once(PATCH, {
    replace: (reply: RegistryReply) => ({
      ...reply,
      headers: { ...reply.headers, Location: (reply.headers?.['Location'] ?? '').replace(/_state=\d+/, '_state=0') },
    }),
  });
  const world = await start({ around: compose(stale, limit(5 * MiB)) });
  expect(await world.client.pushBlob(world.at('a'), digest, body)).toBe('uploaded');
  expect(chunksOf(world)).toEqual(['202', '404', '202', '202', '202']);
});

describe('pieces', () => {
  test.each([
    [0, 4, []],
    [3, 4, [[0, 3]]],
    [4, 4, [[0, 4]]],
    [
      9,
      4,
      [
        [0, 4],
        [4, 4],
        [8, 1],
      ],
    ],
  ])('%d bytes in pieces of %d', async (size, length, expected) => {
    const bytes = Buffer.from(Array.from({ length: size }, (_, at) => at));
    for (const read of [1, 3, 4, 100]) {
      const pieces = [];
      for await (const it of new Pieces(bodyFrom(bytes, read), length)) pieces.push(it);
      expect(pieces.map((it) => [it.offset, it.bytes.length])).toEqual(expected);
      expect(Buffer.concat(pieces.map((it) => it.bytes))).toEqual(bytes);
    }
  });
});
