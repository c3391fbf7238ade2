import { type Agent, type IncomingHttpHeaders, type IncomingMessage, Agent as PlainAgent, request } from 'node:http';
import { type AgentOptions, Agent as SecureAgent, request as secureRequest } from 'node:https';
import { connect as connectTls } from 'node:tls';
import type { Access, ClientCertificate } from './access.ts';
import type { Credentials, Presented } from './credentials.ts';
import { proxyFor, tunnel } from './proxy.ts';

/** One request, as the API has it. */
export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root of the server: `/api/v1/namespaces/…`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly contentType: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Until the head of the answer is there, and between two pieces of its body. Milliseconds. */
  readonly quietMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

/** An answer does not come any more. */
class Quiet extends Error {
  readonly code = 'ETIMEDOUT';
}

const SOCKETS = 16;
const KEEP_ALIVE_MS = 30_000;
const CONNECT_MS = 15_000;
const USER_AGENT = 'slipway (+https://github.com/slipway-actions/slipway)';

/** Sends single requests over connections that are kept; nothing is retried here. */
export class Transport {
  readonly #access: Access;
  readonly #credentials: Credentials;
  readonly #proxy: URL | undefined;
  #agent: { readonly of: ClientCertificate | undefined; readonly agent: Agent } | undefined;

  constructor(access: Access, credentials: Credentials, env: Readonly<Record<string, string | undefined>>) {
    this.#access = access;
    this.#credentials = credentials;
    this.#proxy = proxyFor(access.server, access.proxy, env);
  }

  /** Throws what the connection dies of; an answer of any status is one. */
  async send(it: Exchange): Promise<Answer> {
    const presented = await this.#credentials.present();
    const { server } = this.#access;
    const query = new URLSearchParams(it.query).toString();
    const path = `${server.pathname.replace(/\/$/, '')}${it.path}${query === '' ? '' : `?${query}`}`;
    const options = {
      method: it.method,
      hostname: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port || (server.protocol === 'https:' ? 443 : 80),
      path,
      agent: this.#agentFor(presented.certificate),
      headers: headersOf(it, presented),
      ...(it.signal === undefined ? {} : { signal: it.signal }),
    };
    return new Promise((resolve, reject) => {
      const sent = (server.protocol === 'https:' ? secureRequest : request)(options, (body) => {
        resolve({ status: body.statusCode ?? 0, headers: body.headers, body });
      });
      // Counts silence: it is set on the socket, and goes on for the body.
      sent.setTimeout(it.quietMs, () => sent.destroy(new Quiet(`no answer within ${it.quietMs / 1_000} s`)));
      sent.once('error', reject);
      sent.end(it.body);
    });
  }

  #agentFor(certificate: ClientCertificate | undefined): Agent {
    if (this.#agent !== undefined && isSame(this.#agent.of, certificate)) return this.#agent.agent;
    const { server, tls } = this.#access;
    const options: AgentOptions = {
      keepAlive: true,
      keepAliveMsecs: KEEP_ALIVE_MS,
      maxSockets: SOCKETS,
      timeout: CONNECT_MS,
      rejectUnauthorized: !tls.insecure,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.servername === undefined ? {} : { servername: tls.servername }),
      ...certificate,
    };
    const agent = makeAgent(server, this.#proxy, options);
    this.#agent = { of: certificate, agent };
    return agent;
  }
}

function makeAgent(server: URL, proxy: URL | undefined, options: AgentOptions): Agent {
  const isSecure = server.protocol === 'https:';
  const agent = isSecure ? new SecureAgent(options) : new PlainAgent({ keepAlive: true, maxSockets: SOCKETS });
  if (proxy !== undefined) agent.createConnection = connectThrough(proxy, server, options);
  return agent;
}

/** Connections of an agent that go through an HTTP proxy. */
function connectThrough(proxy: URL, server: URL, options: AgentOptions): Agent['createConnection'] {
  const host = server.hostname.replace(/^\[|\]$/g, '');
  const isSecure = server.protocol === 'https:';
  const port = Number(server.port || (isSecure ? 443 : 80));
  return (_options, callback = () => {}) => {
    tunnel(proxy, host, port).then(
      (socket) => callback(null, isSecure ? connectTls({ ...options, host, socket }) : socket),
      // Node takes an error alone, whatever the type says.
      (error: Error) => Reflect.apply(callback, undefined, [error]),
    );
    return undefined;
  };
}

function headersOf(it: Exchange, { authorization }: Presented): Record<string, string> {
  return {
    accept: 'application/json',
    'user-agent': USER_AGENT,
    ...(authorization === undefined ? {} : { authorization }),
    ...(it.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(it.body)) }),
    ...(it.contentType === undefined ? {} : { 'content-type': it.contentType }),
  };
}

const isSame = (a: ClientCertificate | undefined, b: ClientCertificate | undefined): boolean =>
  a?.cert === b?.cert && a?.key === b?.key;
