import { expect, test } from '@jest/globals';
import { registryOf } from '../../../shared/flow/registry.ts';
import type { World } from '../../../shared/io/runner/index.ts';
import { run } from '../detect/world.ts';

const TOKEN = 'token-of-the-job';

/** A registry that asks who one is and then has nothing; the logins that it was shown, by the host that was asked. */
async function loginsShown(host: string, serverUrl: string): Promise<readonly (string | null)[]> {
  const shown: (string | null)[] = [];
  const answer = async (url: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(String(url));
    const login = new Headers(init?.headers).get('authorization');
    if (pathname === '/token') {
      shown.push(login);
      return Response.json({ token: 'bearer' });
    }
    const challenge = { 'www-authenticate': `Bearer realm="https://${host}/token",service="${host}"` };
    return login === null
      ? new Response(null, { status: 401, headers: challenge })
      : new Response(null, { status: 404 });
  };
  const world: Partial<World> = {
    env: {},
    fetch: answer,
    clock: { now: () => 0, sleep: () => Promise.resolve() },
    random: () => 0,
    learn() {},
    token: TOKEN,
    run: { ...run({ kind: 'other', name: 'schedule' }, 'a'.repeat(40)), serverUrl },
  };
  await registryOf(world as World).resolve(`${host}/acme/shop`, 'latest');
  return shown;
}

const LOGIN = `Basic ${Buffer.from(`ann:${TOKEN}`).toString('base64')}`;

test.each([
  ['ghcr.io', 'https://github.com', [LOGIN]],
  ['containers.git.acme.example', 'https://git.acme.example', [LOGIN]],
  ['quay.io', 'https://github.com', [null]],
  ['ghcr.io', 'https://git.acme.example', [null]],
  ['ghcr.io.evil.example', 'https://github.com', [null]],
])('%s, for a job of %s, is shown %j', async (host, serverUrl, logins) => {
  expect(await loginsShown(host, serverUrl)).toEqual(logins);
});
