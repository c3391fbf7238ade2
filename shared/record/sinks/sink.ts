import type {
  Clock,
  DeployEvent,
  Deployments,
  Fetch,
  Random,
  Redact,
  SecretReference,
  SinkSettings,
  StreamName,
} from '../../model/index.ts';
import { userError } from '../../model/index.ts';

/** A system that events are projected to. The ledger is the truth; a sink may fail and the deploy stands. */
export interface Sink {
  readonly name: string;
  /** A failure of this one fails the step. */
  readonly required: boolean;
  /** Never throws. Sending the same event again makes no second marker. */
  send(event: DeployEvent): Promise<SinkResult>;
}

export type SinkResult =
  | { readonly kind: 'ok'; readonly id: string | undefined }
  | { readonly kind: 'skipped'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

/** What the rest of the world gives a sink. */
export interface SinkDeps {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly redact: Redact;
  /** Value of an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** GitHub Deployments of the repository; called only when an event is sent. */
  readonly deployments: () => Promise<Deployments>;
  /** The stream of an event, for links into the ledger. */
  readonly streamOf: (event: DeployEvent) => StreamName;
}

/**
 * What one kind of sink is: it checks its settings once (throws `config-invalid`), then sends. Whoever calls it sees to
 * time, retries and results. It throws `Refused` when a retry is of no use, {@link TryLater} when the server names a time.
 */
export type CreateSink = (settings: SinkSettings, deps: SinkDeps) => Send;
export type Send = (event: DeployEvent, signal: AbortSignal) => Promise<Sent>;
export type Sent = { readonly kind: 'sent'; readonly id?: string } | { readonly kind: 'skipped'; readonly why: string };

/** The server asks to come back later. */
export class TryLater extends Error {
  readonly afterMs: number;

  constructor(sentence: string, afterMs: number) {
    super(sentence);
    this.name = 'TryLater';
    this.afterMs = afterMs;
  }
}

export function skipped(why: string): Sent {
  return { kind: 'skipped', why };
}

/** The address of a sink that needs one. Throws `config-invalid`. */
export function urlOf(settings: SinkSettings): string {
  const url = settings.url ?? '';
  if (!URL.canParse(url)) throw sinkInvalid(settings, `needs an absolute \`url\`, not ${JSON.stringify(url)}`);
  return url;
}

/** The value of a secret that the settings name. Throws `config-invalid` when the variable is not set. */
export function secretOf(settings: SinkSettings, secret: SecretReference, deps: Pick<SinkDeps, 'env'>): string {
  const value = deps.env(secret.env) ?? '';
  if (value === '') throw sinkInvalid(settings, `takes a secret from the variable ${secret.env}, which is not set`);
  return value;
}

export const sinkInvalid = (settings: SinkSettings, what: string): Error =>
  userError('config-invalid', `The sink ${settings.name} (kind ${settings.kind}) ${what}.`);
