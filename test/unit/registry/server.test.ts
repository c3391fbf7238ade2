import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type RunningRegistry, startRegistry } from '../../../shared/demo/registry.ts';
import { sha256 } from '../../support/registry-faults.ts';
import { OCI_INDEX, OCI_MANIFEST, sampleImage } from '../../support/registry-world.ts';

let directory: string;
let server: RunningRegistry;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-server-'));
  server = await startRegistry({ directory });
});
afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

const send = async (method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}) => {
  const url = path.startsWith('http') ? path : `http://${server.host}${path}`;
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const open = async () => (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? '';
const upload = async (bytes: string | Buffer, path = 'a') => {
  const location = (await send('POST', `/v2/${path}/blobs/uploads/`)).headers.get('location');
  return send('PUT', `${location}&digest=${sha256(bytes)}`, bytes);
};
const putSample = async (reference: string) => {
  const { blobs, manifest } = sampleImage('x');
  for (const blob of blobs) await upload(blob);
  const answer = await send('PUT', `/v2/a/manifests/${reference}`, Buffer.from(manifest.bytes), {
    'Content-Type': OCI_MANIFEST,
  });
  return { answer, digest: manifest.digest };
};

describe('the registry of the demonstration', () => {
  test('keeps everything in its folder, and can be started again on it', async () => {
    const { answer, digest } = await putSample('v1');
    expect(answer.status).toBe(201);
    expect(answer.headers.get('docker-content-digest')).toBe(digest);
    await server.close();
    server = await startRegistry({ directory });
    const got = await send('GET', '/v2/a/manifests/v1', undefined, { Accept: OCI_MANIFEST });
    expect(sha256(got.text)).toBe(digest);
    expect(got.headers.get('content-type')).toBe(OCI_MANIFEST);
    expect(server.uploads()).toBe(0);
  });

  test('P3: takes chunks in order, at the newest location only', async () => {
    const first = await open();
    const second = await send('PATCH', first, 'abc', { 'Content-Range': '0-2' });
    expect(second.status).toBe(202);
    expect(second.headers.get('range')).toBe('0-2');
    const stale = await send('PATCH', first, 'def');
    expect(stale.status).toBe(404);
    expect(stale.text).toContain('BLOB_UPLOAD_INVALID');
    const newest = second.headers.get('location') ?? '';
    expect((await send('PATCH', newest, 'def', { 'Content-Range': '7-9' })).status).toBe(416);
    const third = await send('PATCH', newest, 'def', { 'Content-Range': '3-5' });
    const done = await send('PUT', `${third.headers.get('location')}&digest=${sha256('abcdef')}`);
    expect(done.status).toBe(201);
    expect((await send('GET', `/v2/a/blobs/${sha256('abcdef')}`)).text).toBe('abcdef');
  });

  test('a blob of another digest is refused, and its session is over', async () => {
    const location = await open();
    const wrong = await send('PUT', `${location}&digest=${sha256('x')}`, 'y');
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('DIGEST_INVALID');
    expect((await send('GET', location)).status).toBe(404);
    expect(server.uploads()).toBe(0);
  });

  test('a session can be given up', async () => {
    const location = await open();
    expect((await send('DELETE', location)).status).toBe(204);
    expect((await send('PUT', `${location}&digest=${sha256('')}`)).status).toBe(404);
  });

  test('blobs belong to a repository; a mount lends them', async () => {
    await upload('x', 'a');
    expect((await send('HEAD', `/v2/b/blobs/${sha256('x')}`)).status).toBe(404);
    expect((await send('POST', `/v2/b/blobs/uploads/?mount=${sha256('x')}&from=c`)).status).toBe(202);
    expect((await send('POST', `/v2/b/blobs/uploads/?mount=${sha256('x')}&from=a`)).status).toBe(201);
    expect((await send('HEAD', `/v2/b/blobs/${sha256('x')}`)).status).toBe(200);
  });

  test.each([
    [
      'of a blob that is not there',
      { config: { digest: sha256('none') }, layers: [] },
      OCI_MANIFEST,
      'MANIFEST_BLOB_UNKNOWN',
    ],
    ['of a child that is not there', { manifests: [{ digest: sha256('none') }] }, OCI_INDEX, 'MANIFEST_BLOB_UNKNOWN'],
    ['under another type than its own', { mediaType: OCI_INDEX, manifests: [] }, OCI_MANIFEST, 'MANIFEST_INVALID'],
  ])('a manifest %s is refused', async (_name, manifest, type, code) => {
    const answer = await send('PUT', '/v2/a/manifests/v1', JSON.stringify(manifest), { 'Content-Type': type });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(code);
  });

  test('a manifest under another digest than its own, and one without end', async () => {
    const put = (body: string) =>
      send('PUT', `/v2/a/manifests/${sha256('other')}`, body, { 'Content-Type': OCI_INDEX });
    expect((await put('{"manifests":[]}')).text).toContain('DIGEST_INVALID');
    expect((await put(`{"x":"${'y'.repeat(4 * 1024 * 1024)}"}`)).status).toBe(413);
  });

  test('E4: deleting by digest takes every tag of it; by tag it is refused', async () => {
    const { digest } = await putSample('v1');
    await putSample('v2');
    expect((await send('DELETE', '/v2/a/manifests/v1')).status).toBe(400);
    expect((await send('DELETE', `/v2/a/manifests/${digest}`)).status).toBe(202);
    expect((await send('GET', '/v2/a/tags/list')).status).toBe(404);
  });

  test('names and tags that cannot be are refused, and so is a way out of the folder', async () => {
    for (const path of ['/v2/A/tags/list', '/v2/a//b/tags/list', '/v2/_blobs/tags/list', '/v2/a/%2e%2e/tags/list']) {
      expect([path, (await send('GET', path)).status]).toEqual([path, 400]);
    }
    expect((await send('GET', '/v2/a/manifests/..%2f..%2fx')).status).toBe(400);
    expect((await send('GET', '/v2/')).status).toBe(200);
    expect((await send('PATCH', '/v2/a/manifests/v1')).status).toBeGreaterThanOrEqual(400);
  });

  test('listens on loopback only, and remembers what it was asked', () => {
    expect(server.host).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(server.requests).toEqual([]);
  });
});
