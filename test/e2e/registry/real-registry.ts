import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createListener } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../../shared/io/clock.ts';
import { openRegistry } from '../../../shared/io/registry/index.ts';
import type { Fetch, Registry } from '../../../shared/model/index.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';

/** Debian's docker-registry on loopback, as it asks who one is. */
export interface RealRegistry {
  readonly host: string;
  /** A `config.json` with the login, as `docker login` writes it; `{}` where there is none. */
  readonly authFile: string;
  readonly tokens: TokenServer | undefined;
  at(path: string): string;
  open(options?: { readonly login?: boolean; readonly fetch?: Fetch }): Registry;
  stop(): Promise<void>;
}
export type Mode = 'anonymous' | 'basic' | 'bearer';

export const USER = 'ci';
export const PASSWORD = 'only-for-tests';
/** bcrypt of the password, of the lowest cost: it is computed for every request. */
const HTPASSWD = `${USER}:$2b$05$y48ond2NKKB/3iCJsAHsmeRIsv8rLCccb9fN5fUlvqIAhiE6bIaw6\n`;
const READY_TRIES = 200;
const PAUSE_MS = 50;

/** @param life seconds until the registry refuses a token, and what its client is told of that (Bearer only) */
export async function startRealRegistry(mode: Mode, life = { real: 300, told: 300 }): Promise<RealRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-real-registry-'));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const auth = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
  const tokens = mode === 'bearer' ? await startTokenServer(folder, auth, life) : undefined;
  await writeFile(join(folder, 'htpasswd'), HTPASSWD);
  await writeFile(join(folder, 'config.yml'), configOf(folder, host, mode, tokens));
  const authFile = join(folder, 'config.json');
  await writeFile(authFile, JSON.stringify(mode === 'anonymous' ? {} : { auths: { [host]: { auth } } }));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  await ready(host, () => said);
  const none = join(folder, 'nobody');
  return {
    host,
    authFile,
    tokens,
    at: (path) => `${host}/${path}`,
    open: ({ login = true, fetch = globalThis.fetch } = {}) =>
      openRegistry({ env: { DOCKER_CONFIG: login ? folder : none }, fetch, clock: systemClock, random: Math.random }),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
      await tokens?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configOf(folder: string, addr: string, mode: Mode, tokens: TokenServer | undefined): string {
  const auth = {
    anonymous: {},
    basic: { auth: { htpasswd: { realm: 'local, test', path: join(folder, 'htpasswd') } } },
    bearer: { auth: { token: tokens?.settings } },
  }[mode];
  // JSON is YAML too.
  return JSON.stringify({
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, 'data') },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr, secret: 'test-only' },
    ...auth,
  });
}

async function ready(host: string, said: () => string): Promise<void> {
  for (let tries = 0; tries < READY_TRIES; tries += 1) {
    const status = await fetch(`http://${host}/v2/`).then(
      async (it) => {
        await it.body?.cancel();
        return it.status;
      },
      () => 0,
    );
    if (status === 200 || status === 401) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`docker-registry did not start: ${said()}`);
}

async function freePort(): Promise<number> {
  const listener = createListener();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Copies an image to an OCI layout with skopeo, as it is; gives the digest that the layout names. */
export async function skopeoPull(registry: RealRegistry, repository: string, reference: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-skopeo-'));
  try {
    const separator = reference.includes(':') ? '@' : ':';
    const args = [
      'copy',
      '--quiet',
      '--all',
      '--preserve-digests',
      '--src-tls-verify=false',
      '--authfile',
      registry.authFile,
    ];
    const source = `docker://${repository}${separator}${reference}`;
    await promisify(execFile)('skopeo', ['--insecure-policy', ...args, source, `oci:${folder}/layout:it`]);
    const index = JSON.parse(await readFile(join(folder, 'layout', 'index.json'), 'utf8'));
    return String(index.manifests[0].digest);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
