import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

const SERVICE = '/twirp/github.actions.results.api.v1.CacheService/';
const HOUR_S = 3_600;

/** The cache service of GitHub Actions, version 2, as far as BuildKit speaks with it: entries, and blobs as Azure keeps them. */
export interface ActionsCache {
  /** Variables that a runner gives to actions. */
  readonly env: Readonly<Record<string, string>>;
  /** Keys of entries that are whole. */
  keys(): readonly string[];
  close(): Promise<void>;
}

export async function startActionsCache(): Promise<ActionsCache> {
  const token = tokenFor('refs/heads/main');
  const store = new Store();
  const server = createServer((request, response) => {
    store.answer(request, response, token).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  store.url = url;
  return {
    env: { ACTIONS_RESULTS_URL: url, ACTIONS_RUNTIME_TOKEN: token, ACTIONS_CACHE_SERVICE_V2: 'true' },
    keys: () => [...store.entries.keys()],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A token as the runner has it: a JWT whose `ac` says which scopes may be written; nobody here checks its signature. */
function tokenFor(scope: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { ac: JSON.stringify([{ Scope: scope, Permission: 3 }]), nbf: now - HOUR_S, exp: now + HOUR_S };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${Buffer.from('signature').toString('base64url')}`;
}

class Store {
  url = '';
  readonly entries = new Map<string, Buffer>();
  readonly #uploads = new Map<string, Buffer>();
  readonly #blocks = new Map<string, Buffer>();

  async answer(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const body = await buffer(request);
    if (!pathname.startsWith(SERVICE)) return this.#blob(request, response, { pathname, searchParams, body });
    const allowed = request.headers.authorization === `Bearer ${token}`;
    const reply = allowed ? this.#call(pathname.slice(SERVICE.length), JSON.parse(body.toString())) : { ok: false };
    response.writeHead(allowed ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  }

  #call(method: string, asked: { readonly key: string; readonly restore_keys?: readonly string[] }): object {
    const place = `${this.url}blob/${encodeURIComponent(asked.key)}`;
    switch (method) {
      case 'CreateCacheEntry':
        return this.entries.has(asked.key)
          ? { ok: false, message: 'it exists' }
          : { ok: true, signed_upload_url: place };
      case 'FinalizeCacheEntryUpload':
        this.entries.set(asked.key, this.#uploads.get(asked.key) ?? Buffer.alloc(0));
        return { ok: true, entry_id: '1' };
      default: {
        const wanted = [asked.key, ...(asked.restore_keys ?? [])];
        const found = [...this.entries.keys()].reverse().find((key) => wanted.some((it) => key.startsWith(it)));
        const url = `${this.url}blob/${encodeURIComponent(found ?? '')}`;
        return found === undefined ? { ok: false } : { ok: true, signed_download_url: url, matched_key: found };
      }
    }
  }

  /** Put Blob, Put Block, Put Block List and Get Blob of Azure's storage. */
  #blob(
    request: IncomingMessage,
    response: ServerResponse,
    asked: { readonly pathname: string; readonly searchParams: URLSearchParams; readonly body: Buffer },
  ): void {
    const { pathname, searchParams, body } = asked;
    const key = decodeURIComponent(pathname.replace(/^\/blob\//, ''));
    const headers = { 'x-ms-request-id': '1', 'x-ms-version': '2024-08-04', etag: '"1"' };
    if (request.method !== 'PUT') {
      const whole = this.entries.get(key) ?? Buffer.alloc(0);
      const from = Number(/bytes=(\d+)-/.exec(String(request.headers['x-ms-range'] ?? ''))?.[1] ?? 0);
      response.writeHead(from === 0 ? 200 : 206, headers).end(whole.subarray(from));
      return;
    }
    const part = searchParams.get('comp');
    if (part === 'block') this.#blocks.set(`${key} ${searchParams.get('blockid')}`, body);
    else if (part === 'blocklist') this.#uploads.set(key, this.#joined(key, body.toString()));
    else this.#uploads.set(key, body);
    response.writeHead(201, headers).end();
  }

  #joined(key: string, list: string): Buffer {
    const ids = [...list.matchAll(/<Latest>([^<]+)<\/Latest>/g)].map(([, id]) => `${key} ${id}`);
    return Buffer.concat(ids.map((id) => this.#blocks.get(id) ?? Buffer.alloc(0)));
  }
}
