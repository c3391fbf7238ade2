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
import { ATTEMPTS, isPassingError } from './retry.ts';
import { type Grant, pull, push } from './scope.ts';
import { address, type Session } from './session.ts';
import { type HttpRequest, shownRequest } from './transport.ts';
import { type SendFailure, Upload } from './upload.ts';

/** A blob of more bytes, whose connection broke, goes on in chunks: what has arrived need not be sent again. */
const CHUNKED_ABOVE = 64 * 1024 * 1024;

/** Reads and uploads blobs (distribution-spec 1.1). */
export class Blobs {
  readonly #session: Session;
  readonly #traffic: RegistryTraffic;

  constructor(session: Session, traffic: RegistryTraffic) {
    this.#session = session;
    this.#traffic = traffic;
  }

  async has(repository: string, digest: Digest): Promise<boolean> {
    const where = parseRepository(repository);
    return this.#has(where, digest, [pull(where.path)]);
  }

  async #has(where: Repository, digest: Digest, grants: readonly Grant[]): Promise<boolean> {
    const request: HttpRequest = { method: 'HEAD', url: address(where, `blobs/${digest}`) };
    const response = await this.#session.request(request, { host: where.host, grants });
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
    const { host, path } = parseRepository(repository);
    const response = await this.#session.request(request, { host, grants: [pull(path)], streamed: true });
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
    const where = parseRepository(repository);
    // One token for the question and the upload that mostly follows it.
    const grants = [pull(where.path), push(where.path)];
    const isThere = (): Promise<boolean> => this.#has(where, digest, grants);
    if (await isThere()) return 'present';
    const done = await this.#upload(
      new Upload(this.#session, where, digest, body),
      mountSource(repository, from),
      isThere,
    );
    if (done === 'mounted') return 'mounted';
    this.#traffic.uploads += 1;
    this.#traffic.uploadedBytes += body.size;
    return 'uploaded';
  }

  /** In one piece; in chunks after a failure that says so. After every other failure in a new session with the whole body. */
  async #upload(
    upload: Upload,
    from: string | undefined,
    isThere: () => Promise<boolean>,
  ): Promise<'mounted' | 'uploaded'> {
    let inChunks = false;
    for (let attempt = 1; ; attempt += 1) {
      const start = await upload.start(attempt === 1 ? from : undefined);
      if (start === 'mounted') return 'mounted';
      const failure = await upload.send(start, inChunks);
      // A lost answer is not a lost upload.
      if (failure === undefined || (await isThere())) return 'uploaded';
      const smaller: boolean = !inChunks && start.chunk !== undefined && chunksHelp(failure, upload.size, start.chunk);
      await upload.abandon(failure.location);
      if (!(failure.passing || smaller) || attempt === ATTEMPTS) throw failure.error;
      inChunks ||= smaller;
      await this.#session.retrier.pause(attempt, failure.retryAfter);
    }
  }
}

/** Whether what failed in one piece may arrive in several: a proxy lets no more through, or the connection broke. */
function chunksHelp({ status, passing }: SendFailure, size: number, chunk: number): boolean {
  return (status === 413 && size > chunk) || (status === undefined && passing && size > CHUNKED_ABOVE);
}

/** A repository can be mounted from when it is another one of the same registry. */
function mountSource(repository: string, from: string | undefined): string | undefined {
  if (from === undefined) return undefined;
  const [to, source] = [parseRepository(repository), parseRepository(from)];
  return source.host === to.host && source.path !== to.path ? source.path : undefined;
}
