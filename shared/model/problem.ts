import { REASONS, type ReasonCode } from './reasons.ts';

/** A place in a file of the user's; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** What went wrong, for a person: a stable code, one sentence, and what to do about it. */
export interface Problem {
  readonly code: ReasonCode;
  readonly sentence: string;
  readonly remedy: string;
  readonly at?: Place;
}

/** Makes a problem; the remedy is the code's own unless a more exact one is known. */
export function problem(code: ReasonCode, sentence: string, more: { remedy?: string; at?: Place } = {}): Problem {
  return {
    code,
    sentence,
    remedy: more.remedy ?? REASONS[code].remedy,
    ...(more.at === undefined ? {} : { at: more.at }),
  };
}

/** `file:line:column: CODE sentence. remedy`, the form in which every problem is printed. */
export function formatProblem(it: Problem): string {
  const place = it.at === undefined ? '' : `${formatPlace(it.at)}: `;
  return `${place}${it.code} ${it.sentence} ${it.remedy}`;
}

/** `file:line:column` */
export function formatPlace(at: Place): string {
  return [at.file, at.line, at.column].filter((part) => part !== undefined).join(':');
}

/**
 * The user can mend this: their configuration, their permissions, their registry, their service. Anything else that is
 * thrown is a bug of ours and is reported as one. It may carry several problems (all errors of a file come at once).
 */
export class UserError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const list = 'code' in problems ? [problems] : problems;
    super(list.map(formatProblem).join('\n'), options);
    this.name = 'UserError';
    this.problems = list;
  }

  get code(): ReasonCode {
    return this.problems[0]?.code ?? 'internal-error';
  }
}

/** Shorthand for the common case: throw one problem. */
export function userError(
  code: ReasonCode,
  sentence: string,
  more: { remedy?: string; at?: Place; cause?: unknown } = {},
): UserError {
  return new UserError(problem(code, sentence, more), more.cause === undefined ? undefined : { cause: more.cause });
}

/** What a room meets and cannot carry out. */
export interface Unsupported {
  /** Path of the key as it stands in the file, such as `deploy.strategy`. */
  readonly key: string;
  /** The value that is not carried out, where another one would be: `canary`. */
  readonly value?: string;
  readonly service?: string;
  readonly environment?: string;
  /** What to do instead; default: the code's own remedy. */
  readonly remedy?: string;
}

/**
 * The error for a setting that the configuration accepts, but this version cannot carry out. The room that would have to
 * do so throws it before it writes anything.
 */
export function notYet({ key, value, service, environment, remedy }: Unsupported): UserError {
  const what = value === undefined ? `\`${key}\`` : `\`${key}: ${value}\``;
  const whose = service === undefined ? '' : ` of \`${service}\``;
  const where = environment === undefined ? '' : ` in \`${environment}\``;
  const sentence = `${what}${whose}${where} is understood, but not carried out by this version.`;
  return userError('not-yet', sentence, remedy === undefined ? {} : { remedy });
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
