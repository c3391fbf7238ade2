/** One challenge of a `WWW-Authenticate` header. Scheme and names of parameters are in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A word, and what it is set to when it is a parameter: a quoted string (with commas and escapes) or a token. */
const WORD = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;
/** Longer headers are cut: no registry needs more. */
const LONGEST_HEADER = 8 * 1024;

/** Reads the challenges of a header, several headers joined by commas included (RFC 9110, 11.6.1). */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  for (const [, word = '', quoted, token] of header.slice(0, LONGEST_HEADER).matchAll(WORD)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token;
    if (value === undefined) challenges.push({ scheme: word.toLowerCase(), parameters: {} });
    else {
      const current = challenges.at(-1);
      if (current !== undefined) current.parameters[word.toLowerCase()] = value;
    }
  }
  return challenges;
}
