import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Around, RegistryRequest } from '../../shared/demo/registry.ts';
import { type RegistryReply, refuse } from '../../shared/demo/registry-replies.ts';

/** What goes wrong with one request. */
export type Fault =
  /** The connection is cut before the registry has read anything. */
  | 'reset'
  /** The registry does what was asked, and its answer is lost. */
  | 'lost'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly delayMs: number }
  /** The connection is cut after so many bytes of the request's body, or of the answer's. */
  | { readonly cutRequestAfter: number }
  | { readonly cutReplyAfter: number }
  /** The registry gets and keeps so many bytes of the request's body, and its answer is lost. */
  | { readonly keep: number }
  /** Headers of the answer are set, or taken away with undefined. */
  | { readonly change: Readonly<Record<string, string | undefined>> }
  | { readonly replace: (reply: RegistryReply) => RegistryReply };

/** A registry in which some requests go wrong. */
export const faulty =
  (rule: (request: RegistryRequest) => Fault | undefined): Around =>
  (request, answer) =>
    inflict(rule(request), request, answer);

/** Faults that happen once each, in their order, to requests that match. */
export function once(matches: (request: RegistryRequest) => boolean, ...faults: readonly Fault[]): Around {
  const left = [...faults];
  return faulty((request) => (matches(request) ? left.shift() : undefined));
}

/** Several of them, the first outermost. */
export const compose = (...arounds: readonly Around[]): Around =>
  arounds.reduceRight<Around>(
    (inner, outer) => (request, answer) =>
      outer(request, async () => {
        const reply = await inner(request, answer);
        if (reply === 'reset') throw new Reset();
        return reply;
      }).catch((error: unknown) => {
        if (error instanceof Reset) return 'reset';
        throw error;
      }),
    (_request, answer) => answer(),
  );
class Reset extends Error {}

export const requestIs =
  (method: string, path: RegExp) =>
  (request: RegistryRequest): boolean =>
    request.method === method && path.test(request.path);

async function inflict(
  fault: Fault | undefined,
  request: RegistryRequest,
  answer: () => Promise<RegistryReply>,
): Promise<RegistryReply | 'reset'> {
  if (fault === undefined) return answer();
  if (fault === 'reset') return 'reset';
  if (fault === 'lost') {
    await answer();
    return 'reset';
  }
  if ('status' in fault) return fault;
  if ('delayMs' in fault) {
    await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    return answer();
  }
  if ('cutRequestAfter' in fault) {
    await readSome(request, fault.cutRequestAfter);
    return 'reset';
  }
  if ('keep' in fault) {
    const { headers, socket } = request.incoming;
    Object.assign(request, {
      incoming: Object.assign(Readable.from(head(request.incoming, fault.keep)), { headers, socket }),
    });
    await answer();
    return 'reset';
  }
  const reply = await answer();
  if ('replace' in fault) return fault.replace(reply);
  if ('change' in fault) return { ...reply, headers: changed(reply.headers ?? {}, fault.change) };
  return { ...reply, body: cut(reply.body ?? '', fault.cutReplyAfter) };
}

async function readSome({ incoming }: RegistryRequest, count: number): Promise<void> {
  let read = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    read += chunk.length;
    if (read >= count) return;
  }
}

async function* head(body: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of body) {
    yield chunk.subarray(0, left);
    left -= Math.min(left, chunk.length);
    if (left === 0) return;
  }
}

async function* cut(body: string | AsyncIterable<Uint8Array>, after: number): AsyncGenerator<Uint8Array> {
  let left = after;
  for await (const chunk of typeof body === 'string' ? [Buffer.from(body)] : body) {
    yield chunk.subarray(0, left);
    left -= Math.min(left, chunk.length);
    if (left === 0) throw new Error('cut');
  }
  throw new Error('cut');
}

function changed(
  headers: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const result: Record<string, string> = { ...headers };
  for (const [name, value] of Object.entries(change)) {
    delete result[name];
    if (value !== undefined) result[name] = value;
  }
  return result;
}

/** A registry that asks for a user name and a password. */
export const basicAuth = (user: string, password: string): Around => {
  const right = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return (request, answer) => {
    if (request.incoming.headers.authorization === right) return answer();
    const reply = refuse(401, 'UNAUTHORIZED', 'authentication required');
    return Promise.resolve({
      ...reply,
      headers: { ...reply.headers, 'WWW-Authenticate': 'Basic realm="local, test"' },
    });
  };
};

interface TokenServer {
  readonly around: Around;
  /** Each request for a token: what it asked for, and as whom. */
  readonly asked: readonly { readonly scopes: readonly string[]; readonly as: string }[];
}

/**
 * A registry with tokens, and the server that gives them at `/token` of the same address (distribution auth/token.md).
 *
 * @param options.allow who may have which scopes: undefined refuses, a list grants
 * @param options.refresh an identity token that is taken by POST (auth/oauth.md)
 */
export function bearerAuth(options: {
  readonly now: () => number;
  readonly expiresIn?: number;
  readonly allow: (authorization: string | undefined, scopes: readonly string[]) => readonly string[] | undefined;
  readonly refresh?: string;
  readonly field?: 'token' | 'access_token';
}): TokenServer {
  const asked: { scopes: readonly string[]; as: string }[] = [];
  const tokens = new Map<string, { grants: ReadonlySet<string>; until: number }>();
  const give = (as: string | undefined, scopes: readonly string[]): RegistryReply => {
    asked.push({ scopes, as: as ?? 'anonymous' });
    const granted = options.allow(as, scopes);
    if (granted === undefined) return refuse(401, 'UNAUTHORIZED', 'incorrect username or password');
    const token = `${randomUUID()}${randomUUID()}`;
    const life = options.expiresIn ?? 300;
    tokens.set(token, { grants: new Set(granted.flatMap(actionsOf)), until: options.now() + life * 1_000 });
    const expiry = options.expiresIn === undefined ? {} : { expires_in: options.expiresIn };
    return { status: 200, body: JSON.stringify({ [options.field ?? 'token']: token, ...expiry }) };
  };
  const around: Around = async (request, answer) => {
    if (request.path === '/token') return give(...(await askedBy(request, options.refresh)));
    const token = tokens.get(request.incoming.headers.authorization?.replace(/^Bearer /, '') ?? '');
    const needs = needsOf(request);
    if (token !== undefined && token.until > options.now() && needs.every((need) => token.grants.has(need)))
      return answer();
    const realm = `http://${request.incoming.headers.host}/token`;
    const scope = scopesFor(needs);
    const why = token === undefined ? '' : ',error="insufficient_scope"';
    const reply = refuse(401, 'UNAUTHORIZED', 'authentication required');
    const challenge = `Bearer realm="${realm}",service="local-registry",scope="${scope}"${why}`;
    return { ...reply, headers: { ...reply.headers, 'WWW-Authenticate': challenge } };
  };
  return { around, asked };
}

async function askedBy(
  request: RegistryRequest,
  refresh: string | undefined,
): Promise<[string | undefined, readonly string[]]> {
  if (request.method === 'GET') {
    return [request.incoming.headers.authorization, request.query.getAll('scope')];
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of request.incoming) chunks.push(chunk);
  const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  const known = form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === refresh;
  return [known ? 'refresh' : 'wrong', (form.get('scope') ?? '').split(' ')];
}

const actionsOf = (scope: string): readonly string[] => {
  const at = scope.lastIndexOf(':');
  return scope
    .slice(at + 1)
    .split(',')
    .map((action) => `${scope.slice(0, at)}:${action}`);
};

/** As distribution asks: reading needs pull, writing both, a mount pull of its source too. */
function needsOf({ method, path, query }: RegistryRequest): readonly string[] {
  const [, name = ''] =
    /^\/v2\/(.+)\/(?:blobs|manifests|tags)\//.exec(path.replace('/blobs/uploads/', '/blobs/')) ?? [];
  const reading = method === 'GET' || method === 'HEAD';
  const own = reading ? [`repository:${name}:pull`] : [`repository:${name}:pull`, `repository:${name}:push`];
  const from = query.get('from');
  return from === null ? own : [...own, `repository:${from}:pull`];
}

function scopesFor(needs: readonly string[]): string {
  const names = [...new Set(needs.map((need) => need.slice(0, need.lastIndexOf(':'))))];
  return names
    .map((name) => `${name}:${needs.filter((it) => it.startsWith(`${name}:`)).map((it) => it.slice(name.length + 1))}`)
    .join(' ');
}

/** Tags are written once, refused as ECR does. */
export function immutableTags(refusal: {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}): Around {
  const taken = new Set<string>();
  return async (request, answer) => {
    const tag =
      request.method === 'PUT' && !request.path.includes('/manifests/sha256:') && /\/manifests\//.test(request.path);
    if (!tag) return answer();
    if (taken.has(request.path)) return refuse(refusal.status, refusal.code, refusal.message);
    const reply = await answer();
    if (reply.status === 201) taken.add(request.path);
    return reply;
  };
}

export const sha256 = (bytes: Uint8Array | string): `sha256:${string}` =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
