import * as z from 'zod';
import { type Json, NAME, parseDuration, redactor } from '../../model/index.ts';
import { leadsOut, NOTHING, ONE_LINE, takesIn, WINDOWS } from '../forms.ts';
import { MAX_DURATION_DAYS, MAX_ENTRIES, MAX_LINE, MAX_TEXT } from '../limits.ts';

/*
 * Messages of these schemas are predicates ("must be …"); issues.ts puts the key before them. A check whose remedy is
 * more exact than the code's own hands it on in `params.remedy`.
 */

export const name = z.string().regex(NAME, {
  error: 'must begin with a letter, a digit or `_`, and have at most 63 letters, digits, `.`, `_` and `-`',
});

/** Any text with something in it: an argument, a script, a query. */
export const text = z
  .string()
  .min(1, { error: 'must not be empty' })
  .max(MAX_TEXT, { error: `must have at most ${MAX_TEXT} characters` });

/** A text that fits on one line of a log, a label or an output. */
export const line = z
  .string()
  .min(1, { error: 'must not be empty' })
  .max(MAX_LINE, { error: `must have at most ${MAX_LINE} characters` })
  .regex(ONE_LINE, { error: 'must be one line without control characters' });

export function list<T extends z.ZodType>(item: T) {
  return z.array(item).max(MAX_ENTRIES, { error: `must have at most ${MAX_ENTRIES} entries` });
}

const withoutKnownForms = redactor([]);

/** Whether a text has a login of an address in it, or anything else that is a secret by its form. */
export const holdsSecret = (value: string): boolean => withoutKnownForms(value) !== value;

export const NO_SECRET = 'must not hold a secret, because files are read by many';

/** An address, of which no part may be a login. */
export const address = line.refine((it) => !holdsSecret(it), {
  error: NO_SECRET,
  params: { remedy: 'Take the secret out of the address, and replace it with a new one, since it could be read.' },
});

/** A program and its arguments. */
export const command = list(z.string().max(MAX_TEXT)).min(1, { error: 'must name a program' });

/** Values of environment variables and build arguments, where `8080` and `true` are texts as well. */
export const scalar = z
  .union([z.string().max(MAX_TEXT), z.number(), z.boolean()], { error: 'must be a text, a number, `true` or `false`' })
  .transform(String);

export const variables = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, { error: 'is no name of a variable: letters, digits and `_`' }),
  scalar,
);

const DAY_MS = 86_400_000;
/** Gives milliseconds. */
export const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, {
    error: 'must be a duration: a whole number and `ms`, `s`, `m`, `h` or `d`, such as `90s`',
  })
  .refine((it) => (parseDuration(it) ?? 0) <= MAX_DURATION_DAYS * DAY_MS, {
    error: `must be at most ${MAX_DURATION_DAYS}d`,
  })
  .transform((it) => parseDuration(it) ?? 0);

/** A duration in which something has to happen. */
export const span = z
  .string()
  .regex(/^(?=0*[1-9])\d{1,9}(ms|s|m|h|d)$/, {
    error: 'must be a duration longer than nothing: a whole number and `ms`, `s`, `m`, `h` or `d`, such as `90s`',
  })
  .pipe(duration);

/** The name of the environment variable that holds a secret; the secret itself never stands in a file. */
export const secretReference = z.strictObject({
  env: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be the name of an environment variable' })
    .describe('Name of the environment variable that holds the secret.'),
});

const withoutWindows = {
  error: 'must have `/` between folders, and not `\\`',
  params: { remedy: 'Write `/` on every system; a `*` that is a letter of a name is `[*]`.' },
};

/** A folder or file, from where the key says. */
export const path = line.refine((it) => !WINDOWS.test(it), withoutWindows);

const pattern = line
  .refine((it) => !WINDOWS.test(it), withoutWindows)
  .refine((it) => !NOTHING.test(it), { error: 'must name something' })
  .refine((it) => !leadsOut(it), {
    error: 'must not lead out of its folder with `..`',
    params: { remedy: 'Patterns start where the file says; `dependencies.paths` are from the root of the repository.' },
  });

/** Patterns as .gitignore has them: the last that matches wins, `!` takes out again. */
export const patterns = list(pattern).refine(takesIn, {
  error: 'must not hold only patterns that take out, since nothing was taken in before',
  params: { remedy: 'Begin the list with "**".' },
});

/** A section that may be written with nothing after its colon. */
export function section<T extends z.ZodType>(schema: T) {
  return schema.nullable();
}

export const isJson = (value: unknown): value is Json => {
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isJson);
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
};

/** Free values of the user's. */
export const json = z.custom<Json>(isJson, { error: 'must be a value that JSON has' });
