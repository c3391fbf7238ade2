import type { Env } from './context.ts';

/** Variables of the runner and of the system whose names sound secret, but whose values are not. */
const HARMLESS =
  /^(?:GITHUB_(?!TOKEN)|RUNNER_|npm_config_|GPG_TTY|SSH_AUTH_SOCK|.*_(?:FILE|PATH|DIR|URL|HOST|USER(?:NAME)?)$)/i;
const SOUNDS_SECRET = /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|AUTH)/i;
/** A shorter value would blank out ordinary words. */
const SHORTEST = 8;

/** The values in an environment that are secret by the name of their variable: tokens, passwords, keys. */
export function secretsIn(env: Env): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    SOUNDS_SECRET.test(name) && !HARMLESS.test(name) && value !== undefined && value.length >= SHORTEST ? [value] : [],
  );
}
