import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Around } from '../../../shared/demo/registry.ts';
import { DockerConfig } from '../../../shared/io/registry/docker-config.ts';
import {
  basicAuth,
  bearerAuth,
  compose,
  type Fault,
  faulty,
  once,
  requestIs,
  sha256,
} from '../../support/registry-faults.ts';
import { bodyFrom, collect, pushSample, skippingClock, worldsOfTests } from '../../support/registry-world.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
const start = worldsOfTests();
const login = async (config: object): Promise<Record<string, string>> => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-docker-'));
  folders.push(folder);
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  return { DOCKER_CONFIG: folder };
};
const auths = (host: string, pair: string) => ({ auths: { [host]: { auth: Buffer.from(pair).toString('base64') } } });
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('Basic', () => {
  test('A1: nothing is sent before the challenge, and then with every request', async () => {
    const sent: (string | undefined)[] = [];
    const spy = faulty(({ incoming }) => void sent.push(incoming.headers.authorization));
    const { at, open, server } = await start({ around: compose(spy, basicAuth('ci', 'se:cret1')) });
    const client = open({ env: await login(auths(server.host, 'ci:se:cret1')) });
    await pushSample(client, at('a'), 'x');
    expect(sent[0]).toBeUndefined();
    expect(new Set(sent.slice(1))).toEqual(new Set([basic('ci:se:cret1')]));
  });

  test('A4, A6: refused credentials end after one more request; no login is told as such; no secret is in the text', async () => {
    const { at, open, server, client } = await start({ around: basicAuth('ci', 'right-password-1') });
    const wrong = open({ env: await login(auths(server.host, 'ci:wrong-password-2')) });
    for (const refused of [wrong, client]) {
      const error = await refused.manifest(at('a'), 'latest').catch((it: unknown) => it);
      expect(error).toMatchObject({ code: 'registry-denied' });
      expect(String(error)).toContain(`GET http://${server.host}/v2/a/manifests/latest was answered with 401`);
      expect(String(error)).not.toContain('wrong-password-2');
    }
    expect(server.requests.length).toBe(3);
  });

  test('A6: a registry that repeats the password cannot get a part of it into the text by where it is cut', async () => {
    const message = `${'x'.repeat(290)}right-password-1`;
    const echo = faulty(({ incoming }) =>
      incoming.headers.authorization === undefined
        ? undefined
        : { status: 403, body: JSON.stringify({ errors: [{ code: '', message }] }) },
    );
    const { at, open, server } = await start({ around: compose(echo, basicAuth('ci', 'right-password-1')) });
    const client = open({ env: await login(auths(server.host, 'ci:right-password-1')) });
    const error = await client.manifest(at('a'), 'x').catch((it: unknown) => it);
    expect(String(error)).toMatch(/x\*\*\*/);
    expect(String(error)).not.toContain('right-p');
  });

  test('A6: 403 and 404 are kept apart', async () => {
    const deny = once(requestIs('GET', /secret/), {
      status: 403,
      body: '{"errors":[{"code":"DENIED","message":"permission_denied: write_package"}]}',
    });
    const { at, client } = await start({ around: deny });
    await expect(client.manifest(at('secret'), 'x')).rejects.toMatchObject({ code: 'registry-denied' });
    expect(await client.manifest(at('missing'), 'x')).toBeUndefined();
  });
});

describe('Bearer', () => {
  const clock = skippingClock();
  const tokens = (options: Partial<Parameters<typeof bearerAuth>[0]> = {}) =>
    bearerAuth({ now: clock.now, allow: (_as, scopes) => scopes, ...options });

  test.each(['token', 'access_token'] as const)(
    'A2: the realm is asked with service and scopes; `%s` is taken',
    async (field) => {
      const server = tokens({ field });
      const world = await start({ around: server.around, clock });
      const client = world.open({ env: await login(auths(world.server.host, 'ci:pw12345')) });
      await pushSample(client, world.at('a/b'), 'x');
      expect(server.asked).toEqual([{ scopes: ['repository:a/b:pull,push'], as: basic('ci:pw12345') }]);
    },
  );

  test('A2: without a login the token is anonymous, and enough for what is public', async () => {
    const server = tokens({
      allow: (as, scopes) => (as === undefined ? scopes.map((it) => it.replace(',push', '')) : scopes),
    });
    const world = await start({ around: server.around, clock });
    expect(await world.client.resolve(world.at('a'), 'x')).toBeUndefined();
    await expect(world.client.pushBlob(world.at('a'), sha256('x'), bodyFrom(Buffer.from('x')))).rejects.toMatchObject({
      code: 'registry-denied',
    });
    expect(server.asked.every(({ as }) => as === 'anonymous')).toBe(true);
    // To read, to write, and once more when the registry refused what was given for writing.
    expect(server.asked.length).toBe(3);
  });

  test('A2: an identity token is exchanged by POST', async () => {
    const server = tokens({
      refresh: 'identity-token-7',
      allow: (as, scopes) => (as === 'refresh' ? scopes : undefined),
    });
    const world = await start({ around: server.around, clock });
    const client = world.open({
      env: await login({ auths: { [world.server.host]: { identitytoken: 'identity-token-7' } } }),
    });
    await pushSample(client, world.at('a'), 'x');
    expect(server.asked.every(({ as }) => as === 'refresh')).toBe(true);
  });

  test('A3: a mount asks for a pull of its source too, in one token', async () => {
    const server = tokens();
    const world = await start({ around: server.around, clock });
    const blob = Buffer.from('shared');
    await world.client.pushBlob(world.at('src'), sha256(blob), bodyFrom(blob));
    expect(await world.client.pushBlob(world.at('dst'), sha256(blob), bodyFrom(blob), world.at('src'))).toBe('mounted');
    expect(server.asked.at(-1)?.scopes).toEqual(['repository:dst:pull,push', 'repository:src:pull']);
  });

  test('A3: scopes that the challenge names are added to those that are known', async () => {
    const seenScopes: string[] = [];
    const around = faulty((request) => {
      const { authorization, host } = request.incoming.headers;
      if (request.path === '/token') {
        seenScopes.push(...request.query.getAll('scope'));
        return { status: 200, body: '{"token":"abc"}' };
      }
      const challenge = `Bearer realm="http://${host}/token",scope="repository:a:pull repository:other:pull"`;
      return authorization === undefined ? { status: 401, headers: { 'WWW-Authenticate': challenge } } : undefined;
    });
    const world = await start({ around });
    expect(await world.client.hasBlob(world.at('a'), sha256('x'))).toBe(false);
    expect(seenScopes).toEqual(['repository:a:pull', 'repository:other:pull']);
  });

  test('A4: a token is used again, for less than it allows too, and renewed before it ends', async () => {
    const server = tokens({ expiresIn: 100 });
    const world = await start({ around: server.around, clock });
    await world.client.hasBlob(world.at('a'), sha256('x'));
    await world.client.hasBlob(world.at('a'), sha256('y'));
    expect(server.asked.length).toBe(1);
    clock.advance(91_000);
    await world.client.hasBlob(world.at('a'), sha256('x'));
    expect(server.asked.length).toBe(2);
    // Only the first request was refused: the realm is known by then.
    expect(world.server.requests.filter(({ status }) => status === 401).length).toBe(1);
    await world.client.pushBlob(world.at('a'), sha256('z'), bodyFrom(Buffer.from('z')));
    const before = server.asked.length;
    await world.client.resolve(world.at('a'), 'x');
    expect(server.asked.length).toBe(before);
  });

  test('A4: a token that the registry forgot during a push is replaced, and the body is sent again', async () => {
    const server = tokens();
    const puts: string[] = [];
    const forgetting = faulty((request) => {
      if (request.method !== 'PUT') return undefined;
      puts.push(request.incoming.headers.authorization ?? '');
      if (puts.length === 1) request.incoming.headers.authorization = 'Bearer unknown';
      return undefined;
    });
    const world = await start({ around: compose(forgetting, server.around), clock });
    const blob = Buffer.alloc(300_000, 'long push');
    expect(await world.client.pushBlob(world.at('a'), sha256(blob), bodyFrom(blob))).toBe('uploaded');
    expect(puts).toHaveLength(2);
    expect(puts[1]).not.toBe(puts[0]);
    expect(world.server.uploads()).toBe(1);
  });

  test('A4: a registry that refuses every token is not asked in a loop', async () => {
    const server = tokens({ allow: () => [] });
    const world = await start({ around: server.around, clock });
    await expect(world.client.hasBlob(world.at('a'), sha256('x'))).rejects.toMatchObject({ code: 'registry-denied' });
    expect(server.asked.length).toBe(1);
    expect(world.server.requests.filter(({ path }) => path !== '/token').length).toBe(2);
  });

  test('A4: requests at the same time share one token request', async () => {
    const server = tokens();
    const world = await start({ around: server.around, clock });
    await Promise.all(['1', '2', '3', '4'].map((it) => world.client.hasBlob(world.at('a'), sha256(it))));
    expect(server.asked.length).toBe(1);
  });

  test('A5: the token server is retried, and its refusal has neither query nor secret in it', async () => {
    const server = tokens({ allow: () => undefined });
    const flaky = once(requestIs('GET', /^\/token/), { status: 503 }, 'reset');
    const world = await start({ around: compose(flaky, server.around), clock });
    const client = world.open({ env: await login(auths(world.server.host, 'ci:hunter2hunter2')) });
    const error = await client.hasBlob(world.at('a'), sha256('x')).catch((it: unknown) => it);
    expect(error).toMatchObject({ code: 'registry-denied' });
    expect(String(error)).toContain('/token was answered with 401');
    expect(String(error)).not.toMatch(/hunter2|scope=|service=/);
    expect(client.traffic.retries).toBe(2);
  });

  test('A4: once the realm is known, what needs another token has it from the first request on', async () => {
    const server = tokens();
    const world = await start({ around: server.around, clock });
    await world.client.hasBlob(world.at('a'), sha256('x'));
    await pushSample(world.client, world.at('b'), 'x');
    expect(world.server.requests.filter(({ status }) => status === 401).length).toBe(1);
    expect(server.asked.map(({ scopes }) => scopes)).toEqual([['repository:a:pull'], ['repository:b:pull,push']]);
  });

  test('A4: what everybody may read is read, also where the token server refuses a token for it', async () => {
    const server = tokens({ allow: (_as, scopes) => (scopes.includes('repository:open:pull') ? undefined : scopes) });
    const around: Around = (request, answer) =>
      request.path.startsWith('/v2/open/') ? answer() : server.around(request, answer);
    const world = await start({ around, clock });
    await world.client.hasBlob(world.at('a'), sha256('x'));
    expect(await world.client.hasBlob(world.at('open'), sha256('x'))).toBe(false);
  });

  test('a realm without TLS elsewhere gets no password', async () => {
    const around = faulty(() => ({
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer realm="http://evil.example/token"' },
    }));
    const world = await start({ around });
    await expect(world.client.hasBlob(world.at('a'), sha256('x'))).rejects.toThrow(
      'http://evil.example, which is not safe',
    );
  });

  test('an error text that repeats the token does not show it', async () => {
    let token = '';
    const around = faulty((request) => {
      if (request.path === '/token') return { status: 200, body: '{"token":"plain-secret-token"}' };
      token = request.incoming.headers.authorization ?? '';
      const challenge = `Bearer realm="http://${request.incoming.headers.host}/token"`;
      return token === ''
        ? { status: 401, headers: { 'WWW-Authenticate': challenge } }
        : { status: 400, body: `bad header ${token}` };
    });
    const world = await start({ around });
    const error = await world.client.manifest(world.at('a'), 'x').catch((it: unknown) => it);
    expect(token).toBe('Bearer plain-secret-token');
    expect(String(error)).toContain('bad header');
    expect(String(error)).not.toContain('plain-secret-token');
  });
});

test('E5: as GHCR: a token of /token only, no referrers API, upload sessions that get lost, and no deletes', async () => {
  const clock = skippingClock();
  const raws: string[] = [];
  const tokens = bearerAuth({
    now: clock.now,
    allow: (as, scopes) => (as === basic('ci:personal-token-1') ? scopes : undefined),
  });
  const lost: Fault = { status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' };
  const spy = faulty(({ path, incoming }) => {
    if (path !== '/token') raws.push(incoming.headers.authorization ?? '');
    return undefined;
  });
  const lossy = once(requestIs('PUT', /uploads/), lost, lost);
  const { at, open, server } = await start({ around: compose(spy, tokens.around, lossy), clock });
  const client = open({ env: await login(auths(server.host, 'ci:personal-token-1')) });
  const image = await pushSample(client, at('acme/shop'), 'x');
  await client.tag(at('acme/shop'), image, 'v1');
  expect(await client.referrers(at('acme/shop'), image.digest)).toEqual([]);
  expect(await client.tags(at('acme/shop'))).toEqual(['v1']);
  // A personal token is for the token server; as a Bearer token the registry would refuse it.
  expect(raws.filter((it) => it.startsWith('Basic') || it.includes('personal-token'))).toEqual([]);
  // There a tag is the version itself: deleting one would delete the image.
  expect(server.requests.filter(({ method, path }) => method === 'DELETE' && !path.includes('/uploads/'))).toEqual([]);
});

describe('A5: redirects', () => {
  test('are followed, and Authorization does not go to another host', async () => {
    const sent: (string | undefined)[] = [];
    const storage = createServer((request, response) => {
      sent.push(request.headers.authorization);
      response.end('the bytes');
    });
    await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
    const { port } = storage.address() as AddressInfo;
    const away = once(requestIs('GET', /blobs/), {
      status: 307,
      headers: { Location: `http://127.0.0.1:${port}/x?signature=1` },
    });
    const { at, open, server } = await start({ around: compose(basicAuth('ci', 'pw12345'), away) });
    const client = open({ env: await login(auths(server.host, 'ci:pw12345')) });
    const digest = sha256('the bytes');
    expect((await collect(await client.blob(at('a'), { digest, size: 9 }))).toString()).toBe('the bytes');
    expect(sent).toEqual([undefined]);
    storage.close();
  });

  test('a challenge of the host that was redirected to is not answered: it gets no password', async () => {
    const seenPaths: string[] = [];
    const storage = createServer((request, response) => {
      seenPaths.push(request.url ?? '');
      const realm = `http://${request.headers.host}/token`;
      response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="${realm}"` }).end();
    });
    await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
    const { port } = storage.address() as AddressInfo;
    const away = faulty(() => ({ status: 307, headers: { Location: `http://127.0.0.1:${port}/x` } }));
    const { at, open, server } = await start({ around: away });
    const client = open({ env: await login(auths(server.host, 'ci:pw12345')) });
    await expect(client.hasBlob(at('a'), sha256('x'))).rejects.toMatchObject({ code: 'registry-denied' });
    expect(seenPaths).toEqual(['/x']);
    storage.close();
  });

  test('an upload on another host gets neither Authorization nor an answer to its challenge', async () => {
    const other = await start({ around: basicAuth('ci', 'other-password-1') });
    const elsewhere = faulty(({ method }) =>
      method === 'POST'
        ? { status: 202, headers: { Location: `http://${other.server.host}/v2/victim/manifests/latest` } }
        : undefined,
    );
    const { at, open, server } = await start({ around: compose(basicAuth('ci', 'pw12345'), elsewhere) });
    const logins = {
      auths: { ...auths(server.host, 'ci:pw12345').auths, ...auths(other.server.host, 'ci:other-password-1').auths },
    };
    const client = open({ env: await login(logins) });
    await expect(client.pushBlob(at('a'), sha256('x'), bodyFrom(Buffer.from('x')))).rejects.toMatchObject({
      code: 'registry-denied',
    });
    expect(other.server.requests.map(({ status }) => status)).toEqual([401, 401]);
  });

  test('within the host they keep it; a circle ends; http elsewhere is refused', async () => {
    const { at, open, server } = await start({
      around: compose(
        basicAuth('ci', 'pw12345'),
        faulty(({ path, query, incoming }) => {
          if (path.includes('/round/')) return { status: 302, headers: { Location: incoming.url ?? '' } };
          if (path.includes('/away/')) return { status: 302, headers: { Location: 'http://storage.example/x' } };
          return query.has('again') ? undefined : { status: 308, headers: { Location: `${path}?again=1` } };
        }),
      ),
    });
    const client = open({ env: await login(auths(server.host, 'ci:pw12345')) });
    expect(await client.hasBlob(at('a'), sha256('x'))).toBe(false);
    await expect(client.hasBlob(at('round'), sha256('x'))).rejects.toThrow('redirected more than 5 times');
    await expect(client.hasBlob(at('away'), sha256('x'))).rejects.toThrow('http://storage.example, which is not safe');
  });
});

describe('A2: where credentials come from', () => {
  const script = async (name: string, text: string): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-helper-'));
    folders.push(folder);
    await mkdir(folder, { recursive: true });
    const path = join(folder, `docker-credential-${name}`);
    await writeFile(path, `#!/bin/sh\n${text}\n`);
    await chmod(path, 0o755);
    return folder;
  };
  const world = () => start({ around: basicAuth('helped', 'pw12345') });
  const answer = `printf '{"ServerURL":"%s","Username":"helped","Secret":"pw12345"}' "$(cat)"`;

  test.each(['credHelpers', 'credsStore'])('%s: the helper program is asked', async (key) => {
    const { at, open, server } = await world();
    const path = `${await script('test', answer)}:${process.env['PATH']}`;
    const config =
      key === 'credsStore' ? { credsStore: 'test' } : { credHelpers: { [server.host]: 'test' }, credsStore: 'missing' };
    const client = open({ env: { ...(await login(config)), PATH: path } });
    expect(await client.hasBlob(at('a'), sha256('x'))).toBe(false);
  });

  test('a helper that knows nothing leaves `auths`, quietly; one that fails is told', async () => {
    const { at, open, server, warnings } = await world();
    for (const [text, told] of [
      ['echo "credentials not found in native keychain"; exit 1', 0],
      ['echo "keychain is locked"; exit 1', 1],
      [`echo '{"Secret":"pw12345"'`, 2],
    ] as const) {
      const path = `${await script('test', text)}:${process.env['PATH']}`;
      const config = { ...auths(`https://${server.host}/v1/`, 'helped:pw12345'), credsStore: 'test' };
      const client = open({ env: { ...(await login(config)), PATH: path } });
      expect(await client.hasBlob(at('a'), sha256('x'))).toBe(false);
      expect(warnings.length).toBe(told);
    }
    expect(warnings[0]).toContain('keychain is locked');
    expect(warnings[1]).toContain('its answer is no JSON object');
    expect(warnings.join()).not.toContain('pw12345');
  });

  test('a helper that hangs, and does not heed signals, is given up', async () => {
    const warnings: string[] = [];
    const path = `${await script('stuck', 'trap "" TERM INT; exec sleep 600')}:${process.env['PATH']}`;
    const env = { ...(await login({ credsStore: 'stuck', ...auths('registry.example', 'ci:pw12345') })), PATH: path };
    const config = new DockerConfig(env, (line) => warnings.push(line), 100);
    const user = { kind: 'password', user: 'ci', password: 'pw12345' };
    expect(await config.credentials('registry.example')).toEqual(user);
    expect(warnings).toEqual([
      expect.stringContaining('docker-credential-stuck gave no credentials for registry.example: it did not answer'),
    ]);
  });

  test('a helper that is not installed is told, and one that talks without end is cut', async () => {
    const warnings: string[] = [];
    const path = `${await script('endless', 'yes')}:${process.env['PATH']}`;
    for (const credsStore of ['missing', 'endless']) {
      const config = new DockerConfig({ ...(await login({ credsStore })), PATH: path }, (line) => warnings.push(line));
      expect(await config.credentials('registry.example')).toBeUndefined();
    }
    expect(warnings[0]).toMatch(/docker-credential-missing gave no credentials .*ENOENT/);
    expect(warnings[1]).toMatch(/docker-credential-endless gave no credentials .*its answer is too long/);
  });

  test('an identity token of a helper (`<token>`) and of `auths` is exchanged, whatever stands beside it', async () => {
    const folder = await script('identity', `printf '{"Username":"<token>","Secret":"identity-token-7"}'`);
    const env = { PATH: `${folder}:${process.env['PATH']}` };
    const host = 'registry.example';
    for (const config of [
      { credHelpers: { [host]: 'identity' }, ...auths(host, 'ci:pw12345') },
      { auths: { [host]: { auth: Buffer.from('ci:').toString('base64'), identitytoken: 'identity-token-7' } } },
    ]) {
      const found = await new DockerConfig({ ...env, ...(await login(config)) }, () => {}).credentials(host);
      expect(found).toEqual({ kind: 'identity', token: 'identity-token-7' });
    }
  });

  test.each([
    ['docker.io', 'https://index.docker.io/v1/'],
    ['docker.io', 'index.docker.io'],
    ['registry.example:5000', 'http://registry.example:5000/v2/'],
    ['registry.example', 'registry.example'],
  ])('%s is found under %s', async (host, key) => {
    const env = await login(auths(key, 'ci:pw12345'));
    expect(await new DockerConfig(env, () => {}).credentials(host)).toMatchObject({ user: 'ci' });
    expect(await new DockerConfig(env, () => {}).credentials('registry.example.evil.example')).toBeUndefined();
  });

  test('HOME/.docker is the second place, and no place at all is fine', async () => {
    const { at, open, server } = await world();
    const home = await mkdtemp(join(tmpdir(), 'slipway-home-'));
    folders.push(home);
    await mkdir(join(home, '.docker'));
    await writeFile(join(home, '.docker', 'config.json'), JSON.stringify(auths(server.host, 'helped:pw12345')));
    expect(await open({ env: { HOME: home } }).hasBlob(at('a'), sha256('x'))).toBe(false);
    await expect(open({ env: {} }).hasBlob(at('a'), sha256('x'))).rejects.toMatchObject({
      code: 'registry-denied',
    });
  });

  test('a broken file is told without what stands in it', async () => {
    const { at, open, warnings } = await world();
    const env = await login({});
    await writeFile(join(env['DOCKER_CONFIG'] ?? '', 'config.json'), '{"auths": {"x": {"auth": "c2VjcmV0OnNlY3JldA=="');
    await expect(open({ env }).hasBlob(at('a'), sha256('x'))).rejects.toMatchObject({
      code: 'registry-denied',
    });
    expect(warnings).toEqual([expect.stringContaining('is no JSON object')]);
    expect(warnings.join()).not.toContain('c2VjcmV0');
  });
});
