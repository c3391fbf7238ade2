import { execFile } from 'node:child_process';
import { createPrivateKey, createSign, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The server that gives tokens to a docker-registry (distribution auth/token.md). */
export interface TokenServer {
  /** `auth.token` of the registry's configuration. */
  readonly settings: object;
  /** Scopes of each request, and whether it came with a login. */
  readonly asked: readonly { readonly scopes: readonly string[]; readonly login: boolean }[];
  stop(): Promise<void>;
}

const ISSUER = 'test-issuer';
const SERVICE = 'local-registry';
/** So long after its end a token is still taken (distribution registry/auth/token/token.go, `Leeway`). */
const LEEWAY_S = 60;

/**
 * Whoever is logged in may do everything; everybody may pull from repositories under `public/`.
 *
 * @param auth user and password as Basic has them, in base64
 */
export async function startTokenServer(
  folder: string,
  auth: string,
  life: { readonly real: number; readonly told: number },
): Promise<TokenServer> {
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  const subject = ['-subj', '/CN=test-token', '-days', '2'];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    certificate,
    ...subject,
  ]);
  const privateKey = createPrivateKey(await readFile(key));
  const x5c = [(await readFile(certificate, 'utf8')).replace(/-----[^-]+-----|\s/g, '')];
  const asked: { scopes: readonly string[]; login: boolean }[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://token');
    const scopes = url.searchParams.getAll('scope').flatMap((it) => it.split(' '));
    const { authorization } = request.headers;
    if (authorization !== undefined && authorization !== `Basic ${auth}`)
      return response.writeHead(401).end('{"details":"wrong"}');
    asked.push({ scopes, login: authorization !== undefined });
    const access = scopes.map((it) => accessOf(it, authorization !== undefined));
    const token = sign({ typ: 'JWT', alg: 'RS256', x5c }, claimsOf(access, life.real));
    return response.end(JSON.stringify({ token, expires_in: life.told, issued_at: new Date().toISOString() }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const realm = `http://127.0.0.1:${port}/token`;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { settings: { realm, service: SERVICE, issuer: ISSUER, rootcertbundle: certificate }, asked, stop };

  function sign(header: object, claims: object): string {
    const text = [header, claims].map((it) => Buffer.from(JSON.stringify(it)).toString('base64url')).join('.');
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  }
}

function accessOf(scope: string, login: boolean): object {
  const [, type = '', name = '', actions = ''] = /^([^:]+):(.+):([^:]+)$/.exec(scope) ?? [];
  const open = name.startsWith('public/') ? ['pull'] : [];
  return { type, name, actions: login ? actions.split(',') : open };
}

function claimsOf(access: readonly object[], life: number): object {
  const now = Math.floor(Date.now() / 1_000);
  const exp = now + life - LEEWAY_S;
  return { iss: ISSUER, sub: 'ci', aud: SERVICE, exp, nbf: exp - 600, iat: exp - 600, jti: randomUUID(), access };
}
