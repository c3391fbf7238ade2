import { type Digest, type ReplayableBody, type Repository, userError } from '../../model/index.ts';
import { Pieces } from './pieces.ts';
import { ATTEMPTS, isPassingError, isPassingStatus } from './retry.ts';
import { pull, push } from './scope.ts';
import { address, type Manner, type Session } from './session.ts';
import { bodyOf, type HttpRequest, redirectTarget, shownRequest } from './transport.ts';

/** Bytes of a chunk where the registry asks for no larger ones. Registries are known that take no more. */
const CHUNK = 4 * 1024 * 1024;
/** Chunks are kept in memory, so that one can be sent again: more than this is not. */
const LONGEST_CHUNK = 64 * 1024 * 1024;
const NOTHING = bodyOf(new Uint8Array());
const BYTES = { 'Content-Type': 'application/octet-stream' };

/** A session of an upload, as the registry opened it. */
interface UploadStart {
  readonly location: URL;
  /** Bytes of a chunk; undefined where the registry wants larger ones than are kept in memory. */
  readonly chunk: number | undefined;
}

/** Why the bytes are not there, or may not be. */
export interface SendFailure {
  readonly error: unknown;
  /** Another session may succeed. */
  readonly passing: boolean;
  /** undefined: no answer came. */
  readonly status?: number;
  readonly retryAfter?: string | null;
  /** The newest place of the session. */
  readonly location: URL;
}

/** The upload of one blob (distribution-spec 1.1, "Pushing blobs"): POST opens a session, PUT closes it. */
export class Upload {
  readonly size: number;
  readonly #session: Session;
  readonly #where: Repository;
  readonly #digest: Digest;
  readonly #body: ReplayableBody;
  readonly #manner: Manner;

  constructor(session: Session, where: Repository, digest: Digest, body: ReplayableBody) {
    this.size = body.size;
    this.#session = session;
    this.#where = where;
    this.#digest = digest;
    this.#body = body;
    this.#manner = { host: where.host, grants: [pull(where.path), push(where.path)] };
  }

  /** Opens a session, or mounts the blob: a registry that cannot mount answers with a session too, which is used. */
  async start(from: string | undefined): Promise<UploadStart | 'mounted'> {
    const mount = from === undefined ? '' : `?${new URLSearchParams({ mount: this.#digest, from })}`;
    const request: HttpRequest = { method: 'POST', url: address(this.#where, `blobs/uploads/${mount}`), body: NOTHING };
    const { host, grants } = this.#manner;
    const needs = [...grants, ...(from === undefined ? [] : [pull(from)])];
    const response = await this.#session.request(request, { host, grants: needs });
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
    return { location: locationOf(response, request), chunk: chunkOf(response) };
  }

  /** All bytes in one request, or in chunks. undefined: the registry has them. */
  send({ location, chunk }: UploadStart, inChunks: boolean): Promise<SendFailure | undefined> {
    return inChunks && chunk !== undefined ? this.#sendChunks(location, chunk) : this.#close(location, this.#body);
  }

  /** One chunk after the other, each at the place that the one before named; then the session is closed. */
  async #sendChunks(location: URL, chunk: number): Promise<SendFailure | undefined> {
    let place = location;
    for await (const { bytes, offset } of new Pieces(this.#body, chunk)) {
      const next = await this.#sendChunk(place, bytes, offset);
      if (!(next instanceof URL)) return next;
      place = next;
    }
    return this.#close(place, NOTHING);
  }

  /** Sends a chunk until the registry has all of it; gives the place of the next one. */
  async #sendChunk(location: URL, bytes: Uint8Array, offset: number): Promise<URL | SendFailure> {
    let place = location;
    let sent = 0;
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#patch(place, bytes.subarray(sent), offset + sent);
      if (result instanceof URL) return result;
      const lost = result.status === undefined || result.status === 416 || isPassingStatus(result.status);
      if (!lost || attempt === ATTEMPTS) return result;
      await this.#session.retrier.pause(attempt, result.retryAfter);
      const reached = await this.#reached(place);
      if (reached === undefined || reached.offset < offset || reached.offset > offset + bytes.length) return result;
      place = reached.location;
      sent = reached.offset - offset;
      if (sent === bytes.length) return place;
    }
  }

  async #patch(location: URL, bytes: Uint8Array, offset: number): Promise<URL | SendFailure> {
    const headers = { ...BYTES, 'Content-Range': `${offset}-${offset + bytes.length - 1}` };
    const request: HttpRequest = { method: 'PATCH', url: location, headers, body: bodyOf(bytes) };
    const response = await this.#try(request, location);
    if (!(response instanceof Response)) return response;
    if (response.status !== 202) return this.#refused(response, request, location);
    await response.body?.cancel();
    return locationOf(response, request);
  }

  /** How far a session came, and where it goes on; undefined when the registry does not say. */
  async #reached(location: URL): Promise<{ readonly offset: number; readonly location: URL } | undefined> {
    const request: HttpRequest = { method: 'GET', url: location };
    const response = await this.#session.request(request, this.#manner);
    await response.body?.cancel();
    const last = /^(?:bytes=)?0-(\d+)$/.exec(response.headers.get('range') ?? '')?.[1];
    if (!response.ok || last === undefined) return undefined;
    const next = response.headers.get('location');
    // `0-0` is how registries write that there is nothing yet.
    const offset = last === '0' ? 0 : Number(last) + 1;
    return { offset, location: next === null ? location : redirectTarget(location, next) };
  }

  async #close(location: URL, body: ReplayableBody): Promise<SendFailure | undefined> {
    const url = new URL(location);
    // Appended as text: the registry's own query must come back as it was, byte for byte.
    url.search = `${location.search === '' ? '?' : `${location.search}&`}digest=${encodeURIComponent(this.#digest)}`;
    const request: HttpRequest = { method: 'PUT', url, headers: BYTES, body };
    const response = await this.#try(request, location);
    if (!(response instanceof Response)) return response;
    if (response.status === 201 || response.status === 204) return this.#confirmed(response, request);
    return this.#refused(response, request, location);
  }

  async #try(request: HttpRequest, location: URL): Promise<Response | SendFailure> {
    try {
      return await this.#session.once(request, { ...this.#manner, streamed: true });
    } catch (error) {
      const passing = isPassingError(error);
      return { error: this.#session.lost(error, request), passing, location };
    }
  }

  async #refused(response: Response, request: HttpRequest, location: URL): Promise<SendFailure> {
    const { status } = response;
    return {
      error: await this.#session.error(response, request),
      // 404 and 416: the session is gone or stands elsewhere; a new one is not.
      passing: isPassingStatus(status) || status === 404 || status === 416,
      status,
      retryAfter: response.headers.get('retry-after'),
      location,
    };
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
      const response = await this.#session.once({ method: 'DELETE', url: location }, this.#manner);
      await response.body?.cancel();
    } catch {
      // The registry drops abandoned sessions by itself, later.
    }
  }
}

function locationOf(response: Response, request: HttpRequest): URL {
  const location = response.headers.get('location');
  if (location !== null) return redirectTarget(request.url, location);
  throw userError('registry-unavailable', `${shownRequest(request)} went on with an upload without saying where.`);
}

function chunkOf(response: Response): number | undefined {
  const asked = /^\d{1,12}$/.exec(response.headers.get('oci-chunk-min-length') ?? '')?.[0];
  const length = Math.max(CHUNK, Number(asked ?? 0));
  return length > LONGEST_CHUNK ? undefined : length;
}
