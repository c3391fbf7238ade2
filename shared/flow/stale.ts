import { epochOf } from '../image/index.ts';
import type { World } from '../io/runner/index.ts';
import type { Checkout, Config, Service, ServiceName, StreamReading } from '../model/index.ts';
import { readStreams } from '../record/index.ts';
import { openLedger, streamNameOf } from './house.ts';

/** Epochs that end by themselves; any other text changes with the configuration, which selects the service anyway. */
const ENDING = new Set(['weekly', 'monthly']);

/**
 * The services whose image came to one of their environments in an epoch of `cache-epoch` that has ended: to build them again
 * gives them another content key, and so what is new below them. Throws `ledger-unavailable`.
 */
export async function staleServices(config: Config, checkout: Checkout, world: World): Promise<readonly ServiceName[]> {
  const { repository } = world.run;
  const view = await readStreams(openLedger(config.ledger, checkout.root, world), 'all', repository);
  const readings = (service: Service) =>
    [...service.deployments.keys()].map((environment) =>
      view.reading(streamNameOf(config, repository, service.name, environment), service.aliases),
    );
  return config.services.filter((it) => isStale(it, readings(it), world.clock.now())).map(({ name }) => name);
}

/** @param now milliseconds since 1970 */
export function isStale({ image }: Service, readings: readonly StreamReading[], now: number): boolean {
  if (!ENDING.has(image.cacheEpoch) || image.builder === 'none') return false;
  return readings.some((reading) => {
    const live = reading.kind === 'believed' ? reading.state.live : null;
    return live !== null && epochOf(image.cacheEpoch, Date.parse(live.since)) !== epochOf(image.cacheEpoch, now);
  });
}
