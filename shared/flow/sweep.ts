import { settleVanished } from '../deploy/index.ts';
import type { World } from '../io/runner/index.ts';
import {
  type Config,
  type InDoubt,
  messageOf,
  type Settled,
  type StreamState,
  type StreamStore,
  userError,
} from '../model/index.ts';
import { ownerOf } from '../record/index.ts';
import { streamNameOf } from './house.ts';
import { eventFactsOf, journalOf } from './journal.ts';
import { registryOf } from './registry.ts';
import { checksOf, DEFAULT_TIMEOUT_MS, NO_CHECKS, targetsOf } from './wiring.ts';

/** One deploy whose run vanished, and how it was settled. */
export interface Swept {
  readonly service: string;
  readonly environment: string;
  readonly settled: Settled;
}

/** Streams that are settled in one sweep; the next one does the rest. */
const SWEEP_AT_MOST = 50;

/**
 * Settles deploys whose run has vanished (a runner that was lost, a job that was killed): looks at the target of each stream in doubt, and closes it as what it
 * finds. One that is still alive is left alone; one whose target cannot be reached from here is told and left.
 */
export async function sweep(
  states: readonly StreamState[],
  config: Config,
  store: StreamStore,
  world: World,
): Promise<readonly Swept[]> {
  const swept: Swept[] = [];
  for (const state of states.filter((it) => it.in_doubt !== null).slice(0, SWEEP_AT_MOST)) {
    const { service, environment, in_doubt: doubt } = state;
    if (doubt === null) continue;
    try {
      const settled = await sweepOne(state, doubt, config, store, world);
      if (settled !== undefined) swept.push({ service, environment, settled });
    } catch (error) {
      world.log.info(`${service} in ${environment} stays in doubt: ${messageOf(error)}`);
    }
  }
  return swept;
}

async function sweepOne(
  state: StreamState,
  doubt: InDoubt,
  config: Config,
  store: StreamStore,
  world: World,
): Promise<Settled | undefined> {
  const service = config.services.find((it) => it.name === state.service);
  if (service === undefined) throw userError('service-unknown', `${state.service} is not configured any more.`);
  const settings = service.deployments.get(state.environment);
  const { clock, redact, log, signal } = world;
  const facts = eventFactsOf({
    stream: streamNameOf(config, world.run.repository, state.service, state.environment),
    class: config.environments.find((it) => it.name === state.environment)?.class ?? 'production',
    team: service.team,
    settings,
    commit: { title: undefined, date: undefined },
  });
  const target = targetsOf(registryOf(world), world)(doubt.release.target);
  const { stream: kept } = await target.observe();
  return settleVanished({
    target,
    journal: await journalOf(store, facts, { aliases: [], whenUnreadable: 'throw', kept }, world),
    verify: checksOf(settings?.verify ?? NO_CHECKS, world),
    clock,
    log,
    redact,
    signal,
    timeoutMs: settings?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    owner: { id: ownerOf(world.run), url: world.run.url },
    onProgress: (step) => log.debug(`sweep: ${step}`),
  });
}
