import {
  type Before,
  type DeployFacts,
  isGated,
  type NewRelease,
  promotionSources,
  type Shown,
  type StreamRecord,
} from '../deploy/index.ts';
import type { InputValues, World } from '../io/runner/index.ts';
import { messageOf, type StreamName, type StreamReading, type Target, type TargetSettings } from '../model/index.ts';
import { type LedgerView, readStreams } from '../record/index.ts';
import { resolvedTarget, type Site } from './deploy-site.ts';
import { streamNameOf } from './house.ts';
import type { deployAction } from './interface/index.ts';

type Inputs = InputValues<typeof deployAction.inputs>;
type OpenTarget = (settings: TargetSettings) => Target;

/** The streams that a deploy looks at: its own, those it must have settled in before, and the one it is promoted from. */
interface Streams {
  readonly view: LedgerView;
  reading(environment: string): StreamReading;
}

/** Reads them in one fetch. Throws `ledger-unavailable`. */
export async function readSiteStreams(site: Site, promoteFrom: string | undefined, world: World): Promise<Streams> {
  const environments = [site.environment.name, ...sourcesOf(site), ...(promoteFrom === undefined ? [] : [promoteFrom])];
  const nameOf = (environment: string, service = site.service): StreamName =>
    streamNameOf(site, world.run.repository, service, environment);
  const names = [...new Set(environments)].flatMap((it) =>
    [site.service, ...site.aliases].map((service) => nameOf(it, service)),
  );
  const view = await readStreams(site.store, names, world.run.repository);
  return { view, reading: (environment) => view.reading(nameOf(environment), site.aliases) };
}

/** Everything that the plan is made from, as it is now. */
export async function gatherFacts(
  inputs: Inputs,
  site: Site,
  release: NewRelease | undefined,
  streams: Streams,
  openTarget: OpenTarget,
  world: World,
): Promise<DeployFacts> {
  const record = recordOf(streams.reading(site.environment.name));
  const live = typeof record === 'string' ? null : record.live;
  const gated = isGated(inputs.mode);
  return {
    mode: inputs.mode,
    service: site.service,
    environment: site.environment,
    release,
    record,
    shows: await shown(() => openTarget(site.target)),
    before: gated ? await gatherBefore(site, streams, openTarget) : [],
    ancestry:
      live === null || release === undefined || !gated
        ? undefined
        : ((await site.home?.house.checkout.relation(live.commit, release.commit)) ?? 'unknown'),
    now: world.clock.now(),
    overrides: inputs.override,
    settings: site.settings,
    to: inputs.to,
    scope: (inputs.mode === 'hold' || inputs.mode === 'release') && inputs.image === undefined ? 'stream' : undefined,
    by: world.run.actor,
    because: inputs.reason,
  };
}

function sourcesOf({ home, environment }: Site): readonly string[] {
  if (home === undefined) return [];
  return promotionSources(home.house.config.environments, new Set(home.service.deployments.keys()), environment.name);
}

function gatherBefore(site: Site, streams: Streams, openTarget: OpenTarget): Promise<Before[]> {
  return Promise.all(
    sourcesOf(site).map(async (environment) => ({
      environment,
      record: recordOf(streams.reading(environment)),
      shows: await shownIn(site, environment, openTarget),
    })),
  );
}

/** What runs in an environment before this one, where its target can be looked at from here: refs of the ledger cannot be protected. */
async function shownIn({ home }: Site, environment: string, openTarget: OpenTarget): Promise<Shown> {
  const settings = home?.service.deployments.get(environment);
  if (home === undefined || settings === undefined) return { kind: 'not-looked', why: 'it is not configured here' };
  return shown(() => openTarget(resolvedTarget(settings.target, home.house.checkout, home.service)));
}

/** A target that cannot be opened here (another tool's, one of a later version) was not looked at, and says so in the plan. */
async function shown(open: () => Target): Promise<Shown> {
  try {
    const { live } = await open().observe();
    return live === undefined ? { kind: 'nothing' } : { kind: 'digest', digest: live.image.digest };
  } catch (error) {
    return { kind: 'not-looked', why: messageOf(error) };
  }
}

function recordOf(reading: StreamReading): StreamRecord {
  return reading.kind === 'believed' ? reading.state : reading.kind;
}
