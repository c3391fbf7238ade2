import { type Clock, isRecord, parseJson, UserError, userError } from '../../model/index.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { Credentials } from './docker-config.ts';
import { readRefusal, refused } from './refusal.ts';
import type { Retrier } from './retry.ts';
import { type Grant, grantsOf, scopesOf } from './scope.ts';
import { bodyOf, type HttpRequest, isLoopback, shownRequest, type Transport } from './transport.ts';
import { whole } from './whole.ts';

/** distribution auth/token.md: a token without `expires_in` lives a minute. */
const DEFAULT_LIFE_S = 60;
/** A token is taken for dead this much of its life before it is. */
const EARLY = 0.1;
const EARLY_AT_MOST_MS = 10_000;
/** Bytes of the answer of a token server. */
const LONGEST_ANSWER = 1024 * 1024;
const TOKENS_KEPT = 200;
const CLIENT_ID = 'slipway';

/** Knows who we are to a host; undefined: nobody. */
interface Logins {
  credentials(host: string): Promise<Credentials | undefined>;
}

interface Token {
  readonly host: string;
  readonly grants: ReadonlySet<Grant>;
  readonly header: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/**
 * Who we are to each registry: nothing is sent before a registry asks, tokens are kept by host and what they allow, and
 * renewed before they end. Basic, and Bearer as in distribution's auth/token.md and auth/oauth.md.
 */
export class Authenticator {
  readonly #config: Logins;
  readonly #transport: Transport;
  readonly #retrier: Retrier;
  readonly #clock: Clock;
  readonly #learned: (secret: string) => void;
  readonly #redact: (text: string) => string;
  readonly #basic = new Map<string, string>();
  /** Where each host has its tokens from: asked beforehand, so that no body is sent to be refused. */
  readonly #realms = new Map<string, Challenge>();
  readonly #tokens = new Set<Token>();
  readonly #coming = new Map<string, Promise<string | undefined>>();

  constructor(world: {
    readonly config: Logins;
    readonly transport: Transport;
    readonly retrier: Retrier;
    readonly clock: Clock;
    /** Is told every secret, so that none gets into a text. */
    readonly learned: (secret: string) => void;
    readonly redact: (text: string) => string;
  }) {
    this.#config = world.config;
    this.#transport = world.transport;
    this.#retrier = world.retrier;
    this.#clock = world.clock;
    this.#learned = world.learned;
    this.#redact = world.redact;
  }

  /** The `Authorization` to send at once: undefined before the host has asked for one. */
  async authorization(host: string, needs: readonly Grant[]): Promise<string | undefined> {
    const ready = this.#ready(host, needs) ?? this.#basic.get(host);
    const realm = this.#realms.get(host);
    if (ready !== undefined || realm === undefined) return ready;
    try {
      return await this.#bearer(host, realm, needs);
    } catch (error) {
      // What the registry gives to everybody needs no token: whether this is such a thing, it says itself.
      if (error instanceof UserError && error.code === 'registry-denied') return undefined;
      throw error;
    }
  }

  #ready(host: string, needs: readonly Grant[]): string | undefined {
    const now = this.#clock.now();
    for (const token of this.#tokens) {
      if (token.until <= now) this.#tokens.delete(token);
      else if (token.host === host && needs.every((grant) => token.grants.has(grant))) return token.header;
    }
    return undefined;
  }

  /**
   * Answers a 401: the `Authorization` to send once more, undefined when there is none to give.
   *
   * @param stale what was sent, and refused
   */
  renew(
    host: string,
    challenged: string,
    needs: readonly Grant[],
    stale: string | undefined,
  ): Promise<string | undefined> {
    for (const token of this.#tokens) if (token.header === stale) this.#tokens.delete(token);
    const challenges = parseChallenges(challenged);
    const bearer = challenges.find((it) => it.scheme === 'bearer');
    if (bearer !== undefined) return this.#challenged(host, bearer, needs);
    if (challenges.some((it) => it.scheme === 'basic')) return this.#password(host, stale);
    return Promise.resolve(undefined);
  }

  async #password(host: string, stale: string | undefined): Promise<string | undefined> {
    const credentials = await this.#credentials(host);
    if (credentials?.kind !== 'password') return undefined;
    const header = basic(credentials);
    if (header === stale) return undefined;
    this.#basic.set(host, header);
    return header;
  }

  async #challenged(host: string, challenge: Challenge, needs: readonly Grant[]): Promise<string | undefined> {
    const { scope, ...parameters } = challenge.parameters;
    const header = await this.#bearer(host, challenge, [...needs, ...grantsOf(scope ?? '')]);
    this.#realms.set(host, { ...challenge, parameters });
    return header;
  }

  #bearer(host: string, challenge: Challenge, needs: readonly Grant[]): Promise<string | undefined> {
    const grants = [...new Set(needs)].sort();
    // Somebody else may have renewed it in the meantime, or be about to.
    const ready = this.#ready(host, grants);
    if (ready !== undefined) return Promise.resolve(ready);
    const key = [host, ...grants].join(' ');
    const coming =
      this.#coming.get(key) ?? this.#fetchToken(host, challenge, grants).finally(() => this.#coming.delete(key));
    this.#coming.set(key, coming);
    return coming;
  }

  async #fetchToken(host: string, challenge: Challenge, grants: readonly Grant[]): Promise<string | undefined> {
    const realm = realmOf(host, challenge);
    const credentials = await this.#credentials(host);
    const service = challenge.parameters['service'];
    const asked = this.#clock.now();
    const answer =
      credentials?.kind === 'identity'
        ? await this.#ask(refreshRequest(realm, service, grants, credentials.token), undefined)
        : await this.#ask(tokenRequest(realm, service, grants), credentials && basic(credentials));
    this.#learned(answer.token);
    const header = `Bearer ${answer.token}`;
    this.#keep({ host, grants: new Set(grants), header, until: asked + lifeMs(answer.expiresIn) });
    return header;
  }

  async #ask(request: HttpRequest, authorization: string | undefined): Promise<TokenAnswer> {
    const response = await this.#retrier.run(shownRequest(request), async () =>
      whole(await this.#transport.send(request, authorization), request, LONGEST_ANSWER),
    );
    if (!response.ok) {
      const refusal = await readRefusal(response, request, this.#redact);
      // 400 is how OAuth2 servers refuse credentials (RFC 6749, 5.2).
      throw refused(refusal.status < 500 && refusal.status !== 429 ? { ...refusal, status: 401 } : refusal);
    }
    return tokenIn(await response.text(), request);
  }

  #keep(token: Token): void {
    this.#tokens.add(token);
    const [oldest] = this.#tokens;
    if (this.#tokens.size > TOKENS_KEPT && oldest !== undefined) this.#tokens.delete(oldest);
  }

  async #credentials(host: string): Promise<Credentials | undefined> {
    const credentials = await this.#config.credentials(host);
    if (credentials?.kind === 'identity') this.#learned(credentials.token);
    if (credentials?.kind === 'password') {
      this.#learned(credentials.password);
      this.#learned(basic(credentials).replace(/^Basic /, ''));
    }
    return credentials;
  }
}

interface TokenAnswer {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
}

const basic = (it: { readonly user: string; readonly password: string }): string =>
  `Basic ${Buffer.from(`${it.user}:${it.password}`).toString('base64')}`;

const lifeMs = (seconds: number): number => seconds * 1_000 - Math.min(EARLY_AT_MOST_MS, seconds * 1_000 * EARLY);

/** Passwords go to the realm: over TLS, or within this machine for a registry that is on it. */
function realmOf(host: string, challenge: Challenge): URL {
  const text = challenge.parameters['realm'] ?? '';
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  const local = realm?.protocol === 'http:' && isLoopback(realm.hostname) && isLoopback(host.replace(/:\d+$/, ''));
  if (realm !== undefined && (realm.protocol === 'https:' || local)) return realm;
  throw userError(
    'registry-unavailable',
    `${host} asks for a token of ${realm?.origin ?? 'no address'}, which is not safe.`,
    {
      remedy: 'Let the registry name an https address as its realm.',
    },
  );
}

function tokenRequest(realm: URL, service: string | undefined, grants: readonly Grant[]): HttpRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.append('service', service);
  for (const scope of scopesOf(grants)) url.searchParams.append('scope', scope);
  return { method: 'GET', url };
}

function refreshRequest(url: URL, service: string | undefined, grants: readonly Grant[], token: string): HttpRequest {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: token });
  if (service !== undefined) form.set('service', service);
  form.set('scope', scopesOf(grants).join(' '));
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url, headers, body: bodyOf(new TextEncoder().encode(form.toString())) };
}

function tokenIn(text: string, request: HttpRequest): TokenAnswer {
  const answer = parseJson(text);
  const value = isRecord(answer) ? answer : {};
  const token = value['token'] ?? value['access_token'];
  const life = value['expires_in'];
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw userError('registry-denied', `${shownRequest(request)} gave no token.`);
  }
  return { token, expiresIn: typeof life === 'number' && life > 0 ? life : DEFAULT_LIFE_S };
}
