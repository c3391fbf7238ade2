import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Json } from '../../../shared/model/index.ts';

/** A system that a sink sends to: how it is set up, and what stands in for it. */
export interface Vendor {
  readonly kind: string;
  /** Settings of its own for the sink; secrets are in {@link env}. */
  readonly fields: Readonly<Record<string, Json>>;
  /** What its secrets are called, and are. */
  readonly env: Readonly<Record<string, string>>;
  /** What it does with requests, by `METHOD /path/:part`; new for every test. */
  routes(): Routes;
  /** How much a person sees there of one deploy: when it has started, and when it has ended. */
  readonly markers: { readonly start: number; readonly end: number };
  /** Only what went well is shown there. */
  readonly successOnly?: boolean;
  /** A second attempt is something of its own there, as it is a run of its own. */
  readonly perAttempt?: boolean;
  /** It can neither be asked what it has, nor tells by an id: what is sent again is shown again. */
  readonly forgetful?: boolean;
  /** Whether its answers are read: then one that is garbage is a failure. */
  readonly isRead: boolean;
}

export interface Routes {
  readonly handlers: Readonly<Record<string, (request: Asked) => Answer>>;
  /** Everything that it shows. */
  shown(): readonly unknown[];
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** Route that it took: `POST /api/annotations`. */
  readonly route: string;
  /** Parts of the path by the name in the route, decoded, and the query. */
  readonly parts: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body, where it is JSON. */
  readonly json: Record<string, Json>;
}

export interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What goes wrong with the next request. `after`: when the request has done its work. */
export type Fault = { readonly kind: 'reset' | 'hang' | 'answer'; readonly after?: boolean } & Answer;

export interface FakeVendor {
  readonly url: string;
  readonly asked: Asked[];
  /** What the vendor's own description has against the requests. */
  readonly violations: string[];
  /** One a request; then all goes well. */
  readonly faults: Fault[];
  shown(): readonly unknown[];
  close(): Promise<void>;
}

interface Contract {
  readonly requests: Readonly<Record<string, object>>;
}

/** Starts what stands in for a vendor on loopback; requests are held against `test/contracts/sinks/<kind>.json`. */
export async function startVendor(vendor: Vendor): Promise<FakeVendor> {
  const routes = vendor.routes();
  const judge = judgeOf(vendor.kind);
  const [asked, violations, faults]: [Asked[], string[], Fault[]] = [[], [], []];
  const server = createServer(async (incoming, outgoing) => {
    const request = await read(incoming, Object.keys(routes.handlers));
    asked.push(request);
    violations.push(...judge(request));
    const work = () => routes.handlers[request.route]?.(request) ?? { status: 404 };
    const fault = faults.shift();
    if (fault === undefined) return reply(outgoing, work());
    if (fault.after === true) work();
    if (fault.kind === 'reset') outgoing.destroy();
    if (fault.kind === 'answer') reply(outgoing, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    asked,
    violations,
    faults,
    shown: () => routes.shown(),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function reply(outgoing: ServerResponse, { status = 200, json, text, headers = {} }: Answer): void {
  const type = json === undefined ? 'text/plain' : 'application/json';
  outgoing.writeHead(status, { 'content-type': type, ...headers });
  outgoing.end(json === undefined ? text : JSON.stringify(json));
}

async function read(incoming: IncomingMessage, routes: readonly string[]): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://vendor.example');
  const method = incoming.method ?? '';
  const found = routes.flatMap((route) => {
    const parts = partsOf(route, `${method} ${pathname}`);
    return parts === undefined ? [] : [{ route, parts }];
  })[0];
  const { route, parts } = found ?? { route: '', parts: {} };
  return {
    method,
    path: pathname,
    route,
    parts,
    query: searchParams,
    headers: incoming.headers,
    text,
    json: asJson(text),
  };
}

function partsOf(route: string, actual: string): Record<string, string> | undefined {
  const pattern = route.replace(/:(\w+)/g, '(?<$1>[^/]+)');
  const match = new RegExp(`^${pattern}$`).exec(actual);
  if (match === null) return undefined;
  return Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, it]) => [name, decodeURIComponent(it)]));
}

function asJson(text: string): Record<string, Json> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function judgeOf(kind: string): (request: Asked) => readonly string[] {
  const file = new URL(`../../contracts/sinks/${kind}.json`, import.meta.url);
  const contract: Contract = JSON.parse(readFileSync(file, 'utf8'));
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  const checks = new Map(Object.entries(contract.requests).map(([route, schema]) => [route, ajv.compile(schema)]));
  return ({ method, path, route, query, text, json }) => {
    const check = checks.get(route);
    if (check === undefined) return [`${method} ${path} is not in the contract`];
    const said = method === 'GET' ? Object.fromEntries(query) : text.startsWith('{') ? json : text;
    if (check(said)) return [];
    return (check.errors ?? []).map((it) => `${route} ${it.instancePath} ${it.message} ${JSON.stringify(it.params)}`);
  };
}
