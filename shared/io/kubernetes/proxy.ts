import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { userError } from '../../model/index.ts';

type Env = Readonly<Record<string, string | undefined>>;

const CONNECT_MS = 15_000;

/**
 * The proxy that a server is reached through: that of the kubeconfig, else of the environment (HTTPS_PROXY, HTTP_PROXY,
 * NO_PROXY, in either case), as kubectl does. Throws `kubeconfig-invalid` for one that cannot be used.
 */
export function proxyFor(server: URL, configured: string | undefined, env: Env): URL | undefined {
  const text =
    configured ?? (isExempt(server, env['NO_PROXY'] ?? env['no_proxy'] ?? '') ? '' : ofEnvironment(server, env));
  if (text === '') return undefined;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return proxy;
  throw userError('kubeconfig-invalid', `The proxy for ${server.host} is no http(s) address.`, {
    remedy: 'Use an HTTP proxy; SOCKS is not spoken.',
  });
}

function ofEnvironment({ protocol }: URL, env: Env): string {
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  return env[name] ?? env[name.toLowerCase()] ?? '';
}

/** Go's rules (golang.org/x/net/http/httpproxy): loopback never; `*`; a host, and all below it; `host:port`. IP ranges are left out. */
function isExempt({ hostname, port, protocol }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return true;
  const at = port || (protocol === 'https:' ? '443' : '80');
  return list
    .split(',')
    .map((it) => it.trim().toLowerCase())
    .filter((it) => it !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [name = '', only] = /^(.*):(\d+)$/.exec(entry)?.slice(1) ?? [entry];
      if (only !== undefined && only !== at) return false;
      const bare = name.replace(/^\*?\./, '');
      return host === bare || host.endsWith(`.${bare}`);
    });
}

/** Opens a way through a proxy (RFC 9110, 9.3.6 CONNECT). */
export function tunnel(proxy: URL, host: string, port: number): Promise<Duplex> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const login =
    proxy.username === '' ? undefined : `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const send = proxy.protocol === 'https:' ? secureRequest : request;
  return new Promise((resolve, reject) => {
    const connect = send({
      method: 'CONNECT',
      hostname: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      path: authority,
      agent: false,
      timeout: CONNECT_MS,
      headers: {
        host: authority,
        ...(login === undefined ? {} : { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }),
      },
    });
    connect.once('timeout', () => connect.destroy(new Error(`The proxy ${proxy.host} did not answer`)));
    connect.once('error', reject);
    connect.once('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`The proxy ${proxy.host} answered CONNECT with ${response.statusCode}`));
    });
    connect.end();
  });
}
