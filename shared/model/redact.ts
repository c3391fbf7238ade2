/** What stands where a secret stood. */
const MASK = '***';

/** Tokens that are recognised by their form, whoever issued them: a leak through a log line is caught without knowing the value. */
const FORMS: readonly RegExp[] = [
  /\bgh[oprsu]_[A-Za-z0-9]{20,255}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,255}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\bglpat-[A-Za-z0-9_-]{20,}/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/**
 * `Authorization: Bearer x`, `password=x1`, `"token": "x1"`: the name stays, the value goes. A value has a digit in it,
 * so that a commit title such as `token: refresh earlier` stays readable.
 */
const NAMED =
  /((?:authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+)|(?:\b[\w-]*(?:password|passwd|secret|token|api[_-]?key)["']?\s*[:=]\s*["']?))(?=[^\s"',;&]*\d)[^\s"',;&]{6,}/gi;
/** `https://user:password@host` */
const USERINFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+:[^\s/@]+@/gi;

/** Shorter values would blank out ordinary words. */
const SHORTEST_SECRET = 6;

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/**
 * Makes the one function through which everything that leaves the process goes: log, summary, event, board, outputs.
 *
 * @param secrets values that are known to be secret; each line of a many-line secret counts by itself, and so does
 *   the form that base64 and URL encoding give it
 */
export function redactor(secrets: Iterable<string>): Redact {
  const values = [...new Set([...secrets].flatMap(variants))].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const value of values) clean = clean.replaceAll(value, MASK);
    for (const form of FORMS) clean = clean.replace(form, MASK);
    return clean.replace(NAMED, `$1${MASK}`).replace(USERINFO, `$1${MASK}@`);
  };
}

function variants(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  return [secret.trim(), ...lines]
    .filter((value) => value.length >= SHORTEST_SECRET)
    .flatMap((value) => [value, encodeURIComponent(value), btoa(unescapeToBytes(value))]);
}

/** UTF-8 bytes as a string of one character a byte, which is what btoa takes. */
function unescapeToBytes(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
