import { createHash } from 'node:crypto';
import { type Digest, isDigest } from '../model/index.ts';
import type { RegistryRequest } from './registry.ts';
import {
  created,
  digestsIn,
  json,
  lengthAndDigest,
  parse,
  type RegistryReply,
  readAll,
  refuse,
  session,
  unsupported,
} from './registry-replies.ts';
import type { RegistryStore } from './registry-store.ts';

/** The limit that the specification tells registries to have at least. */
const LONGEST_MANIFEST = 4 * 1024 * 1024;
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const ROUTE = /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|tags)\/([^/]*)$/;

/** What the registry says to each request of the OCI distribution specification. */
export class RegistryAnswers {
  readonly #store: RegistryStore;
  uploads = 0;

  constructor(store: RegistryStore) {
    this.#store = store;
  }

  answer(request: RegistryRequest): Promise<RegistryReply> {
    if (request.path === '/v2/') return Promise.resolve({ status: 200, body: '{}' });
    const [, name = '', kind, last = ''] = ROUTE.exec(request.path) ?? [];
    if (/^\/v2\/.+\/referrers\//.test(request.path)) return Promise.resolve(refuse(404, 'NOT_FOUND', 'page not found'));
    if (!NAME.test(name)) return Promise.resolve(refuse(400, 'NAME_INVALID', 'invalid repository name'));
    switch (kind) {
      case 'tags':
        return this.#tags(request, name);
      case 'manifests':
        return this.#manifest(request, name, last);
      case 'blobs':
        return this.#blob(request, name, last);
      default:
        return this.#upload(request, name, last);
    }
  }

  async #tags({ method, query }: RegistryRequest, name: string): Promise<RegistryReply> {
    if (method !== 'GET') return unsupported;
    const all = await this.#store.tags(name);
    if (all.length === 0) return refuse(404, 'NAME_UNKNOWN', 'repository name not known to registry');
    const rest = all.filter((tag) => tag > (query.get('last') ?? ''));
    const page = rest.slice(0, Number(query.get('n') ?? rest.length));
    const next = `</v2/${name}/tags/list?n=${page.length}&last=${page.at(-1)}>; rel="next"`;
    return json(200, { name, tags: page }, page.length > 0 && page.length < rest.length ? { Link: next } : {});
  }

  async #manifest(request: RegistryRequest, name: string, reference: string): Promise<RegistryReply> {
    if (!isDigest(reference) && !TAG.test(reference)) return refuse(400, 'TAG_INVALID', 'invalid reference');
    if (request.method === 'PUT') return this.#putManifest(request, name, reference);
    const found = await this.#store.manifest(name, reference);
    if (found === undefined) return refuse(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    if (request.method === 'DELETE') {
      if (!isDigest(reference)) return refuse(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
      await this.#store.deleteManifest(name, reference);
      return { status: 202 };
    }
    if (!reads(request)) return unsupported;
    if (!acceptedBy(request, found.mediaType)) {
      return refuse(404, 'MANIFEST_UNKNOWN', `${found.mediaType} found, but the Accept header does not support it`);
    }
    const headers = { 'Content-Type': found.mediaType, ...lengthAndDigest(found.size, found.digest) };
    return { status: 200, headers, body: this.#store.read(found.digest) };
  }

  async #putManifest({ incoming }: RegistryRequest, name: string, reference: string): Promise<RegistryReply> {
    const bytes = await readAll(incoming, LONGEST_MANIFEST);
    if (bytes === undefined) return refuse(413, 'SIZE_INVALID', 'manifest is too large');
    const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (isDigest(reference) && reference !== digest) return refuse(400, 'DIGEST_INVALID', 'digest does not match');
    const mediaType = incoming.headers['content-type'] ?? '';
    const manifest = parse(bytes);
    if (manifest === undefined || (manifest['mediaType'] ?? mediaType) !== mediaType) {
      return refuse(400, 'MANIFEST_INVALID', 'manifest invalid, or not of its Content-Type');
    }
    const missing = await this.#missing(name, manifest);
    if (missing !== undefined) return refuse(400, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', missing);
    await this.#store.putManifest(name, { digest, mediaType, bytes }, isDigest(reference) ? undefined : reference);
    return created(`/v2/${name}/manifests/${digest}`, digest);
  }

  /** The first thing that a manifest names and that its repository does not have. */
  async #missing(name: string, manifest: Record<string, unknown>): Promise<Digest | undefined> {
    for (const digest of digestsIn(manifest['config'], manifest['layers'])) {
      if ((await this.#store.blob(name, digest)) === undefined) return digest;
    }
    for (const digest of digestsIn(manifest['manifests'])) {
      if ((await this.#store.manifest(name, digest)) === undefined) return digest;
    }
    return undefined;
  }

  async #blob(request: RegistryRequest, name: string, digest: string): Promise<RegistryReply> {
    if (!isDigest(digest)) return refuse(400, 'DIGEST_INVALID', 'invalid digest');
    const size = await this.#store.blob(name, digest);
    if (size === undefined) return refuse(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
    if (request.method === 'DELETE') {
      await this.#store.unlinkBlob(name, digest);
      return { status: 202 };
    }
    if (!reads(request)) return unsupported;
    const headers = { 'Content-Type': 'application/octet-stream', ...lengthAndDigest(size, digest) };
    return { status: 200, headers, body: this.#store.read(digest) };
  }

  async #upload(request: RegistryRequest, name: string, id: string): Promise<RegistryReply> {
    if (id === '') return request.method === 'POST' ? this.#startUpload(request, name) : unsupported;
    const offset = /^[0-9a-f-]{36}$/.test(id) ? await this.#store.uploaded(id) : undefined;
    if (offset === undefined) return refuse(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
    if (request.method === 'GET') return session(204, name, id, offset);
    if (request.method === 'DELETE') {
      await this.#store.abort(id);
      return { status: 204 };
    }
    if (request.query.get('_state') !== String(offset)) {
      return refuse(404, 'BLOB_UPLOAD_INVALID', 'this location of the upload is not its newest');
    }
    if (request.method === 'PATCH') return this.#patch(request, name, id, offset);
    return request.method === 'PUT' ? this.#finish(request, name, id) : unsupported;
  }

  async #startUpload({ query }: RegistryRequest, name: string): Promise<RegistryReply> {
    const mount = query.get('mount') ?? '';
    if (isDigest(mount) && (await this.#store.blob(query.get('from') ?? '', mount)) !== undefined) {
      await this.#store.linkBlob(name, mount);
      return created(`/v2/${name}/blobs/${mount}`, mount);
    }
    return session(202, name, await this.#store.startUpload(), 0);
  }

  async #patch({ incoming }: RegistryRequest, name: string, id: string, offset: number): Promise<RegistryReply> {
    const [, start] = /^(\d+)-\d+$/.exec(incoming.headers['content-range'] ?? `${offset}-${offset}`) ?? [];
    if (Number(start) !== offset) return { ...session(416, name, id, offset) };
    await this.#store.append(id, incoming);
    return session(202, name, id, (await this.#store.uploaded(id)) ?? 0);
  }

  async #finish({ incoming, query }: RegistryRequest, name: string, id: string): Promise<RegistryReply> {
    const digest = query.get('digest') ?? '';
    if (!isDigest(digest)) return refuse(400, 'DIGEST_INVALID', 'invalid digest');
    await this.#store.append(id, incoming);
    if (!(await this.#store.finish(name, id, digest))) return refuse(400, 'DIGEST_INVALID', 'digest does not match');
    this.uploads += 1;
    return created(`/v2/${name}/blobs/${digest}`, digest);
  }
}

const reads = ({ method }: RegistryRequest): boolean => method === 'GET' || method === 'HEAD';

/** As 2.8.2 reads it: no wildcards, all headers together. */
function acceptedBy({ incoming }: RegistryRequest, mediaType: string): boolean {
  return (incoming.headers.accept ?? '').split(',').some((part) => part.split(';')[0]?.trim() === mediaType);
}
