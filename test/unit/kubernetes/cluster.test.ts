import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Cluster, openCluster } from '../../../shared/io/kubernetes/index.ts';
import { FakeApi } from '../../support/kubernetes/fake-api.ts';
import { fast } from '../targets/kubernetes/place.ts';

const THING = '/api/v1/namespaces/shop/configmaps/thing';
let api: FakeApi;
let folder: string;
let learned: string[];
beforeEach(async () => {
  api = await FakeApi.start();
  api.put(THING, { data: { a: '1' } });
  folder = mkdtempSync(join(tmpdir(), 'slipway-cluster-'));
  learned = [];
});
afterEach(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});

function open(user?: object, more: { cluster?: object; env?: Record<string, string> } = {}): Promise<Cluster> {
  const config = JSON.parse(api.kubeconfig(user));
  Object.assign(config.clusters[0].cluster, more.cluster);
  writeFileSync(join(folder, 'config'), JSON.stringify(config));
  const deps = { clock: fast, random: Math.random, learn: (secret: string) => learned.push(secret) };
  const env = { PATH: process.env['PATH'], 'INPUT_GITHUB-TOKEN': 'of-the-action', ...more.env };
  return openCluster({ kubeconfig: join(folder, 'config'), context: undefined }, { ...deps, env });
}

/** A credential plugin that counts its calls and writes down its environment. */
function plugin(status: object, version = 'v1'): object {
  const path = join(folder, 'plugin');
  const apiVersion = `client.authentication.k8s.io/${version}`;
  const answer = JSON.stringify({ kind: 'ExecCredential', apiVersion, status }).replace('"N"', '"token-$n"');
  const count = `n=$(cat ${folder}/count 2>/dev/null || echo 0); n=$((n+1)); echo $n > ${folder}/count`;
  writeFileSync(path, `#!/bin/sh\n${count}\nenv > ${folder}/env\ncat <<END\n${answer}\nEND\n`);
  chmodSync(path, 0o755);
  return { exec: { apiVersion, command: path, env: [{ name: 'REGION', value: 'eu' }] } };
}
const asked = () => Number(readFileSync(join(folder, 'count'), 'utf8'));

describe('who one is', () => {
  test.each([
    ['a token', { token: 'abc' }, 'Bearer abc'],
    ['a name and a password', { username: 'me', password: 'pw' }, `Basic ${Buffer.from('me:pw').toString('base64')}`],
    ['nobody', {}, undefined],
  ])('%s', async (_what, user, authorization) => {
    await (await open(user)).call(THING);
    expect(api.seen[0]?.authorization).toBe(authorization);
  });

  test('a token file is read anew when it was renewed', async () => {
    writeFileSync(join(folder, 'token'), 'one\n');
    const cluster = await open({ tokenFile: 'token' });
    await cluster.call(THING);
    writeFileSync(join(folder, 'token'), 'two\n');
    await cluster.call(THING);
    expect(api.seen.map((it) => it.authorization)).toEqual(['Bearer one', 'Bearer two']);
  });

  test.each(['v1', 'v1beta1'])(
    'a plugin of %s is asked once, and told who asks; its token becomes a secret',
    async (version) => {
      const cluster = await open(plugin({ token: 'N' }, version));
      await cluster.call(THING);
      await cluster.call(THING);
      expect(asked()).toBe(1);
      expect(api.seen[0]?.authorization).toBe('Bearer token-1');
      expect(learned).toContain('token-1');
      const env = readFileSync(join(folder, 'env'), 'utf8');
      expect(env).toMatch(/^REGION=eu$/m);
      expect(env).toMatch(new RegExp(`^KUBERNETES_EXEC_INFO=.*client.authentication.k8s.io/${version}"`, 'm'));
      expect(env).not.toContain('of-the-action');
    },
  );

  test('a plugin is asked again when its token runs out', async () => {
    const cluster = await open(plugin({ token: 'N', expirationTimestamp: new Date(Date.now() + 5_000).toISOString() }));
    await cluster.call(THING);
    await cluster.call(THING);
    expect(api.seen.map((it) => it.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('F27: and once more when the cluster does not know it any more, but not for ever', async () => {
    const cluster = await open(plugin({ token: 'N' }));
    api.fault = ({ authorization }) => (authorization === 'Bearer token-1' ? { status: 401 } : undefined);
    expect(await cluster.call(THING)).toMatchObject({ data: { a: '1' } });
    api.fault = () => ({ status: 401 });
    await expect(cluster.call(THING)).rejects.toMatchObject({ code: 'target-denied' });
    expect(asked()).toBe(3);
  });

  test.each([
    [
      'is not installed',
      {
        exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-plugin', installHint: 'Get it at x.' },
      },
      /not installed here.*Get it at x\./,
    ],
    [
      'is of a withdrawn version',
      { exec: { apiVersion: 'client.authentication.k8s.io/v1alpha1', command: 'sh' } },
      /withdrawn/,
    ],
    [
      'refuses',
      {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'sh',
          args: ['-c', 'echo no login >&2; exit 3'],
        },
      },
      /no login/,
    ],
    [
      'prints something else',
      { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'echo', args: ['hello'] } },
      /printed no ExecCredential/,
    ],
  ])('a plugin that %s is told', async (_what, user, message) => {
    const cluster = await open(user);
    await expect(cluster.call(THING)).rejects.toMatchObject({ message: expect.stringMatching(message) });
    expect(api.seen).toEqual([]);
  });
});

describe('what goes wrong', () => {
  test.each([
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '1' } }],
    ['500', { status: 500 }],
    ['503', { status: 503 }],
    ['a connection that breaks', 'reset'],
  ] as const)('F23: %s passes', async (_what, fault) => {
    const cluster = await open();
    let left = 3;
    api.fault = () => (left-- > 0 ? fault : undefined);
    expect(await cluster.call(THING)).toMatchObject({ data: { a: '1' } });
  });

  test('what does not pass is told as the server says it, and not repeated', async () => {
    const cluster = await open();
    api.fault = () => ({
      status: 403,
      text: JSON.stringify({ kind: 'Status', reason: 'Forbidden', message: 'no\u001b[31m rights\n::error::x' }),
    });
    await expect(cluster.call(THING)).rejects.toMatchObject({
      code: 'target-denied',
      said: 'no [31m rights ::error::x',
    });
    expect(api.seen).toHaveLength(1);
  });

  test.each([
    ['a page of a proxy', '<html>Sign in</html>'],
    ['nothing', ''],
    ['half an object', '{"kind":'],
    ['a list', '[]'],
  ])('%s is not taken for an answer', async (_what, text) => {
    const cluster = await open();
    api.fault = () => ({ status: 200, text });
    await expect(cluster.call(THING)).rejects.toMatchObject({ code: 'target-unavailable' });
  });

  test('a server that is not there is told with its address', async () => {
    const cluster = await open({}, { cluster: { server: 'http://127.0.0.1:1' } });
    const hurried = Reflect.get(cluster, 'call').bind(cluster);
    const gone = new AbortController();
    setTimeout(() => gone.abort(), 100);
    await expect(hurried(THING, { signal: gone.signal })).rejects.toThrow();
  });
});

test('a proxy is gone through by CONNECT, with its login', async () => {
  const through: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    through.push(`${request.url} ${request.headers['proxy-authorization']}`);
    const { port } = new URL(api.url);
    const server = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      server.pipe(socket).pipe(server);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  const cluster = await open({ token: 't' }, { cluster: { 'proxy-url': `http://me:pw@127.0.0.1:${port}` } });
  expect(await cluster.call(THING)).toMatchObject({ data: { a: '1' } });
  expect(through).toEqual([`${new URL(api.url).host} Basic ${Buffer.from('me:pw').toString('base64')}`]);
  proxy.closeAllConnections();
  proxy.close();
});
