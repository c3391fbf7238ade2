import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readAccess } from '../../../shared/io/kubernetes/kubeconfig.ts';
import { proxyFor } from '../../../shared/io/kubernetes/proxy.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-kubeconfig-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString('base64');

function write(name: string, content: object | string): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const config = (cluster: object, user: object, more: object = {}) => ({
  'current-context': 'main',
  clusters: [{ name: 'c', cluster: { server: 'https://api.example:6443/base', ...cluster } }],
  users: [{ name: 'u', user }],
  contexts: [
    { name: 'main', context: { cluster: 'c', user: 'u', namespace: 'shop' } },
    { name: 'other', context: { cluster: 'c', user: 'u' } },
  ],
  ...more,
});

const read = (path: string | undefined, context?: string, env: Record<string, string> = {}) =>
  readAccess({ kubeconfig: path, context }, env);

describe('a kubeconfig', () => {
  test('gives server, trust and login of its current context', async () => {
    const path = write(
      'config',
      config({ 'certificate-authority-data': base64('CA'), 'tls-server-name': 'inner' }, { token: 't' }),
    );
    expect(await read(path)).toMatchObject({
      name: 'main',
      server: new URL('https://api.example:6443/base'),
      namespace: 'shop',
      tls: { ca: 'CA', servername: 'inner', insecure: false },
      login: { token: 't' },
    });
  });

  test('gives another context that is asked for, and names the one that was meant', async () => {
    const path = write('config', config({}, {}));
    expect(await read(path, 'other')).toMatchObject({ name: 'other', namespace: undefined });
    await expect(read(path, 'othre')).rejects.toMatchObject({
      code: 'kubeconfig-invalid',
      message: expect.stringContaining('Did you mean other?'),
    });
  });

  test('finds files that it names from its own folder', async () => {
    mkdirSync(join(folder, 'pki'));
    for (const [name, text] of Object.entries({ 'ca.crt': 'CA', 'me.crt': 'CERT', 'me.key': 'KEY' })) {
      write(join('pki', name), text);
    }
    const user = { 'client-certificate': 'pki/me.crt', 'client-key': 'pki/me.key', tokenFile: 'token' };
    const path = write('config', config({ 'certificate-authority': 'pki/ca.crt' }, user));
    expect(await read(path)).toMatchObject({
      tls: { ca: 'CA' },
      login: { certificate: { cert: 'CERT', key: 'KEY' }, tokenFile: join(folder, 'token') },
    });
  });

  test('of several in KUBECONFIG the first that says something wins; those that are not there do not count', async () => {
    const first = write('first', {
      contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', namespace: 'first' } }],
    });
    const second = write('second', config({}, { token: 'second' }));
    const env = { KUBECONFIG: [join(folder, 'none'), first, second].join(delimiter) };
    expect(await read(undefined, undefined, env)).toMatchObject({ namespace: 'first', login: { token: 'second' } });
  });

  test('is sought in HOME last', async () => {
    mkdirSync(join(folder, '.kube'));
    write(join('.kube', 'config'), config({}, { token: 'home' }));
    expect(await read(undefined, undefined, { HOME: folder })).toMatchObject({ login: { token: 'home' } });
  });

  test('is not needed in a pod', async () => {
    for (const [name, text] of Object.entries({ 'ca.crt': 'CA', token: 'T', namespace: 'of-pod\n' })) write(name, text);
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    expect(await readAccess({ kubeconfig: undefined, context: undefined }, env, folder)).toMatchObject({
      name: 'in-cluster',
      server: new URL('https://[fd00::1]:6443'),
      namespace: 'of-pod',
      login: { tokenFile: join(folder, 'token') },
    });
  });

  test.each([
    ['that is not there', undefined, /cannot be read/],
    ['that is no YAML', 'a: [', /is no YAML/],
    ['that is something else', { clusters: 'x' }, /is no kubeconfig: clusters/],
    ['without a context', { clusters: [] }, /names no current context/],
    ['whose cluster is missing', { ...config({}, {}), clusters: [] }, /of a cluster c that/],
    ['whose user is missing', { ...config({}, {}), users: [] }, /of a user u that/],
    ['whose server is no address', config({ server: 'api' }, {}), /no http\(s\) address/],
    ['with a login that Kubernetes withdrew', config({}, { 'auth-provider': { name: 'gcp' } }), /auth-provider gcp/],
    [
      'with a plugin that needs a terminal',
      config({}, { exec: { apiVersion: 'v1', command: 'x', interactiveMode: 'Always' } }),
      /terminal/,
    ],
  ])('%s is told', async (_what, content, message) => {
    const path = content === undefined ? join(folder, 'none') : write('config', content);
    const error = await read(path).catch((it: unknown) => it);
    expect(error).toMatchObject({ code: 'kubeconfig-invalid', message: expect.stringMatching(message) });
  });

  test('that is no YAML does not have its secrets repeated', async () => {
    const path = write('config', 'users: [{ user: { token: abc123secret }');
    await expect(read(path)).rejects.toMatchObject({ message: expect.not.stringContaining('abc123secret') });
  });

  test('leaves a plugin with a bare name to PATH, and takes a path from its own folder', async () => {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      args: ['get'],
      env: [{ name: 'A', value: '1' }],
      provideClusterInfo: true,
    };
    const bare = await read(write('a', config({}, { exec: { ...exec, command: 'plugin' } })));
    expect(bare.login.exec).toMatchObject({
      command: 'plugin',
      args: ['get'],
      env: { A: '1' },
      cluster: { server: 'https://api.example:6443/base' },
    });
    const path = await read(write('b', config({}, { exec: { ...exec, command: './bin/plugin' } })));
    expect(path.login.exec?.command).toBe(join(folder, 'bin', 'plugin'));
  });
});

describe('the proxy', () => {
  const server = new URL('https://api.shop.example:6443');
  test.each([
    ['of the kubeconfig', server, 'http://mine:3128', { HTTPS_PROXY: 'http://env:1' }, 'mine:3128'],
    ['of the environment', server, undefined, { HTTPS_PROXY: 'http://env:1' }, 'env:1'],
    ['in lower case', server, undefined, { https_proxy: 'http://env:1' }, 'env:1'],
    [
      'not for a name that is exempt',
      server,
      undefined,
      { HTTPS_PROXY: 'http://env:1', NO_PROXY: 'x,.shop.example' },
      undefined,
    ],
    [
      'not for a port that is exempt',
      server,
      undefined,
      { HTTPS_PROXY: 'http://env:1', NO_PROXY: 'api.shop.example:6443' },
      undefined,
    ],
    ['for another port', server, undefined, { HTTPS_PROXY: 'http://env:1', NO_PROXY: 'api.shop.example:443' }, 'env:1'],
    [
      'for a name that only ends alike',
      server,
      undefined,
      { HTTPS_PROXY: 'http://env:1', NO_PROXY: 'op.example' },
      'env:1',
    ],
    ['never for this machine', new URL('https://127.0.0.1:1'), undefined, { HTTPS_PROXY: 'http://env:1' }, undefined],
    ['not for any', server, undefined, { HTTPS_PROXY: 'http://env:1', NO_PROXY: '*' }, undefined],
  ])('%s', (_what, url, configured, env, host) => {
    expect(proxyFor(url, configured, env)?.host).toBe(host);
  });

  test('that speaks SOCKS is refused', () => {
    expect(() => proxyFor(server, 'socks5://x:1', {})).toThrow(expect.objectContaining({ code: 'kubeconfig-invalid' }));
  });
});
