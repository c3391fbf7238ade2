import { settleVanished } from '../deploy/index.ts';
import { openRegistry } from '../io/registry/index.ts';
import type { World } from '../io/runner/index.ts';
import { verifierOf } from '../judge/index.ts';
import {
  type Config,
  type InDoubt,
  messageOf,
  type Service,
  type Settled,
  type StreamState,
  type StreamStore,
  userError,
} from '../model/index.ts';
import { openJournal, ownerOf } from '../record/index.ts';
import { createTarget } from '../targets/index.ts';
import { streamNameOf } from './house.ts';

/** One deploy whose run vanished, and how it was settled. */
export interface Swept {
  readonly service: string;
  readonly environment: string;
  readonly settled: Settled;
}

/** Streams that are settled in one sweep; the next one does the rest. */
export const SWEEP_AT_MOST = 50;

/**
 * Settles deploys whose run has vanished (U2, U9): looks at the target of each stream in doubt, and closes it as what it
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
  const { clock, random, redact, log, signal } = world;
  const registry = openRegistry({ environment: world.environment, fetch: world.fetch, clock, random });
  const journal = await openJournal({ store, clock, random, redact, log }, journalFacts(state, service, config, world));
  return settleVanished({
    target: createTarget(doubt.release.target, { registry, clock, random, environment: world.environment }),
    journal,
    verify: verifierOf(settings?.verify ?? { http: [], metrics: undefined }, world),
    clock,
    log,
    redact,
    signal,
    timeoutMs: settings?.timeoutMs ?? 600_000,
    owner: { id: ownerOf(world.run), url: world.run.url },
    onProgress: (step) => log.debug(`sweep: ${step}`),
  });
}

function journalFacts(state: StreamState, service: Service, config: Config, world: World) {
  const environment = config.environments.find((it) => it.name === state.environment);
  const settings = service.deployments.get(state.environment);
  return {
    stream: streamNameOf(config, world.run.repository, state.service, state.environment),
    aliases: [],
    run: world.run,
    class: environment?.class ?? 'production',
    team: service.team,
    strategy: settings?.strategy.kind ?? 'rolling',
    commitTitle: undefined,
    commitDate: undefined,
    hold: settings?.rollback.hold ?? 'digest',
    leaseMs: undefined,
    whenUnreadable: 'throw',
  } as const;
}
