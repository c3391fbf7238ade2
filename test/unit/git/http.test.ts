import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openCheckout, openStreamStore } from '../../../shared/io/git/index.ts';
import { BARE_ENVIRONMENT, Sandbox } from './support.ts';

const TOKEN = 'ghs_0123456789abcdefghijABCDEFGHIJ';
const BASIC = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
const REF = 'refs/slipway/v1/production/checkout';
const change = { parent: undefined, files: { 'event.json': '1' }, message: 'one', date: '2026-11-24T12:00:00Z' };

const box = new Sandbox();
afterAll(() => box.remove());

let server: Server;
let url: string;
let authorizations: (string | undefined)[];
/** What the server answers instead, one status a request. */
let troubles: number[];

beforeEach(async () => {
  authorizations = [];
  troubles = [];
  server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    const trouble = troubles.shift();
    if (trouble !== undefined) response.writeHead(trouble).end('trouble');
    else backend(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** Git's own CGI program (git-http-backend(1)) behind a server of Node. */
function backend(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', url);
  const child = spawn('git', ['http-backend'], {
    env: {
      ...BARE_ENVIRONMENT,
      GIT_PROJECT_ROOT: box.root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      REMOTE_USER: 'ann',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf('\r\n\r\n');
    const lines = output.toString('latin1', 0, end).split('\r\n');
    const headers = lines.map((line) => line.split(': ')).map(([key = '', value = '']) => [key, value] as const);
    const status = Number(headers.find(([key]) => key === 'Status')?.[1].slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(headers)).end(output.subarray(end + 4));
  });
  request.pipe(child.stdin);
}

/** A program `git` that writes down its arguments, then does its work. */
function recordingGit(): { readonly environment: Record<string, string>; readonly arguments: () => string } {
  const folder = box.path('bin');
  const log = box.path('arguments');
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/git`, `#!/bin/sh\nprintf '%s\\n' "$*" >> ${log}\nexec ${real} "$@"\n`);
  chmodSync(`${folder}/git`, 0o755);
  return {
    environment: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, 'INPUT_GITHUB-TOKEN': TOKEN },
    arguments: () => readFileSync(log, 'utf8'),
  };
}

function remoteRepository(name: string): string {
  box.git(box.bare(name), 'config', 'http.receivepack', 'true');
  return `${url}/${name}`;
}

function ledger(remote: string, environment: Record<string, string | undefined> = BARE_ENVIRONMENT) {
  const waits: number[] = [];
  const clock = { now: () => 0, sleep: (ms: number) => Promise.resolve(void waits.push(ms)) };
  const options = { ...box.options({ token: TOKEN, serverUrl: url, environment }), clock, random: () => 0.5 };
  return { store: openStreamStore(remote, options), waits };
}

describe('a token', () => {
  test('reaches its server as a header, and stands in no argument and no file', async () => {
    const git = recordingGit();
    const remote = remoteRepository('token');
    const { store } = ledger(remote, git.environment);
    expect((await store.append(REF, change)).kind).toBe('appended');
    expect([...(await store.tips(['refs/slipway/'])).keys()]).toEqual([REF]);
    expect(new Set(authorizations)).toEqual(new Set([`basic ${BASIC}`]));
    expect(git.arguments()).toContain('push');
    expect(git.arguments()).not.toMatch(new RegExp(`${TOKEN}|${BASIC}`));
    expect(() => execFileSync('grep', ['-rlE', `${TOKEN}|${BASIC}`, box.root])).toThrow();
  });

  test('does not reach another server', async () => {
    const remote = remoteRepository('other-server');
    const options = { ...box.options({ token: TOKEN }), clock: { now: () => 0, sleep: () => Promise.resolve() } };
    await openStreamStore(remote, { ...options, random: () => 0 }).append(REF, change);
    expect(new Set(authorizations)).toEqual(new Set([undefined]));
  });

  test('replaces the header that the checkout keeps, and that one serves where no token is given', async () => {
    const remote = remoteRepository('header');
    const source = await box.repository('header-source');
    const first = await box.commit(source, { a: '1' });
    await box.commit(source, { a: '2' });
    box.git(source, 'push', '--quiet', box.path('header'), 'main');
    box.git(box.path('header'), 'config', 'uploadpack.allowFilter', 'true');
    const clone = box.clone(box.path('header'), 'header-clone', '--depth=1');
    box.git(clone, 'remote', 'set-url', 'origin', remote);
    box.git(clone, 'config', `http.${url}/.extraheader`, 'AUTHORIZATION: basic a2VwdA==');
    authorizations = [];
    expect(await (await openCheckout(clone, box.options())).obtain(first)).toBe(true);
    expect(new Set(authorizations)).toEqual(new Set(['basic a2VwdA==']));
    authorizations = [];
    const withToken = await openCheckout(clone, box.options({ token: TOKEN, serverUrl: url }));
    expect(await withToken.obtain(first)).toBe(true);
    expect(new Set(authorizations)).toEqual(new Set([`basic ${BASIC}`]));
  });
});

describe('a server in trouble', () => {
  test('503 and 429 are waited for', async () => {
    const { store, waits } = ledger(remoteRepository('busy'));
    troubles = [503];
    expect((await store.tips(['refs/slipway/'])).size).toBe(0);
    expect(waits).toEqual([300]);
    troubles = [429];
    expect((await store.append(REF, change)).kind).toBe('appended');
  });

  test('403 is told at once, with the permission that is missing', async () => {
    const { store, waits } = ledger(remoteRepository('forbidden'));
    troubles = [403, 403];
    await expect(store.append(REF, change)).rejects.toMatchObject({
      code: 'ledger-unavailable',
      message: expect.stringMatching(/403.*`contents: write`/s),
    });
    expect(waits).toEqual([]);
  });

  test('a server that is gone is given up after a bounded number of tries', async () => {
    const { store, waits } = ledger('http://127.0.0.1:9/acme/shop');
    await expect(store.tips([REF])).rejects.toMatchObject({ code: 'ledger-unavailable' });
    expect(waits).toEqual([300, 600, 1200]);
  });

  test('credentials in the URL are shown nowhere', async () => {
    const remote = url.replace('http://', 'http://ann:pass1word@');
    const { store } = ledger(`${remote}/nothing`);
    expect(store.name).toBe(`${url}/nothing`);
    const failure = await store.tips([REF]).catch((thrown: unknown) => String(thrown));
    expect(failure).toContain('ledger-unavailable');
    expect(failure).not.toContain('pass1word');
  });
});
