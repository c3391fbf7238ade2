import type { Env } from './context.ts';

/** Variables of the runner and of the system whose names sound secret, but whose values are not. */
const HARMLESS =
  /^(?:GITHUB_(?!TOKEN)|RUNNER_|npm_config_|GPG_TTY|(?:OLD)?PWD$|.*_(?:FILE|PATH|DIR|URL|HOST|SOCK|USER(?:NAME)?)$|(?:.*_)?(?:CACHE|PUBLIC|PRIMARY|SORT|PARTITION)_?KEY$)/i;
/** Words that say so wherever they stand, and those that do as the last word of a name. */
const SOUNDS_SECRET =
  /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|(?:API|PRIVATE|ACCESS)_?KEY|AUTHORIZATION|(?:^|[_-])(?:(?:DB|PG)?PASS|PWD|CREDS?|KEY|O?AUTH|PAT|DSN)$/i;
/** The password in an address such as that of a database or a proxy. */
const PASSWORD_IN_ADDRESS = /^[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/@:]{0,256}:([^\s@]{1,256})@/i;
/** A shorter value would blank out ordinary words. */
const SHORTEST = 8;

/** The values in an environment that are secret: by the name of their variable, or as the password in an address. */
export function secretsIn(env: Env): readonly string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const named = SOUNDS_SECRET.test(name) && !HARMLESS.test(name) ? [value] : [];
    return [...named, ...passwordIn(value)].filter((it) => it.length >= SHORTEST);
  });
}

function passwordIn(address: string): readonly string[] {
  const password = PASSWORD_IN_ADDRESS.exec(address)?.[1];
  return password === undefined ? [] : [...new Set([password, decoded(password)])];
}

/** A password with a `%` of its own stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
