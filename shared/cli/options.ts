import { userError } from '../model/index.ts';

/** What can stand behind a command. */
export interface CliOptions {
  readonly remote: string;
  readonly repository: string | undefined;
  readonly config: string;
  readonly environment: string | undefined;
  readonly service: string | undefined;
  readonly at: string | undefined;
  readonly window: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly days: string | undefined;
  readonly limit: string | undefined;
  readonly json: boolean;
}

/** The value of an option that a command cannot do without. */
export function needed(value: string | undefined, name: string): string {
  if (value !== undefined && value !== '') return value;
  throw userError('input-invalid', `The option --${name} is needed.`, { remedy: 'See --help.' });
}

/** The value of an option that counts something, from 1 up. */
export function countIn(value: string | undefined, name: string, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw userError('input-invalid', `The option --${name} must be a whole number from 1 up, not "${value}".`, {
    remedy: 'See --help.',
  });
}
