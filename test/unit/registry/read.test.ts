import { describe, expect, test } from '@jest/globals';
import type { Around } from '../../../shared/demo/registry.ts';
import type { RegistryReply } from '../../../shared/demo/registry-replies.ts';
import { LONGEST_MANIFEST } from '../../../shared/io/registry/manifests.ts';
import { PAGES } from '../../../shared/io/registry/pages.ts';
import { type Fault, faulty, once, requestIs, sha256 } from '../../support/registry-faults.ts';
import {
  bodyFrom,
  collect,
  OCI_INDEX,
  OCI_MANIFEST,
  pushSample,
  raw,
  sampleImage,
  seen,
  type World,
  worldsOfTests,
} from '../../support/registry-world.ts';

const start = worldsOfTests();

const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

describe('manifests', () => {
  test.each([OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST])(
    'R1: %s is accepted and read',
    async (mediaType) => {
      const { client, at } = await start();
      const manifest = raw({ schemaVersion: 2, mediaType, manifests: [], layers: [] }, mediaType);
      await client.pushManifest(at('a'), manifest);
      await client.tag(at('a'), manifest, 'v1');
      expect(await client.resolve(at('a'), 'v1')).toEqual({
        mediaType,
        digest: manifest.digest,
        size: manifest.bytes.length,
      });
      expect((await client.manifest(at('a'), manifest.digest))?.bytes).toEqual(manifest.bytes);
    },
  );

  test('R1: the server answers 404 for what was not accepted, so that the header is proven to matter', async () => {
    const { client, server, at } = await start();
    const { digest } = await pushSample(client, at('a'), 'x');
    const url = `http://${server.host}/v2/a/manifests/${digest}`;
    expect((await fetch(url, { headers: { Accept: DOCKER_MANIFEST } })).status).toBe(404);
    expect((await fetch(url, { headers: { Accept: `text/plain, ${OCI_MANIFEST};q=0.5` } })).status).toBe(200);
  });

  test.each<[string, Fault]>([
    ['no digest header', { change: { 'Docker-Content-Digest': undefined } }],
    ['no length', { change: { 'Content-Length': undefined } }],
    ['no HEAD', { status: 405 }],
    ['another type than a manifest', { change: { 'Content-Type': 'text/html' } }],
  ])('R2: HEAD with %s: the bytes of GET tell', async (_name, fault) => {
    const { client, at, server } = await start({
      around: faulty((request) =>
        request.method === 'HEAD' && request.path.includes('/manifests/') ? fault : undefined,
      ),
    });
    const { digest, bytes } = await pushSample(client, at('a'), 'x');
    expect(await client.resolve(at('a'), digest)).toEqual({ mediaType: OCI_MANIFEST, digest, size: bytes.length });
    expect(seen(server).slice(-2)).toEqual([
      `HEAD /v2/a/manifests/DIGEST ${'status' in Object(fault) ? 405 : 200}`,
      'GET /v2/a/manifests/DIGEST 200',
    ]);
  });

  test.each<[string, Fault]>([
    [
      'other bytes than were asked for',
      {
        replace: (reply: RegistryReply) => ({
          ...reply,
          headers: { 'Content-Type': OCI_MANIFEST },
          body: `{"mediaType":"${OCI_MANIFEST}"}`,
        }),
      },
    ],
    ['a header that names another digest', { change: { 'Docker-Content-Digest': sha256('other') } }],
    ['a type that is not its own', { change: { 'Content-Type': DOCKER_MANIFEST } }],
    ['schema 1', { change: { 'Content-Type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' } }],
    ['a page of a proxy', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>login</html>' }],
  ])('R3: GET with %s is no image', async (_name, fault) => {
    const { client, at } = await start({ around: once(requestIs('GET', /manifests/), fault) });
    const { digest } = await pushSample(client, at('a'), 'x');
    await expect(client.manifest(at('a'), digest)).rejects.toMatchObject({ code: 'image-invalid' });
  });

  test('R3: HEAD that names another digest than was asked for is no image', async () => {
    const { client, at } = await start({
      around: once(requestIs('HEAD', /manifests/), { change: { 'Docker-Content-Digest': sha256('other') } }),
    });
    const { digest } = await pushSample(client, at('a'), 'x');
    await expect(client.resolve(at('a'), digest)).rejects.toMatchObject({ code: 'image-invalid' });
  });

  test('R3: parameters of the type do not count, and a manifest need not name its type', async () => {
    const { client, at } = await start({
      around: faulty(({ method }) =>
        method === 'GET' ? { change: { 'Content-Type': `${OCI_MANIFEST}; charset=utf-8` } } : undefined,
      ),
    });
    const manifest = raw({ schemaVersion: 2, layers: [] });
    await client.pushManifest(at('a'), manifest);
    expect((await client.manifest(at('a'), manifest.digest))?.mediaType).toBe(OCI_MANIFEST);
  });

  test('R5: a manifest of 4 MB is read; one without end is not', async () => {
    const big = raw(
      { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], annotations: { x: 'y'.repeat(4_000_000) } },
      OCI_INDEX,
    );
    const endless: Fault = {
      replace: (reply: RegistryReply) => ({
        ...reply,
        headers: { 'Content-Type': OCI_INDEX },
        body: ' '.repeat(LONGEST_MANIFEST + 1),
      }),
    };
    const { client, at } = await start({ around: once(requestIs('GET', /endless/), endless) });
    await client.pushManifest(at('a'), big);
    expect((await client.manifest(at('a'), big.digest))?.bytes.length).toBe(big.bytes.length);
    await client.pushManifest(at('endless'), big);
    await expect(client.manifest(at('endless'), big.digest)).rejects.toMatchObject({ code: 'image-invalid' });
  });

  test('E1: a connection that breaks in the middle of a manifest or a list: it is asked for again', async () => {
    const { client, at } = await start({ around: once(({ method }) => method === 'GET', { cutReplyAfter: 9 }) });
    const manifest = await pushSample(client, at('a'), 'x');
    expect((await client.manifest(at('a'), manifest.digest))?.bytes).toEqual(manifest.bytes);
    expect(client.traffic.retries).toBe(1);
    const list = await start({ around: once(({ method }) => method === 'GET', { cutReplyAfter: 9 }) });
    await list.client.tag(list.at('a'), await pushSample(list.client, list.at('a'), 'x'), 'v1');
    expect(await list.client.tags(list.at('a'))).toEqual(['v1']);
    expect(list.client.traffic.retries).toBe(1);
  });

  test('R5: 413 is told in words', async () => {
    const { client, at } = await start({
      around: once(requestIs('PUT', /manifests/), {
        status: 413,
        body: '<html><head><title>413 Request Entity Too Large</title></head></html>',
      }),
    });
    const push = pushSample(client, at('a'), 'x');
    await expect(push).rejects.toMatchObject({ code: 'registry-refused' });
    await expect(push).rejects.toThrow(/413.*Request Entity Too Large.*takes no upload of this size/);
  });
});

describe('R4: tags', () => {
  const tagged = async (world: World, ...tags: readonly string[]) => {
    const manifest = await pushSample(world.client, world.at('a'), 'x');
    for (const tag of tags) await world.client.tag(world.at('a'), manifest, tag);
  };

  test('all of them, sorted, on one page', async () => {
    const world = await start();
    await tagged(world, 'v2', 'v10', 'latest');
    expect(await world.client.tags(world.at('a'))).toEqual(['latest', 'v10', 'v2']);
    expect(await world.client.tags(world.at('nothing'))).toEqual([]);
  });

  test('pages are followed by Link, relative, absolute, quoted or not, whatever the order', async () => {
    let host = '';
    const pages: Record<string, Fault> = {
      '': { status: 200, headers: { Link: '</v2/a/tags/list?p=2>; rel="next"' }, body: '{"tags":["z","a"]}' },
      '2': { status: 200, headers: {}, body: '{"tags":["m"]}' },
      '3': {
        status: 200,
        headers: { Link: '<list?p=4>; rel="prev", <list?p=5>;title=x;rel=next' },
        body: '{"tags":null}',
      },
      '5': { status: 200, body: '{"name":"a","tags":["b","a"]}' },
    };
    const world = await start({
      around: faulty(({ path, query }) => {
        if (!path.endsWith('/tags/list')) return undefined;
        const page = query.get('p') ?? '';
        const fault = pages[page];
        return page === '2' && typeof fault === 'object'
          ? { ...fault, headers: { Link: `<http://${host}/v2/a/tags/list?p=3>; rel=next` }, status: 200 }
          : fault;
      }),
    });
    host = world.server.host;
    expect(await world.client.tags(world.at('a'))).toEqual(['a', 'b', 'm', 'z']);
  });

  test('the pages of the real server', async () => {
    const world = await start({
      around: (request, answer) => {
        if (request.path.endsWith('/tags/list')) request.query.set('n', '2');
        return answer();
      },
    });
    await tagged(world, 'a', 'b', 'c', 'd', 'e');
    expect(await world.client.tags(world.at('a'))).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(world.server.requests.filter(({ path }) => path.endsWith('/tags/list')).length).toBe(3);
  });

  test('a circle of pages ends; another host is not followed; no list is an error', async () => {
    const world = await start({
      around: faulty(({ path }) => {
        if (path === '/v2/circle/tags/list')
          return { status: 200, headers: { Link: '<list?p=1>; rel=next' }, body: '{"tags":["a"]}' };
        if (path === '/v2/away/tags/list')
          return { status: 200, headers: { Link: '<https://evil.example/>; rel=next' }, body: '{"tags":["a"]}' };
        return { status: 200, body: 'no json' };
      }),
    });
    await expect(world.client.tags(world.at('circle'))).rejects.toThrow(`more than ${PAGES} pages`);
    expect(await world.client.tags(world.at('away'))).toEqual(['a']);
    await expect(world.client.tags(world.at('b'))).rejects.toMatchObject({ code: 'image-invalid' });
  });
});

describe('blobs', () => {
  const blob = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 31) % 251));
  const descriptor = { digest: sha256(blob), size: blob.length };
  const holding = async (around?: Around) => {
    const world = await start(around ? { around } : {});
    await world.client.pushBlob(world.at('a'), descriptor.digest, bodyFrom(blob));
    return world;
  };

  test('stream as they are, and are hashed', async () => {
    const { client, at } = await holding();
    expect(await collect(await client.blob(at('a'), descriptor))).toEqual(blob);
    await expect(client.blob(at('a'), { digest: sha256('missing'), size: 1 })).rejects.toMatchObject({
      code: 'image-not-found',
    });
  });

  test('R3: other bytes, fewer or more fail at the end', async () => {
    for (const body of [Buffer.from(blob).fill(0, 100, 101), blob.subarray(1), Buffer.concat([blob, blob])]) {
      const { client, at } = await holding(
        once(requestIs('GET', /blobs/), { replace: () => ({ status: 200, body: bodyFrom(body).open() }) }),
      );
      await expect(client.blob(at('a'), descriptor).then(collect)).rejects.toMatchObject({ code: 'image-invalid' });
    }
  });

  test('E1: a connection that breaks in the middle goes on where it broke, each byte once', async () => {
    const cuts = [70_000, 10, 150_000, 0].map((bytes): Fault => ({ cutReplyAfter: bytes }));
    const { client, at } = await holding(once(requestIs('GET', /blobs/), ...cuts));
    expect(await collect(await client.blob(at('a'), descriptor))).toEqual(blob);
    expect(client.traffic.retries).toBe(4);
  });

  test('E1: one that always breaks ends as unavailable', async () => {
    const { client, at } = await holding(
      faulty(({ method, path }) => (method === 'GET' && path.includes('blobs') ? { cutReplyAfter: 9 } : undefined)),
    );
    await expect(client.blob(at('a'), descriptor).then(collect)).rejects.toMatchObject({
      code: 'registry-unavailable',
    });
  });
});

test('P10: a warning of the registry is passed on once', async () => {
  const { client, at, warnings } = await start({
    around: faulty(() => ({ change: { Warning: '299 - "Your certificate expires"' } })),
  });
  await client.hasBlob(at('a'), sampleImage('x').manifest.digest);
  await client.hasBlob(at('a'), sampleImage('x').manifest.digest);
  expect(warnings).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+ says: Your certificate expires$/)]);
});
