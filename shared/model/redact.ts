import { formsOf } from './secret-forms.ts';

/** What stands where a secret stood. */
const MASK = '***';

/*
 * Every pattern takes time in proportion to the text: it begins with letters that are its own, and what may overlap with
 * a second beginning is bounded.
 */

/** Tokens that are recognised by their form, whoever issued them: a leak through a log line is caught without knowing the value. */
const FORMS: readonly RegExp[] = [
  /\bgh[oprsu]_[A-Za-z0-9]{20,255}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,255}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\bglpat-[A-Za-z0-9_-]{20,}/g,
  /(?<![\w-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+/g,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
];

/**
 * `Authorization: Bearer x`, `password=x1`, `"token": "x1"`: the name stays, the value goes. The value ends where a JSON
 * text has an escape, so that JSON stays JSON.
 */
const NAMED =
  /((?:authorization["']?\s{0,9}[:=]\s{0,9}["']?(?:bearer|basic|token)\s{1,9}|(?:passw(?:or)?d|passphrase|[_-]pass|[_-]pwd|secret|token|(?:api|access|private)[_-]?key)["']?\s{0,9}[:=]\s{0,9}["']?))((?:[^\s"',;&\\]|\\[^\s"'\\nrtbfu]|\\\\){6,})/gi;

/**
 * `scheme://user:password@host`, without a user as well, and with `/` or `@` in the password. What is a number and then
 * a path is a port, and the `@` that follows stands in the path.
 */
const PASSWORD_IN_ADDRESS =
  /(:\/\/)[^\s/@:[\]"'`<>\\]{0,256}:(?!\d{1,5}[/?#,;)\]}|])[^\s@"'`<>\\]{1,256}@(?:[^\s/@"'`<>\\]{0,256}@){0,3}/g;
/** `https://token@host`. Elsewhere a user alone is a name: `ssh://git@host`. */
const USER_IN_ADDRESS = /(https?:\/\/)[^\s/@:"'`<>\\]{1,256}@/gi;

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** A {@link Redact} that can be told of more secrets while it is in use. */
export interface Redactor {
  readonly redact: Redact;
  /** From now on this value is taken out too. */
  learn(secret: string): void;
}

/**
 * Makes the one function through which everything that leaves the process goes: log, summary, event, board, outputs.
 *
 * @param secrets values that are known to be secret; each line of a many-line secret counts by itself, and so do the
 *   forms that encodings give it
 */
export const redactor = (secrets: Iterable<string>): Redact => openRedactor(secrets).redact;

/** @param secrets as for {@link redactor} */
export function openRedactor(secrets: Iterable<string>): Redactor {
  const known = new Set<string>();
  let longestFirst: readonly string[] = [];
  const learn = (given: Iterable<string>): void => {
    const before = known.size;
    for (const secret of given) for (const form of formsOf(secret)) known.add(form);
    if (known.size > before) longestFirst = [...known].sort((a, b) => b.length - a.length);
  };
  learn(secrets);
  return {
    redact: (text) => withoutForms(longestFirst.reduce((clean, value) => clean.replaceAll(value, MASK), text)),
    learn: (secret) => learn([secret]),
  };
}

function withoutForms(text: string): string {
  return FORMS.reduce((clean, form) => clean.replace(form, MASK), text)
    .replace(NAMED, maskNamed)
    .replace(PASSWORD_IN_ADDRESS, `$1${MASK}@`)
    .replace(USER_IN_ADDRESS, `$1${MASK}@`);
}

/** A value has a digit in it, so that a commit title such as `token: refresh earlier` stays readable. */
const maskNamed = (whole: string, name: string, value: string): string => (/\d/.test(value) ? `${name}${MASK}` : whole);
