import { createHash } from 'node:crypto';
import {
  type Descriptor,
  type Digest,
  parseRepository,
  type RegistryTraffic,
  type ReplayableBody,
  type Repository,
  userError,
} from '../../model/index.ts';
import { ATTEMPTS, isPassingError, isPassingStatus } from './retry.ts';
import { pull, push } from './scope.ts';
import { address, type Session } from './session.ts';
import { bodyOf, type HttpRequest, redirectTarget, shownRequest } from './transport.ts';

const NOTHING = bodyOf(new Uint8Array());

/** Reads and uploads blobs (distribution-spec 1.1): bytes in one piece, each upload with a session of its own. */
export class Blobs {
  readonly #session: Session;
  readonly #traffic: RegistryTraffic;

  constructor(session: Session, traffic: RegistryTraffic) {
    this.#session = session;
    this.#traffic = traffic;
  }

  async has(repository: string, digest: Digest): Promise<boolean> {
    const where = parseRepository(repository);
    const request: HttpRequest = { method: 'HEAD', url: address(where, `blobs/${digest}`) };
    const response = await this.#session.request(request, { grants: [pull(where.path)] });
    if (response.status !== 404 && !response.ok) throw await this.#session.error(response, request);
    await response.body?.cancel();
    return response.ok;
  }

  /** Opens at once, so that a blob that is not there is told before anything is read. */
  async read(repository: string, blob: Pick<Descriptor, 'digest' | 'size'>): Promise<AsyncIterable<Uint8Array>> {
    const request: HttpRequest = { method: 'GET', url: address(parseRepository(repository), `blobs/${blob.digest}`) };
    const first = await this.#open(repository, request);
    return this.#checked(repository, request, blob, first);
  }

  async #open(repository: string, request: HttpRequest): Promise<Response> {
    const response = await this.#session.request(request, {
      grants: [pull(parseRepository(repository).path)],
      streamed: true,
    });
    if (response.ok) return response;
    const error = await this.#session.error(response, request);
    throw response.status === 404
      ? userError(
          'image-not-found',
          `${repository} does not have the blob ${request.url.pathname.split('/').at(-1)}.`,
          { cause: error },
        )
      : error;
  }

  async *#checked(
    repository: string,
    request: HttpRequest,
    blob: Pick<Descriptor, 'digest' | 'size'>,
    first: Response,
  ): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of this.#continued(repository, request, first)) {
      size += chunk.length;
      if (size > blob.size) break;
      hash.update(chunk);
      yield chunk;
    }
    const digest = `sha256:${hash.digest('hex')}`;
    if (size !== blob.size || digest !== blob.digest) {
      const seen = size > blob.size ? `more than ${blob.size} bytes` : `${size} bytes of ${digest}`;
      throw userError(
        'image-invalid',
        `${shownRequest(request)} gave ${seen}, where ${blob.size} bytes were expected.`,
      );
    }
  }

  /** The bytes of a response, and when the connection breaks, of another one from where it broke. */
  async *#continued(repository: string, request: HttpRequest, first: Response): AsyncGenerator<Uint8Array> {
    let response = first;
    let given = 0;
    for (let attempt = 1; ; attempt += 1) {
      let position = 0;
      try {
        for await (const chunk of response.body ?? []) {
          position += chunk.length;
          const fresh = chunk.subarray(Math.max(0, chunk.length - Math.max(0, position - given)));
          given += fresh.length;
          if (fresh.length > 0) yield fresh;
        }
        return;
      } catch (error) {
        if (!isPassingError(error) || attempt === ATTEMPTS) throw this.#session.lost(error, request);
      }
      await this.#session.retrier.pause(attempt);
      response = await this.#open(repository, request);
    }
  }

  async push(
    repository: string,
    digest: Digest,
    body: ReplayableBody,
    from: string | undefined,
  ): Promise<'present' | 'mounted' | 'uploaded'> {
    if (await this.has(repository, digest)) return 'present';
    const upload = new Upload(this.#session, parseRepository(repository), digest, body);
    let start = await upload.start(mountSource(repository, from));
    if (start === 'mounted') return 'mounted';
    for (let attempt = 1; ; attempt += 1) {
      const failure = await upload.send(start);
      // A lost answer is not a lost upload.
      if (failure === undefined || (await this.has(repository, digest))) break;
      if (!failure.passing || attempt === ATTEMPTS) throw failure.error;
      await upload.abandon(start);
      await this.#session.retrier.pause(attempt);
      start = await upload.start(undefined);
      if (start === 'mounted') break;
    }
    this.#traffic.uploads += 1;
    this.#traffic.uploadedBytes += body.size;
    return 'uploaded';
  }
}

/** A repository can be mounted from when it is another one of the same registry. */
function mountSource(repository: string, from: string | undefined): string | undefined {
  if (from === undefined) return undefined;
  const [to, source] = [parseRepository(repository), parseRepository(from)];
  return source.host === to.host && source.path !== to.path ? source.path : undefined;
}

interface SendFailure {
  readonly error: unknown;
  /** Another session may succeed. */
  readonly passing: boolean;
}

/** The upload of one blob: POST opens a session, PUT sends the bytes and closes it. */
class Upload {
  readonly #session: Session;
  readonly #where: Repository;
  readonly #digest: Digest;
  readonly #body: ReplayableBody;

  constructor(session: Session, where: Repository, digest: Digest, body: ReplayableBody) {
    this.#session = session;
    this.#where = where;
    this.#digest = digest;
    this.#body = body;
  }

  /** Opens a session, or mounts the blob: a registry that cannot mount answers with a session too, which is used. */
  async start(from: string | undefined): Promise<URL | 'mounted'> {
    const { path } = this.#where;
    const mount = from === undefined ? '' : `?${new URLSearchParams({ mount: this.#digest, from })}`;
    const request: HttpRequest = { method: 'POST', url: address(this.#where, `blobs/uploads/${mount}`), body: NOTHING };
    const grants = [pull(path), push(path), ...(from === undefined ? [] : [pull(from)])];
    const response = await this.#session.request(request, { grants });
    if (from !== undefined && response.status === 201) {
      await response.body?.cancel();
      return 'mounted';
    }
    // Some registries refuse a mount whose source may not be read, where the specification wants a session.
    if (from !== undefined && !response.ok && response.status < 500) {
      await response.body?.cancel();
      return this.start(undefined);
    }
    if (response.status !== 202) throw await this.#session.error(response, request);
    await response.body?.cancel();
    return locationOf(response, request);
  }

  /** undefined: the registry has it. */
  async send(location: URL): Promise<SendFailure | undefined> {
    const url = new URL(location);
    // Appended as text: the registry's own query must come back as it was, byte for byte.
    url.search = `${location.search === '' ? '?' : `${location.search}&`}digest=${encodeURIComponent(this.#digest)}`;
    const headers = { 'Content-Type': 'application/octet-stream' };
    const request: HttpRequest = { method: 'PUT', url, headers, body: this.#body };
    let response: Response;
    try {
      response = await this.#session.once(request, { grants: this.#grants(), streamed: true });
    } catch (error) {
      return { error: this.#session.lost(error, request), passing: isPassingError(error) };
    }
    if (response.status === 201 || response.status === 204) return this.#confirmed(response, request);
    // 404 and 416: the session is gone or stands elsewhere; a new one is not.
    const passing = isPassingStatus(response.status) || response.status === 404 || response.status === 416;
    return { error: await this.#session.error(response, request), passing };
  }

  async #confirmed(response: Response, request: HttpRequest): Promise<undefined> {
    await response.body?.cancel();
    const stated = response.headers.get('docker-content-digest');
    if (stated !== null && stated !== this.#digest) {
      throw userError(
        'image-invalid',
        `${shownRequest(request)} stored ${stated.slice(0, 100)}, where ${this.#digest} was sent.`,
      );
    }
  }

  /** Gives a session up, so that the registry need not keep its half: whether it hears that does not matter. */
  async abandon(location: URL): Promise<void> {
    try {
      const response = await this.#session.once({ method: 'DELETE', url: location }, { grants: this.#grants() });
      await response.body?.cancel();
    } catch {
      // The registry drops abandoned sessions by itself, later.
    }
  }

  #grants(): readonly string[] {
    return [pull(this.#where.path), push(this.#where.path)];
  }
}

function locationOf(response: Response, request: HttpRequest): URL {
  const location = response.headers.get('location');
  if (location !== null) return redirectTarget(request.url, location);
  throw userError('registry-unavailable', `${shownRequest(request)} opened an upload without saying where.`);
}
