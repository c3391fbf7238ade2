import { openRegistry } from '../io/registry/index.ts';
import type { World } from '../io/runner/index.ts';
import type { Registry } from '../model/index.ts';

/** GitHub's own registry knows the token of the job; to every other one, and to this one too, a login goes before. */
export const registryOf = ({ env, fetch, clock, random, log, learn, token, run }: World): Registry =>
  openRegistry({
    env,
    fetch,
    clock,
    random,
    learned: learn,
    warn: (line) => log.info(line),
    otherwise: (host) =>
      token !== undefined && host === packagesOf(run.serverUrl)
        ? { kind: 'password', user: run.actor, password: token }
        : undefined,
  });

/** The host of the container registry of a server; on GitHub Enterprise Server it is a name below the server's own. */
function packagesOf(serverUrl: string): string | undefined {
  const { hostname, protocol } = new URL(serverUrl);
  if (protocol !== 'https:') return undefined;
  return hostname === 'github.com' ? 'ghcr.io' : `containers.${hostname}`;
}
