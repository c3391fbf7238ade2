import * as z from 'zod';
import {
  type Clock,
  type DeployEvent,
  type Deployments,
  type Fetch,
  formatIssue,
  nearest,
  type Problem,
  problem,
  type Random,
  type Redact,
  type SecretReference,
  type SinkSettings,
  type StreamName,
  UserError,
  userError,
} from '../../model/index.ts';

/** Of a text of the settings, as the configuration has it. */
const LONGEST_TEXT = 1_024;
/** Characters of a path from which on it may be what is secret in an address. */
const SECRET_PATH = 16;

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
  /** Is told every secret before it is used: `redact` takes it out from then on. */
  readonly learn: (secret: string) => void;
  /** GitHub Deployments of the repository; called only when an event is sent. */
  readonly deployments: () => Promise<Deployments>;
  /** The stream of an event, for links into the ledger. */
  readonly streamOf: (event: DeployEvent) => StreamName;
}

/** One kind of sink: the fields of its own, beside those that every sink has, and what sends to it. */
export interface SinkKind {
  readonly fields: z.ZodObject;
  readonly create: CreateSink;
}

/**
 * Checks the settings once (throws `config-invalid`), then sends. Whoever calls it sees to time, retries and results. It
 * throws `Refused` when a retry is of no use, {@link TryLater} when the server names a time.
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

/** Makes a kind of sink: its fields are checked before `create` is called with them. */
export function defineSink<Shape extends z.ZodRawShape>(
  fields: z.ZodObject<Shape, z.core.$strict>,
  create: (fields: z.output<z.ZodObject<Shape, z.core.$strict>>, settings: SinkSettings, deps: SinkDeps) => Send,
): SinkKind {
  return { fields, create: (settings, deps) => create(readFields(fields, settings), settings, deps) };
}

/** A field that names the environment variable of a secret. */
export const secretField = z.strictObject({ env: z.string() });

/** Any text with something in it. */
export const textField = z.string().min(1).max(LONGEST_TEXT);

/** Throws `config-invalid` with all that is wrong. */
function readFields<T>(fields: z.ZodType<T> & Pick<z.ZodObject, 'shape'>, settings: SinkSettings): T {
  const result = fields.safeParse(settings.fields);
  if (result.success) return result.data;
  const known = Object.keys(fields.shape);
  throw new UserError(result.error.issues.map((issue) => fieldProblem(issue, settings, known)));
}

function fieldProblem(issue: z.core.$ZodIssue, settings: SinkSettings, known: readonly string[]): Problem {
  const sentence = `${nameOf(settings)} has a wrong field: ${formatIssue(issue)}.`;
  if (issue.code !== 'unrecognized_keys' || issue.path.length > 0) return problem('config-invalid', sentence);
  const meant = nearest(issue.keys[0] ?? '', known);
  const remedy = meant === undefined ? `Its own fields are: ${known.join(', ')}.` : `Did you mean \`${meant}\`?`;
  return problem('config-invalid', sentence, { remedy });
}

/**
 * The address of a sink, wherever it stands. Throws `config-invalid`; a secret address is never shown.
 *
 * @param usual the address where the settings name none; undefined: they must
 */
export function urlOf(settings: SinkSettings, deps: Secrets, usual?: string): string {
  const { url = usual } = settings;
  if (typeof url === 'object') {
    const secret = secretOf(settings, url, deps);
    if (!URL.canParse(secret)) throw sinkInvalid(settings, `finds no absolute address in the variable ${url.env}`);
    // Errors name its parts.
    const { pathname, search } = new URL(secret);
    if (pathname.length >= SECRET_PATH) deps.learn(pathname + search);
    return secret;
  }
  if (url === undefined || !URL.canParse(url)) {
    throw sinkInvalid(settings, `needs an absolute \`url\`, not ${JSON.stringify(url ?? '')}`);
  }
  return url;
}

/** The value of a secret that the settings name. Throws `config-invalid` when the variable is not set. */
export function secretOf(settings: SinkSettings, secret: SecretReference, deps: Secrets): string {
  const value = deps.env(secret.env) ?? '';
  if (value === '') throw sinkInvalid(settings, `takes a secret from the variable ${secret.env}, which is not set`);
  deps.learn(value);
  return value;
}

type Secrets = Pick<SinkDeps, 'env' | 'learn'>;

export const sinkInvalid = (settings: SinkSettings, what: string): Error =>
  userError('config-invalid', `${nameOf(settings)} ${what}.`);

const nameOf = ({ name, kind }: SinkSettings): string => `The sink ${name} (kind ${kind})`;
