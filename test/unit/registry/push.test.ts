import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { RegistryReply } from '../../../shared/demo/registry-replies.ts';
import { userError } from '../../../shared/model/index.ts';
import { compose, type Fault, faulty, immutableTags, once, requestIs, sha256 } from '../../support/registry-faults.ts';
import {
  bodyFrom,
  collect,
  OCI_INDEX,
  pushSample,
  raw,
  sampleImage,
  seen,
  skippingClock,
  worldsOfTests,
} from '../../support/registry-world.ts';

const start = worldsOfTests();
const blob = Buffer.alloc(200_000, 'some bytes');
const digest = sha256(blob);
const body = bodyFrom(blob);
const PUT_BLOB = requestIs('PUT', /uploads/);

describe('blobs', () => {
  test('P1, P2: HEAD, POST, PUT; then it is there, and nothing is sent', async () => {
    const { client, at, server } = await start();
    expect(await client.pushBlob(at('a'), digest, body)).toBe('uploaded');
    expect(await client.pushBlob(at('a'), digest, body)).toBe('present');
    expect(seen(server)).toEqual([
      'HEAD /v2/a/blobs/DIGEST 404',
      'POST /v2/a/blobs/uploads/ 202',
      'PUT /v2/a/blobs/uploads/ID 201',
      'HEAD /v2/a/blobs/DIGEST 200',
    ]);
    expect(server.uploads()).toBe(1);
    expect(client.traffic).toMatchObject({ uploads: 1, uploadedBytes: blob.length, retries: 0 });
  });

  test('an empty blob, and the length that is told beforehand', async () => {
    const lengths: (string | undefined)[] = [];
    const { client, at } = await start({
      around: faulty(
        ({ method, incoming }) => void (method === 'PUT' && lengths.push(incoming.headers['content-length'])),
      ),
    });
    expect(await client.pushBlob(at('a'), sha256(''), bodyFrom(Buffer.alloc(0)))).toBe('uploaded');
    expect(await client.pushBlob(at('a'), digest, body)).toBe('uploaded');
    expect(lengths).toEqual(['0', String(blob.length)]);
  });

  test('P1: 201 on mount: nothing is uploaded', async () => {
    const { client, at, server } = await start();
    await client.pushBlob(at('src'), digest, body);
    expect(await client.pushBlob(at('dst'), digest, body, at('src'))).toBe('mounted');
    expect(server.uploads()).toBe(1);
    expect(await client.hasBlob(at('dst'), digest)).toBe(true);
  });

  test('P1: 202 on mount is a session, and is used', async () => {
    const { client, at, server } = await start();
    expect(await client.pushBlob(at('dst'), digest, body, at('src'))).toBe('uploaded');
    expect(server.requests.filter(({ method }) => method === 'POST').length).toBe(1);
  });

  test('P1: another registry is no source of mounts, and a refused mount is an upload', async () => {
    const refuse = faulty(({ query }) => (query.has('from') ? { status: 403 } : undefined));
    const { client, at, server } = await start({ around: refuse });
    expect(await client.pushBlob(at('a'), digest, body, 'ghcr.io/acme/base')).toBe('uploaded');
    expect(await client.pushBlob(at('b'), digest, body, at('a'))).toBe('uploaded');
    expect(server.requests.filter(({ method, status }) => method === 'POST' && status === 403).length).toBe(1);
  });

  test.each([
    ['relative, with a query', (location: string) => location],
    ['absolute, with a query', (location: string, host: string) => `http://${host}${location}`],
    ['with a query that must stay as it is', (location: string) => `${location}&a=%2F+b%20c&digest-of=x`],
  ])('P2: the location %s', async (_name, change) => {
    const queries: string[] = [];
    const around = faulty(({ method, incoming }) => {
      if (method === 'PUT') queries.push(incoming.url ?? '');
      if (method !== 'POST') return undefined;
      return {
        replace: (reply: RegistryReply) => ({
          ...reply,
          headers: {
            ...reply.headers,
            Location: change(reply.headers?.['Location'] ?? '', incoming.headers.host ?? ''),
          },
        }),
      };
    });
    const { client, at } = await start({ around });
    expect(await client.pushBlob(at('a'), digest, body)).toBe('uploaded');
    expect(queries[0]).toMatch(/\?_state=0&(a=%2F\+b%20c&digest-of=x&)?digest=sha256%3A[0-9a-f]{64}$/);
  });

  test('P2: a location without a query gets one', async () => {
    const around = faulty(({ method, query }) => {
      if (method === 'PUT') query.set('_state', '0');
      return method === 'POST'
        ? {
            replace: (reply: RegistryReply) => ({
              ...reply,
              headers: { ...reply.headers, Location: reply.headers?.['Location']?.split('?')[0] ?? '' },
            }),
          }
        : undefined;
    });
    const { client, at } = await start({ around });
    expect(await client.pushBlob(at('a'), digest, body)).toBe('uploaded');
  });

  test.each<[string, Fault]>([
    ['the connection before the bytes', 'reset'],
    ['the connection at byte 50,000', { cutRequestAfter: 50_000 }],
    ['502 of a proxy', { status: 502, body: '<html>Bad Gateway</html>' }],
    ['429 with Retry-After', { status: 429, headers: { 'Retry-After': '255' } }],
    ['a session that is gone', { status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' }],
    ['a stale session', { status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_INVALID"}]}' }],
    ['an upload that stands elsewhere', { status: 416 }],
  ])('P4: a failure (%s) is followed by a new session with the whole body', async (_name, fault) => {
    const { client, at, server } = await start({ around: once(PUT_BLOB, fault, fault) });
    expect(await client.pushBlob(at('a'), digest, body)).toBe('uploaded');
    expect(server.requests.filter(({ method }) => method === 'POST').length).toBe(3);
    expect(server.requests.filter(({ method }) => method === 'DELETE').length).toBe(2);
    expect(await collect(await client.blob(at('a'), { digest, size: blob.length }))).toEqual(blob);
  });

  test('P4: an answer that is lost is no lost upload: the registry is asked', async () => {
    const { client, at, server } = await start({ around: once(PUT_BLOB, 'lost') });
    expect(await client.pushBlob(at('a'), digest, body)).toBe('uploaded');
    expect(server.requests.filter(({ method }) => method === 'POST').length).toBe(1);
    expect(server.uploads()).toBe(1);
  });

  test('P4: what does not pass ends at once, in words', async () => {
    const { client, at, server } = await start({
      around: once(PUT_BLOB, {
        status: 400,
        body: '{"errors":[{"code":"SIZE_INVALID","message":"too big for this plan"}]}',
      }),
    });
    const push = client.pushBlob(at('a'), digest, body);
    await expect(push).rejects.toMatchObject({ code: 'registry-refused' });
    await expect(push).rejects.toThrow('SIZE_INVALID: too big for this plan');
    expect(server.requests.filter(({ method }) => method === 'POST').length).toBe(1);
  });

  test('the registry that stored other bytes is told', async () => {
    const { client, at } = await start({
      around: once(PUT_BLOB, { change: { 'Docker-Content-Digest': sha256('other') } }),
    });
    await expect(client.pushBlob(at('a'), digest, body)).rejects.toMatchObject({ code: 'image-invalid' });
  });

  test('an upload on another host than TLS or this machine is refused', async () => {
    const { client, at } = await start({
      around: once(requestIs('POST', /./), { status: 202, headers: { Location: 'http://evil.example/u' } }),
    });
    await expect(client.pushBlob(at('a'), digest, body)).rejects.toThrow('evil.example, which is not safe');
  });
});

describe('manifests and tags', () => {
  test('P5: the bytes are stored as they are, under their type; an index before its child is refused', async () => {
    const { client, at } = await start();
    const manifest = await pushSample(client, at('a'), 'x');
    expect((await client.manifest(at('a'), manifest.digest))?.bytes).toEqual(manifest.bytes);
    const missing = { mediaType: manifest.mediaType, digest: sha256('none'), size: 4 };
    const index = raw({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [missing] }, OCI_INDEX);
    const push = client.pushManifest(at('a'), index);
    await expect(push).rejects.toMatchObject({ code: 'registry-refused' });
    await expect(push).rejects.toThrow('MANIFEST_BLOB_UNKNOWN');
  });

  test('P5: an answer with another digest is told, one without is read back', async () => {
    const wrong = await start({
      around: once(requestIs('PUT', /manifests/), { change: { 'Docker-Content-Digest': sha256('other') } }),
    });
    await expect(pushSample(wrong.client, wrong.at('a'), 'x')).rejects.toMatchObject({ code: 'image-invalid' });
    const silent = await start({
      around: faulty(({ method }) =>
        method === 'PUT' ? { change: { 'Docker-Content-Digest': undefined } } : undefined,
      ),
    });
    const manifest = await pushSample(silent.client, silent.at('a'), 'x');
    expect(seen(silent.server).at(-1)).toBe('HEAD /v2/a/manifests/DIGEST 200');
    expect(manifest.digest).toMatch(/^sha256:/);
  });

  test('P7: a registry that shows a manifest late is waited for, within a bound', async () => {
    const hidden = (times: number) =>
      compose(
        once(requestIs('HEAD', /manifests\/sha256/), ...Array.from({ length: times }, () => ({ status: 404 }))),
        faulty(({ method }) => (method === 'PUT' ? { change: { 'Docker-Content-Digest': undefined } } : undefined)),
      );
    const late = await start({ around: hidden(3) });
    await pushSample(late.client, late.at('a'), 'x');
    const never = await start({ around: hidden(99) });
    await expect(pushSample(never.client, never.at('a'), 'x')).rejects.toMatchObject({ code: 'image-invalid' });
  });

  test('P6: each tag is a PUT of its own, with no tags in its query: registries that do not know them ignore them', async () => {
    const { client, at, server } = await start();
    const manifest = await pushSample(client, at('a'), 'x');
    await Promise.all(['v1', 'v1.2', 'latest'].map((tag) => client.tag(at('a'), manifest, tag)));
    expect(await client.tags(at('a'))).toEqual(['latest', 'v1', 'v1.2']);
    const puts = seen(server).filter((it) => it.startsWith('PUT /v2/a/manifests/'));
    expect(puts.slice(1).sort()).toEqual(['latest', 'v1', 'v1.2'].map((tag) => `PUT /v2/a/manifests/${tag} 201`));
  });

  test('E4: nothing is ever deleted but uploads that were given up', async () => {
    const { client, at, server } = await start({ around: once(PUT_BLOB, { status: 502 }) });
    const one = await pushSample(client, at('a'), 'one');
    const two = await pushSample(client, at('a'), 'two');
    for (const it of [one, two, one]) await client.tag(at('a'), it, 'latest');
    const deleted = server.requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
    expect(deleted).toEqual([expect.stringMatching(/^\/v2\/a\/blobs\/uploads\//)]);
    expect(Object.keys(client).filter((it) => /delete|remove/i.test(it))).toEqual([]);
  });

  test('P7: blobs that the registry does not find for a moment: the manifest is sent again, within a bound', async () => {
    const unknown: Fault = {
      status: 400,
      body: '{"errors":[{"code":"DIGEST_INVALID"},{"code":"MANIFEST_BLOB_UNKNOWN"}]}',
    };
    const briefly = await start({ around: once(requestIs('PUT', /manifests\/v1/), unknown, unknown) });
    const manifest = await pushSample(briefly.client, briefly.at('a'), 'x');
    await briefly.client.tag(briefly.at('a'), manifest, 'v1');
    expect(await briefly.client.tags(briefly.at('a'))).toEqual(['v1']);
    const always = await start({ around: faulty((it) => (requestIs('PUT', /manifests/)(it) ? unknown : undefined)) });
    await expect(pushSample(always.client, always.at('a'), 'x')).rejects.toThrow('MANIFEST_BLOB_UNKNOWN');
    expect(seen(always.server).filter((it) => it.startsWith('PUT /v2/a/manifests')).length).toBe(3);
  });

  test('P8: a tag that no registry takes is refused before anything is sent', async () => {
    const { client, at, server } = await start();
    for (const tag of ['', '.x', '-x', 'a/b', 'x'.repeat(129), 'ä', 'a b']) {
      await expect(client.tag(at('a'), sampleImage('x').manifest, tag)).rejects.toMatchObject({
        code: 'input-invalid',
      });
    }
    expect(server.requests).toEqual([]);
  });

  test('a tag is set once, moves, and is not sent when it stands right', async () => {
    const { client, at, server } = await start();
    const one = await pushSample(client, at('a'), 'one');
    const two = await pushSample(client, at('a'), 'two');
    await client.tag(at('a'), one, 'latest');
    const before = server.requests.length;
    await client.tag(at('a'), one, 'latest');
    expect(seen(server).slice(before)).toEqual(['HEAD /v2/a/manifests/latest 200']);
    await client.tag(at('a'), two, 'latest');
    expect((await client.resolve(at('a'), 'latest'))?.digest).toBe(two.digest);
  });

  test.each<[string, Fault]>([
    ['lost', 'lost'],
    ['502 after it was done', { replace: () => ({ status: 502 }) }],
    ['404 after it was done', { replace: () => ({ status: 404 }) }],
  ])('E1, E3: an answer to a tag that says nothing (%s): the tag is read', async (_name, fault) => {
    const { client, at } = await start({
      around: faulty(({ method, path }) => (method === 'PUT' && path.endsWith('/v1') ? fault : undefined)),
    });
    const manifest = await pushSample(client, at('a'), 'x');
    await client.tag(at('a'), manifest, 'v1');
    expect((await client.resolve(at('a'), 'v1'))?.digest).toBe(manifest.digest);
  });

  const refusals = [
    [
      'ECR',
      400,
      'TAG_INVALID',
      "tag invalid: The image tag 'v1' already exists in the 'a' repository and cannot be overwritten because the repository is immutable.",
    ],
    ['GAR', 409, 'FAILED_PRECONDITION', 'tag is immutable'],
    ['ACR', 405, 'UNSUPPORTED', 'The operation is disallowed on this registry, repository or image: locked'],
    ['Quay', 409, 'TAG_IMMUTABLE', 'tag is immutable'],
    ['Harbor', 412, 'PRECONDITION', 'Failed to process request due to v1 configured as immutable.'],
    ['Nexus', 400, 'DENIED', 'Repository does not allow updating assets; redeploy'],
  ] as const;
  test.each(refusals)(
    'E3: an immutable tag of %s (%d) is a conflict that names both digests',
    async (_name, status, code, message) => {
      const { client, at } = await start({ around: immutableTags({ status, code, message }) });
      const one = await pushSample(client, at('a'), 'one');
      const two = await pushSample(client, at('a'), 'two');
      await client.tag(at('a'), one, 'v1');
      const conflict = client.tag(at('a'), two, 'v1');
      await expect(conflict).rejects.toMatchObject({ code: 'tag-conflict' });
      await expect(conflict).rejects.toThrow(one.digest);
      await expect(conflict).rejects.toThrow(two.digest);
    },
  );

  test('E3: an immutable tag that another run has just set to the same digest is a success', async () => {
    const late = once(requestIs('HEAD', /manifests\/v1$/), { status: 404 });
    const { client, at } = await start({
      around: compose(late, immutableTags({ status: 400, code: 'TAG_INVALID', message: 'immutable' })),
    });
    const one = await pushSample(client, at('a'), 'one');
    await client.tag(at('a'), one, 'v1');
    await client.tag(at('a'), one, 'v1');
  });

  test('E3: a tag that stands elsewhere does not make a conflict of every refusal', async () => {
    for (const fault of [{ status: 413 }, { status: 400, body: '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}' }]) {
      const moving = faulty(({ method, path }) =>
        method === 'PUT' && path.endsWith('/v1') && armed ? fault : undefined,
      );
      let armed = false;
      const { client, at } = await start({ around: moving });
      const [one, two] = [await pushSample(client, at('a'), 'one'), await pushSample(client, at('a'), 'two')];
      await client.tag(at('a'), one, 'v1');
      armed = true;
      await expect(client.tag(at('a'), two, 'v1')).rejects.toMatchObject({ code: 'registry-refused' });
    }
  });

  test('E3: no rights to write is no conflict, and a refusal without a tag stays what it was', async () => {
    const { client, at } = await start({
      around: faulty(({ method, path }) =>
        method === 'PUT' && /\/v[12]$/.test(path) ? { status: path.endsWith('v1') ? 403 : 400 } : undefined,
      ),
    });
    const one = await pushSample(client, at('a'), 'one');
    await expect(client.tag(at('a'), one, 'v1')).rejects.toMatchObject({ code: 'registry-denied' });
    await expect(client.tag(at('a'), one, 'v2')).rejects.toMatchObject({ code: 'registry-refused' });
  });
});

describe('E1: patience that a registry asks for', () => {
  const DATE = new Date(Date.UTC(2026, 0, 1, 0, 0, 30)).toUTCString();
  test.each([
    ['0', 0],
    ['1', 1_000],
    ['255', 60_000],
    ['256', 60_000],
    ['3600', 60_000],
    [DATE, 30_000],
    ['soon', 0],
  ])('429 with `Retry-After: %s` at every step', async (header, least) => {
    const busy: Fault = { status: 429, headers: { 'Retry-After': header } };
    const steps = [
      requestIs('HEAD', /blobs/),
      requestIs('POST', /uploads/),
      PUT_BLOB,
      requestIs('PUT', /manifests\/sha256/),
      requestIs('HEAD', /manifests\/v1/),
      requestIs('PUT', /manifests\/v1/),
    ];
    for (const step of steps) {
      const { client, at, clock } = await start({ around: once(step, busy) });
      const manifest = await pushSample(client, at('a'), 'x');
      await client.tag(at('a'), manifest, 'v1');
      expect(client.traffic.retries).toBe(1);
      expect(clock.slept).toEqual([Math.max(least, 375)]);
    }
  });
});

describe('E2: texts of errors', () => {
  const told = async (fault: Fault) => {
    const { client, at, server } = await start({ around: once(requestIs('GET', /manifests/), fault) });
    const error = await client.manifest(at('a'), 'v1').catch((it: unknown) => it);
    return String(error).replaceAll(server.host, 'HOST');
  };
  test('a page of a proxy becomes one readable line', async () => {
    const page = `<html><style>x{}</style><body>\n<h1>Access   denied</h1>${'<p>words</p>'.repeat(500)}</body></html>`;
    const text = await told({ status: 418, body: page });
    expect(text).toMatch(
      /GET http:\/\/HOST\/v2\/a\/manifests\/v1 was answered with 418 I'm a Teapot: Access denied words words/,
    );
    expect(text.length).toBeLessThan(700);
  });
  test('several errors, odd errors and no body', async () => {
    expect(await told({ status: 400, body: '{"errors":[{"code":"A","message":"one"},{"code":"B"},null]}' })).toContain(
      '400 Bad Request: A: one; B.',
    );
    expect(await told({ status: 400, body: '{"message":"just this"}' })).toContain('400 Bad Request: just this.');
    expect(await told({ status: 400 })).toContain('was answered with 400 Bad Request.');
    expect(await told({ status: 400, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' })).toContain(
      'Create the repository',
    );
  });
  test('tokens that a registry repeats are masked', async () => {
    expect(await told({ status: 400, body: 'bad token ghp_0123456789abcdefghij0123456789' })).not.toContain('ghp_01');
  });
});

describe('E1: what does not pass on the way there', () => {
  test('a name that is not known, at once and in words', async () => {
    const { open, clock } = await start();
    const unknown = () =>
      Promise.reject(
        new TypeError('fetch failed', {
          cause: Object.assign(new Error('getaddrinfo ENOTFOUND no.example'), { code: 'ENOTFOUND' }),
        }),
      );
    const client = open({ fetch: unknown });
    const error = client.resolve('no.example/a', 'x');
    await expect(error).rejects.toMatchObject({ code: 'registry-unavailable' });
    await expect(error).rejects.toThrow(
      'HEAD https://no.example/v2/a/manifests/x failed: getaddrinfo ENOTFOUND no.example',
    );
    expect(clock.slept).toEqual([]);
  });

  test('an error of the body is the error of the upload', async () => {
    const { client, at } = await start();
    const broken = { size: 3, open: () => Readable.from(failing()) };
    await expect(client.pushBlob(at('a'), digest, broken)).rejects.toThrow('the base is gone');
  });
  function* failing(): Generator<Uint8Array> {
    yield Buffer.from('a');
    throw userError('image-not-found', 'the base is gone.');
  }
});

test('P8: names of repositories are checked and put in lower case on the way', async () => {
  const { client, at, server } = await start({ clock: skippingClock() });
  await pushSample(client, at('Acme/Shop'), 'x');
  expect(new Set(server.requests.map(({ path }) => path.split('/')[2]))).toEqual(new Set(['acme']));
  await expect(client.tags(at('a//b'))).rejects.toMatchObject({ code: 'config-invalid' });
});
