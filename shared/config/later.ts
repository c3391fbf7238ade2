import { type UserError, userError } from '../model/index.ts';

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
