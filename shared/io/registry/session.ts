import { type Redact, type Repository, reasonOf, UserError, userError } from '../../model/index.ts';
import type { Authenticator } from './auth.ts';
import { readRefusal, refused } from './refusal.ts';
import { isPassingError, type Retrier } from './retry.ts';
import type { Grant } from './scope.ts';
import { type HttpRequest, isLoopback, shownRequest, type Transport } from './transport.ts';
import { whole } from './whole.ts';

/** How a request is sent. */
export interface Manner {
  /** Whose registry it is for: credentials go to this host only, wherever uploads and redirects lead. */
  readonly host: string;
  /** What its token must allow. */
  readonly grants: readonly Grant[];
  /** The body or the answer is large, and may take long. */
  readonly streamed?: boolean;
}

const HUB = 'docker.io';
const HUB_API = 'registry-1.docker.io';

/** Requests to registries as whoever this machine is logged in as. What the manifest and blob parts stand on. */
export class Session {
  readonly #transport: Transport;
  readonly #auth: Authenticator;
  readonly retrier: Retrier;
  readonly redact: Redact;

  constructor(transport: Transport, auth: Authenticator, retrier: Retrier, redact: Redact) {
    this.#transport = transport;
    this.#auth = auth;
    this.retrier = retrier;
    this.redact = redact;
  }

  /** Sends, answers a challenge once, and repeats what fails in passing. Gives any status but passing ones that passed. */
  request(request: HttpRequest, manner: Manner): Promise<Response> {
    return this.retrier.run(shownRequest(request), () => this.once(request, manner));
  }

  /** As `request`, with the body of a success in memory: what breaks while it is read is repeated too. */
  read(request: HttpRequest, manner: Manner, longest: number): Promise<Response> {
    return this.retrier.run(shownRequest(request), async () =>
      whole(await this.once(request, manner), request, longest),
    );
  }

  /** Sends, and answers a challenge once. For what must not simply be repeated; errors of the connection come as they are. */
  async once(request: HttpRequest, { host, grants, streamed = false }: Manner): Promise<Response> {
    // A registry may send an upload anywhere: there we are nobody, else it could have us write to another registry.
    if (request.url.host !== apiHost(host)) return this.#transport.send(request, undefined, streamed);
    const authorization = await this.#auth.authorization(host, grants);
    const response = await this.#transport.send(request, authorization, streamed);
    if (response.status !== 401 || !isFrom(request.url, response)) return response;
    const renewed = await this.#auth.renew(host, response.headers.get('www-authenticate') ?? '', grants, authorization);
    if (renewed === undefined) return response;
    await response.body?.cancel();
    return this.#transport.send(request, renewed, streamed);
  }

  /** The error that an answer which is no success becomes. */
  async error(response: Response, request: HttpRequest): Promise<UserError> {
    return refused(await readRefusal(response, request, this.redact));
  }

  /** The error that a failure of the connection becomes, outside of the retries of `request`. */
  lost(thrown: unknown, request: HttpRequest): unknown {
    if (thrown instanceof UserError || !isPassingError(thrown)) return thrown;
    return userError('registry-unavailable', `${shownRequest(request)} failed: ${reasonOf(thrown)}.`, {
      cause: thrown,
    });
  }
}

/** Address of something in a repository: https, but for a registry on this machine. */
export function address({ host, path }: Repository, rest: string): URL {
  const api = apiHost(host);
  const scheme = isLoopback(api.replace(/:\d+$/, '')) ? 'http' : 'https';
  return new URL(`${scheme}://${api}/v2/${path}/${rest}`);
}

/** Credentials are kept under the name of a registry, which is not always where it answers. */
const apiHost = (host: string): string => (host === HUB ? HUB_API : host);

/** Whether an answer is the registry's own, and not that of a host it redirected to: only its challenges are answered. */
const isFrom = (asked: URL, response: Response): boolean =>
  response.url === '' || new URL(response.url).origin === asked.origin;
