import * as z from 'zod';
import { deployLayer } from './deploy.ts';
import { line, list, name, section } from './parts.ts';

const localTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/, {
    error: 'must be a date and time without an offset, such as `2026-12-20T00:00`',
    abort: true,
  })
  .refine(isCalendarTime, { error: 'must be a day and time that the calendar has' });

const freeze = z
  .strictObject({
    from: localTime.describe('When it begins, by the wall clock of `zone`.'),
    to: localTime.describe('When it has ended, by the wall clock of `zone`.'),
    zone: z
      .string()
      .refine(isZone, { error: 'must be a time zone of the IANA database, such as `Europe/Berlin`' })
      .default('UTC')
      .describe('Time zone of `from` and `to`, by its IANA name.'),
    reason: line.describe('Why, for people who meet it.').optional(),
  })
  .refine((it) => seconds(it.from) < seconds(it.to), { error: 'must end after it begins: `from` is not before `to`' });

const requirement = z.strictObject({ gate: line.describe('Name of a gate that the image must have passed.') });

/** One name or several. */
export const names = z
  .union([name, list(name)], { error: 'must be a name or a list of names' })
  .transform((it) => (typeof it === 'string' ? [it] : it));

export const environment = z.strictObject({
  after: names.describe('Environments that an image must have settled in before this one.').optional(),
  class: z
    .enum(['production', 'staging', 'development', 'preview'])
    .describe(
      'What kind of environment it is. Default, from the name: production for prod*, live; staging for stag*, preprod, uat, qa; development for dev*, test*; preview for pr-*; else production.',
    )
    .optional(),
  approval: line.describe('A GitHub environment whose reviewers approve once for all services of a run.').optional(),
  freeze: list(freeze).default([]).describe('Windows in which nothing is deployed.'),
  require: list(requirement)
    .default([])
    .describe('Evidence that an image must carry, beside having settled in the environment before.'),
  deploy: section(deployLayer).describe('Defaults of `deploy` in this environment.').optional(),
});
export type EnvironmentOutput = z.output<typeof environment>;

/** Seconds are optional in what is written, and must not decide what comes first. */
const seconds = (time: string): string => (time.length === 16 ? `${time}:00` : time);

function isCalendarTime(time: string): boolean {
  const written = seconds(time);
  const read = Date.parse(`${written}Z`);
  return !Number.isNaN(read) && new Date(read).toISOString().startsWith(written);
}

function isZone(zone: string): boolean {
  // Offsets such as `+01:00` are no zones: they do not know of summer time.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
