import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RegistryAnswers } from './registry-answers.ts';
import { type RegistryReply, refuse } from './registry-replies.ts';
import { RegistryStore } from './registry-store.ts';

/*
 * A registry on loopback, by the OCI distribution specification 1.1, as strict as Debian's docker-registry 2.8.2 where
 * clients go wrong: media types must be accepted, manifests need their blobs, an upload goes on at its newest location.
 */

/** A request, read as far as its head. */
export interface RegistryRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The body is its stream; headers have lower case names. */
  readonly incoming: IncomingMessage;
}

/** Stands between the network and the registry: may answer in its place, change its answer, wait, or cut the connection. */
export type Around = (
  request: RegistryRequest,
  answer: () => Promise<RegistryReply>,
) => Promise<RegistryReply | 'reset'>;

export interface RunningRegistry {
  /** `127.0.0.1:port`, as it stands in front of repositories. */
  readonly host: string;
  /** The newest REQUESTS_KEPT, oldest first; status 0 where the connection was cut. */
  readonly requests: readonly { readonly method: string; readonly path: string; readonly status: number }[];
  /** Blobs that were sent to it and kept. */
  uploads(): number;
  close(): Promise<void>;
}

const REQUESTS_KEPT = 10_000;

/**
 * Starts a registry that keeps everything under a folder and listens on 127.0.0.1 only.
 *
 * @param options.port 0 or left out: a free one
 */
export async function startRegistry(options: {
  readonly directory: string;
  readonly port?: number;
  readonly around?: Around;
}): Promise<RunningRegistry> {
  const registry = new RegistryAnswers(new RegistryStore(options.directory));
  const around: Around = options.around ?? ((_request, answer) => answer());
  const requests: { method: string; path: string; status: number }[] = [];
  const server = createServer(async (incoming, response) => {
    const request = headOf(incoming);
    const entry = { method: request.method, path: request.path, status: 0 };
    requests.push(entry);
    if (requests.length > REQUESTS_KEPT) requests.shift();
    const reply = await around(request, () => registry.answer(request)).catch(broken);
    if (reply !== 'reset') entry.status = reply.status;
    await send(reply, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { host: `127.0.0.1:${portOf(server.address())}`, requests, uploads: () => registry.uploads, close };
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0;

function headOf(incoming: IncomingMessage): RegistryRequest {
  const url = new URL(incoming.url ?? '/', 'http://registry');
  return { method: incoming.method ?? 'GET', path: url.pathname, query: url.searchParams, incoming };
}

async function send(reply: RegistryReply | 'reset', request: RegistryRequest, response: ServerResponse): Promise<void> {
  if (reply === 'reset') {
    request.incoming.socket.destroy();
    return;
  }
  // What was not read must go, or the client waits for a connection that waits for it.
  request.incoming.resume();
  response.writeHead(reply.status, { 'Docker-Distribution-Api-Version': 'registry/2.0', ...reply.headers });
  if (request.method === 'HEAD' || reply.body === undefined) response.end();
  else if (typeof reply.body === 'string') response.end(reply.body);
  else await pipeline(Readable.from(reply.body), response).catch(() => request.incoming.socket.destroy());
}

/** A client that goes away while it sends ends here too; nobody reads the answer then. */
const broken = (thrown: unknown): RegistryReply => refuse(500, 'UNKNOWN', String(thrown));
