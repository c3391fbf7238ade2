import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { applyJsonPatch } from './json-patch.ts';

interface Meta {
  readonly name: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}
/** An object of the API, as JSON has it. */
export interface Thing {
  readonly metadata: Meta;
  readonly [key: string]: unknown;
}
/** What a test puts there; the rest of its head is filled in. */
export interface Given {
  readonly metadata?: Omit<Meta, 'name'>;
  readonly [key: string]: unknown;
}
interface Reply {
  readonly status: number;
  readonly body: object | string;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Thing;
  readonly authorization: string | undefined;
}

/** What goes wrong with one request: an answer of another kind, or none. */
export type Fault =
  | { readonly status: number; readonly text?: string; readonly headers?: Record<string, string> }
  | 'reset'
  | 'hang'
  /** It happens, and then the connection breaks. */
  | 'lose-answer';

interface Route {
  readonly collection: string;
  readonly name: string | undefined;
  readonly sub: string | undefined;
}

/**
 * An API server in memory, as far as this project uses one: objects with versions, compare-and-set, JSON patches, lists by
 * label and field, watches with bookmarks and 410. What controllers do is done by the test.
 */
export class FakeApi {
  readonly seen: Seen[] = [];
  /** Asked for each request; the first fault counts. */
  fault: (seen: Seen) => Fault | undefined = () => undefined;
  /** How far the server's clock is before this machine's. */
  aheadMs = 0;
  /** Called after each change, so that a test can play controller. */
  onChange: (path: string, object: Thing) => void = () => {};
  readonly logs = new Map<string, string>();
  readonly #objects = new Map<string, Thing>();
  readonly #watchers = new Set<{
    readonly route: Route;
    readonly query: URLSearchParams;
    readonly response: ServerResponse;
  }>();
  #version = 100;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeApi> {
    const server = createServer((request, response) => void fake.#answer(request, response));
    const fake = new FakeApi(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A kubeconfig for it; JSON is YAML too. */
  kubeconfig(user: object = { token: 'a-token-of-the-cluster' }): string {
    return JSON.stringify({
      'current-context': 'fake',
      clusters: [{ name: 'c', cluster: { server: this.url } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'fake', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
    });
  }

  async stop(): Promise<void> {
    this.endWatches();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get writes(): readonly Seen[] {
    return this.seen.filter((it) => it.method !== 'GET');
  }

  get(path: string): Thing | undefined {
    return this.#objects.get(path);
  }

  /** Paths of what is there, below one. */
  paths(below: string): readonly string[] {
    return [...this.#objects.keys()].filter((it) => it.startsWith(below));
  }

  /** A value in an object, by its keys: `spec.replicas`. Keys with dots in them go into `notes`. */
  at(path: string, keys: string): unknown {
    return valueAt(this.#objects.get(path), keys);
  }

  /** An annotation of this project's. */
  note(path: string, name: string): string | undefined {
    return this.#objects.get(path)?.metadata.annotations?.[`slipway-actions.github.io/${name}`];
  }

  /** Puts an object there, or in the place of one; what is given is completed. */
  put(path: string, object: Given): Thing {
    const before = this.#objects.get(path);
    const changed = before === undefined || JSON.stringify(before['spec']) !== JSON.stringify(object['spec']);
    const next: Thing = {
      ...object,
      metadata: {
        ...object.metadata,
        name: path.split('/').at(-1) ?? '',
        uid: before?.metadata.uid ?? `uid-${++this.#version}`,
        generation: (before?.metadata.generation ?? 0) + (changed ? 1 : 0),
        resourceVersion: String(++this.#version),
        creationTimestamp: before?.metadata.creationTimestamp ?? new Date().toISOString(),
      },
    };
    this.#objects.set(path, next);
    this.#tell(before === undefined ? 'ADDED' : 'MODIFIED', path, next);
    this.onChange(path, next);
    return next;
  }

  /** Sets values of an object, by their keys. */
  set(path: string, values: Readonly<Record<string, unknown>>): Thing {
    const steps = Object.entries(values).map(([keys, value]) => ({
      op: 'add',
      path: `/${keys.replaceAll('.', '/')}`,
      value,
    }));
    return this.put(path, applyJsonPatch(this.#objects.get(path) ?? {}, steps) as Thing);
  }

  delete(path: string): void {
    const object = this.#objects.get(path);
    this.#objects.delete(path);
    if (object !== undefined)
      this.#tell('DELETED', path, {
        ...object,
        metadata: { ...object.metadata, resourceVersion: String(++this.#version) },
      });
  }

  /** Ends every watch, as a server does that restarts. */
  endWatches(): void {
    for (const it of this.#watchers) it.response.end();
    this.#watchers.clear();
  }

  /** Tells every watch that its place is gone. */
  expireWatches(): void {
    const object = {
      kind: 'Status',
      status: 'Failure',
      reason: 'Expired',
      code: 410,
      message: 'too old resource version',
    };
    for (const it of this.#watchers) it.response.write(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    this.endWatches();
  }

  get watches(): number {
    return this.#watchers.size;
  }

  #tell(type: string, path: string, object: Thing): void {
    for (const { route, query, response } of this.#watchers) {
      if (path.startsWith(`${route.collection}/`) && matches(object, query))
        response.write(`${JSON.stringify({ type, object })}\n`);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const url = new URL(request.url ?? '/', this.url);
    const text = Buffer.concat(pieces).toString();
    const seen: Seen = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      body: text === '' ? undefined : JSON.parse(text),
      authorization: request.headers.authorization,
    };
    this.seen.push(seen);
    const fault = this.fault(seen);
    if (fault === 'hang') return;
    if (fault === 'reset') return void request.socket.destroy();
    response.setHeader('date', new Date(Date.now() + this.aheadMs).toUTCString());
    if (fault === 'lose-answer') {
      this.#handle(seen, request.headers['content-type'] ?? '');
      return void request.socket.destroy();
    }
    if (fault !== undefined) {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      return void response.end(
        fault.text ?? JSON.stringify({ kind: 'Status', message: 'as scripted', code: fault.status }),
      );
    }
    if (seen.method === 'GET' && url.searchParams.get('watch') === 'true') return this.#watch(seen, response);
    const { status, body } = this.#handle(seen, request.headers['content-type'] ?? '');
    response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  #watch(seen: Seen, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const route = routeOf(seen.path);
    const watcher = { route, query: seen.query, response };
    this.#watchers.add(watcher);
    response.once('close', () => this.#watchers.delete(watcher));
    const from = Number(seen.query.get('resourceVersion') ?? 0);
    for (const [path, object] of this.#objects) {
      const isNewer = Number(object.metadata.resourceVersion ?? 0) > from;
      if (isNewer && path.startsWith(`${route.collection}/`) && matches(object, seen.query)) {
        response.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
      }
    }
  }

  #handle(seen: Seen, contentType: string): Reply {
    const resources = DISCOVERY[seen.path];
    if (resources !== undefined) return { status: 200, body: { kind: 'APIResourceList', resources } };
    const route = routeOf(seen.path);
    if (route.sub === 'log') return this.#log(seen);
    if (route.name === undefined) return seen.method === 'POST' ? this.#create(route, seen) : this.#list(route, seen);
    const found = this.#objects.get(seen.path);
    if (seen.method === 'PATCH' && contentType === 'application/apply-patch+yaml') return this.#apply(seen, found);
    if (found === undefined) return refused(404, 'NotFound', `"${route.name}" not found`);
    switch (seen.method) {
      case 'GET':
        return { status: 200, body: found };
      case 'PUT':
        return this.#replace(seen, found);
      case 'DELETE':
        this.delete(seen.path);
        return { status: 200, body: { kind: 'Status', status: 'Success' } };
      default:
        return this.#patch(seen, found, contentType);
    }
  }

  #log(seen: Seen): Reply {
    const key = `${seen.path}${seen.query.get('previous') === 'true' ? '?previous' : ''}`;
    const text = this.logs.get(key);
    return text === undefined
      ? refused(400, 'BadRequest', 'container is waiting to start')
      : { status: 200, body: text };
  }

  #create({ collection }: Route, { body }: Seen): Reply {
    const path = `${collection}/${body.metadata.name}`;
    if (this.#objects.has(path)) return refused(409, 'AlreadyExists', `"${body.metadata.name}" already exists`);
    return { status: 201, body: this.put(path, body) };
  }

  #list({ collection }: Route, { query }: Seen): Reply {
    const items = [...this.#objects].filter(([path, it]) => path.startsWith(`${collection}/`) && matches(it, query));
    const metadata = { resourceVersion: String(this.#version) };
    return { status: 200, body: { kind: 'List', metadata, items: items.map(([, it]) => it) } };
  }

  /** Server-side apply as far as one manager alone needs it: what is sent is laid over what is there. */
  #apply({ path, body, query }: Seen, found: Thing | undefined): Reply {
    const version = body.metadata.resourceVersion;
    if (version !== undefined && version !== found?.metadata.resourceVersion) return conflict();
    const next = found === undefined ? body : (laidOver(found, body) as Thing);
    if (query.get('dryRun') === 'All') return { status: 200, body: next };
    return { status: found === undefined ? 201 : 200, body: this.put(path, next) };
  }

  #replace({ path, body }: Seen, found: Thing): Reply {
    if (body.metadata.resourceVersion !== found.metadata.resourceVersion) return conflict();
    return { status: 200, body: this.put(path, body) };
  }

  #patch({ path, body }: Seen, found: Thing, contentType: string): Reply {
    if (contentType !== 'application/json-patch+json') return refused(415, 'UnsupportedMediaType', contentType);
    let next: Thing;
    try {
      next = applyJsonPatch(found, body as unknown as Parameters<typeof applyJsonPatch>[1]) as Thing;
    } catch (error) {
      return refused(422, 'Invalid', (error as Error).message);
    }
    if (next.metadata.resourceVersion !== found.metadata.resourceVersion) return conflict();
    return { status: 200, body: this.put(path, next) };
  }
}

const resourcesOf = (kinds: Readonly<Record<string, string>>) =>
  Object.entries(kinds).map(([kind, name]) => ({ kind, name, namespaced: true }));
const DISCOVERY: Readonly<Record<string, readonly object[]>> = {
  '/api/v1': [
    ...resourcesOf({
      ConfigMap: 'configmaps',
      Secret: 'secrets',
      Service: 'services',
      ServiceAccount: 'serviceaccounts',
    }),
    { kind: 'Namespace', name: 'namespaces', namespaced: false },
  ],
  '/apis/apps/v1': resourcesOf({ Deployment: 'deployments' }),
  '/apis/autoscaling/v2': resourcesOf({ HorizontalPodAutoscaler: 'horizontalpodautoscalers' }),
};

/** Lists are taken whole, as those are whose order counts. */
function laidOver(below: unknown, above: unknown): unknown {
  const isMap = (it: unknown): it is Record<string, unknown> =>
    typeof it === 'object' && it !== null && !Array.isArray(it);
  if (!isMap(below) || !isMap(above)) return above;
  const keys = [...new Set([...Object.keys(below), ...Object.keys(above)])];
  return Object.fromEntries(keys.map((key) => [key, key in above ? laidOver(below[key], above[key]) : below[key]]));
}

function routeOf(path: string): Route {
  const parts = path.split('/');
  // /api/v1/namespaces/NS/KIND/NAME/SUB or /apis/GROUP/V/namespaces/NS/KIND/NAME/SUB
  const kind = parts[1] === 'api' ? 5 : 6;
  return { collection: parts.slice(0, kind + 1).join('/'), name: parts[kind + 1], sub: parts[kind + 2] };
}

const refused = (status: number, reason: string, message: string) => ({
  status,
  body: { kind: 'Status', status: 'Failure', reason, message, code: status },
});
const conflict = () =>
  refused(409, 'Conflict', 'the object has been modified; please apply your changes to the latest version');

function valueAt(object: unknown, keys: string): unknown {
  return keys
    .split('.')
    .reduce((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), object);
}

function matches(object: Thing, query: URLSearchParams): boolean {
  const fields = (query.get('fieldSelector') ?? '').split(',').filter((it) => it !== '');
  const labels = (query.get('labelSelector') ?? '').split(',').filter((it) => it !== '');
  return (
    fields.every((it) => {
      const [path = '', value] = it.split('=');
      return String(valueAt(object, path)) === value;
    }) &&
    labels.every((it) => {
      const [key = '', value] = it.split('=');
      return object.metadata.labels?.[key] === value;
    })
  );
}
