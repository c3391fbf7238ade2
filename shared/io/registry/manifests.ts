import { createHash } from 'node:crypto';
import {
  type Descriptor,
  type Digest,
  isDigest,
  isRecord,
  parseJson,
  parseRepository,
  type RawManifest,
  type Repository,
  userError,
} from '../../model/index.ts';
import { readRefusal, refused } from './refusal.ts';
import { isPassingStatus } from './retry.ts';
import { pull, push } from './scope.ts';
import { address, type Session } from './session.ts';
import { bodyOf, type HttpRequest, shownRequest } from './transport.ts';

/** All four kinds, always: registries answer 404 for a kind that is not named. */
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
/** Twice what the specification tells registries to take. */
export const LONGEST_MANIFEST = 8 * 1024 * 1024;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
/** Looks for a manifest that a registry has taken, and does not show yet. */
const READ_BACKS = 4;
/**
 * Times that a manifest is sent whose blobs the registry says it lacks. It can be wrong: docker-registry writes the links
 * of a repository's blobs anew for whoever pushes them, and meanwhile does not find them for anybody else.
 */
const SENDS = 3;
/** Refusals that say nothing about the tag: too slow, too large, too often. */
const EXPLAINED: ReadonlySet<number> = new Set([408, 413, 429]);
const BLOB_UNKNOWN = 'MANIFEST_BLOB_UNKNOWN';

/** Reads, writes and tags manifests (distribution-spec 1.1, "Pull" and "Push"). */
export class Manifests {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async resolve(repository: string, reference: string): Promise<Descriptor | undefined> {
    const where = parseRepository(repository);
    const request = this.#read('HEAD', where, reference);
    const response = await this.#session.request(request, { host: where.host, grants: [pull(where.path)] });
    await response.body?.cancel();
    if (response.status === 404) return undefined;
    if (isPassingStatus(response.status)) throw await this.#session.error(response, request);
    const descriptor = response.ok ? descriptorOf(response) : undefined;
    if (descriptor !== undefined) {
      matches(reference, descriptor.digest, request);
      return descriptor;
    }
    // No HEAD, or without the headers: the bytes tell. Every other refusal, GET tells in words.
    const manifest = await this.manifest(repository, reference);
    return manifest && { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length };
  }

  async manifest(repository: string, reference: string): Promise<RawManifest | undefined> {
    const where = parseRepository(repository);
    const request = this.#read('GET', where, reference);
    const manner = { host: where.host, grants: [pull(where.path)] };
    const response = await this.#session.read(request, manner, LONGEST_MANIFEST);
    if (response.status === 404) return discard(response);
    if (!response.ok) throw await this.#session.error(response, request);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const digest = digestOf(bytes);
    matches(reference, digest, request);
    const stated = response.headers.get('docker-content-digest');
    if (stated !== null && stated !== digest) throw wrongBytes(request, stated, digest);
    return { mediaType: mediaTypeOf(response, bytes, request), digest, bytes };
  }

  /** By digest. True: the registry lists it among the referrers of its subject by itself (`OCI-Subject`). */
  async push(repository: string, manifest: RawManifest): Promise<boolean> {
    const request = this.#write(parseRepository(repository), manifest, manifest.digest);
    const response = await this.#put(repository, request, manifest, manifest.digest);
    return response?.headers.has('oci-subject') ?? false;
  }

  async tag(repository: string, manifest: RawManifest, tag: string): Promise<void> {
    if (!TAG.test(tag)) throw userError('input-invalid', `\`${tag}\` is no tag that a registry takes.`);
    if ((await this.resolve(repository, tag))?.digest === manifest.digest) return;
    await this.move(repository, manifest, tag);
  }

  /** Points a tag at a manifest, whatever it points at. */
  async move(repository: string, manifest: RawManifest, tag: string): Promise<void> {
    await this.#put(repository, this.#write(parseRepository(repository), manifest, tag), manifest, tag);
  }

  #read(method: 'GET' | 'HEAD', where: Repository, reference: string): HttpRequest {
    return { method, url: address(where, `manifests/${reference}`), headers: { Accept: ACCEPT.join(', ') } };
  }

  #write(where: Repository, manifest: RawManifest, reference: string): HttpRequest {
    const headers = { 'Content-Type': manifest.mediaType };
    return { method: 'PUT', url: address(where, `manifests/${reference}`), headers, body: bodyOf(manifest.bytes) };
  }

  /**
   * PUT, and what counts in the end is what the registry then has: an answer can get lost, a tag can be immutable.
   * Gives the answer, undefined when it was lost.
   */
  async #put(
    repository: string,
    request: HttpRequest,
    manifest: RawManifest,
    reference: string,
  ): Promise<Response | undefined> {
    const result = await this.#send(request, parseRepository(repository), manifest.digest);
    if (result instanceof Response) return result;
    if (!result.readBack) throw result.error;
    const there = await this.#seen(repository, reference, result.taken);
    if (there === manifest.digest) return result.taken;
    if (there !== undefined && result.immutable) {
      throw userError(
        'tag-conflict',
        `The tag ${repository}:${reference} points at ${there} and the registry does not move it to ${manifest.digest}.`,
        { cause: result.error },
      );
    }
    throw result.error;
  }

  async #send(request: HttpRequest, where: Repository, digest: Digest): Promise<Response | PutFailure> {
    for (let send = 1; ; send += 1) {
      const result = await this.#tryPut(request, where, digest);
      if (result instanceof Response || !result.lacking || send === SENDS) return result;
      await this.#session.retrier.pause(send);
    }
  }

  async #tryPut(request: HttpRequest, { host, path }: Repository, digest: Digest): Promise<Response | PutFailure> {
    let response: Response;
    try {
      response = await this.#session.request(request, { host, grants: [pull(path), push(path)] });
    } catch (error) {
      return { ...NO_ANSWER, error };
    }
    if (response.ok) return this.#taken(response, request, digest);
    const refusal = await readRefusal(response, request, this.#session.redact);
    const denied = refusal.status === 401 || refusal.status === 403;
    const lacking = refusal.codes.includes(BLOB_UNKNOWN);
    const immutable = !lacking && refusal.status < 500 && !EXPLAINED.has(refusal.status);
    return { error: refused(refusal), readBack: !denied, taken: undefined, immutable, lacking };
  }

  async #taken(response: Response, request: HttpRequest, digest: Digest): Promise<Response | PutFailure> {
    await response.body?.cancel();
    const stated = response.headers.get('docker-content-digest');
    if (stated === digest) return response;
    if (stated !== null) throw wrongBytes(request, stated, digest);
    const error = userError('image-invalid', `${shownRequest(request)} succeeded, but ${digest} is not there.`);
    return { ...NO_ANSWER, error, taken: response };
  }

  /** @param taken looks again: it must be there, and registries show it late now and then */
  async #seen(repository: string, reference: string, taken: Response | undefined): Promise<Digest | undefined> {
    for (let look = 1; ; look += 1) {
      const there = await this.resolve(repository, reference);
      if (there !== undefined || taken === undefined || look === READ_BACKS) return there?.digest;
      await this.#session.retrier.pause(look);
    }
  }
}

interface PutFailure {
  readonly error: unknown;
  /** Whether the registry may have it all the same. */
  readonly readBack: boolean;
  /** The registry's word that it took it. */
  readonly taken: Response | undefined;
  /** Whether another digest that is there explains the refusal. */
  readonly immutable: boolean;
  /** The registry says that it lacks what the manifest names. */
  readonly lacking: boolean;
}

const NO_ANSWER = { readBack: true, taken: undefined, immutable: false, lacking: false };

async function discard(response: Response): Promise<undefined> {
  await response.body?.cancel();
}

function descriptorOf(response: Response): Descriptor | undefined {
  const digest = response.headers.get('docker-content-digest') ?? '';
  const mediaType = bare(response.headers.get('content-type'));
  const size = response.headers.get('content-length') ?? '';
  return isDigest(digest) && ACCEPT.includes(mediaType) && /^\d+$/.test(size)
    ? { mediaType, digest, size: Number(size) }
    : undefined;
}

/** The media type without its parameters. */
const bare = (contentType: string | null): string => (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

export const digestOf = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

function matches(reference: string, digest: Digest, request: HttpRequest): void {
  if (isDigest(reference) && reference !== digest) throw wrongBytes(request, reference, digest);
}

function wrongBytes(request: HttpRequest, wanted: string, seen: string): Error {
  return userError(
    'image-invalid',
    `${shownRequest(request)} is about ${seen}, where ${wanted.slice(0, 100)} was expected.`,
  );
}

/** The manifest's own word and the header must agree, else the bytes could be read as two different things. */
function mediaTypeOf(response: Response, bytes: Uint8Array, request: HttpRequest): string {
  const header = bare(response.headers.get('content-type'));
  const own = ownMediaType(bytes);
  const mediaType = own ?? header;
  if (ACCEPT.includes(mediaType) && (own === undefined || header === '' || header === own)) return mediaType;
  throw userError(
    'image-invalid',
    `${shownRequest(request)} gave \`${header}\` that calls itself \`${own ?? ''}\`; no manifest is that.`,
    {
      remedy: 'Push the image again, as an OCI image or Docker manifest version 2.',
    },
  );
}

/** `''` where the bytes are no JSON at all. */
function ownMediaType(bytes: Uint8Array): string | undefined {
  const value = parseJson(new TextDecoder().decode(bytes));
  if (value === undefined) return '';
  return isRecord(value) && typeof value['mediaType'] === 'string' ? value['mediaType'] : undefined;
}
