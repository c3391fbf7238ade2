import type { Readiness } from '../../model/index.ts';
import type { Instance } from './files.ts';
import { saidEnd } from './instances.ts';
import { accepting, urlOf } from './ports.ts';
import type { Site } from './site.ts';

const POLL_MS = 50;
/** How often the reader is told that it is still waited. */
const TELL_EVERY_MS = 10_000;

/**
 * Ready is: the process lives and its port accepts connections. That the process has ended is final; that it does not
 * listen yet is waited for until the signal.
 */
export async function untilReady(
  site: Site,
  live: Instance,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<Readiness> {
  const { clock } = site.deps;
  let told = clock.now();
  while (!signal.aborted) {
    const alive = await site.instances.isAlive(live.id);
    if (!alive) return ended(site, live);
    const host = await accepting(live.port);
    // A port that another program has taken accepts as well, while the process is already failing over it.
    if (host !== undefined && (await site.instances.isAlive(live.id))) {
      return { kind: 'ready', url: urlOf(host, live.port) };
    }
    if (clock.now() - told >= TELL_EVERY_MS) {
      progress(`${live.version} runs, but does not accept connections on port ${live.port} yet.`);
      told = clock.now();
    }
    await clock.sleep(POLL_MS, signal);
  }
  const sentence = `${live.version} did not accept connections on port ${live.port} in time.`;
  return { kind: 'failed', reason: 'unhealthy', sentence };
}

async function ended({ instances, deps }: Site, { id, version, port }: Instance): Promise<Readiness> {
  // The system knows of the end a moment before this process is told how it was.
  await deps.clock.sleep(POLL_MS);
  const log = await instances.log(id);
  const last = log.at(-1);
  const said = last === undefined ? ' It printed nothing.' : ` Its last line: "${last}".`;
  const how = saidEnd(instances.endOf(id));
  const sentence = `${version} ended${how} before it accepted connections on port ${port}.${said}`;
  return { kind: 'failed', reason: 'start-failed', sentence };
}
