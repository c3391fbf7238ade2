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
import {
  messageOf,
  type StreamName,
  type StreamReading,
  type StreamState,
  type Target,
  type TargetSettings,
} from '../model/index.ts';
import { keptOf, type LedgerView, readStreams, standOf } from '../record/index.ts';
import { resolvedTarget, type Site } from './deploy-site.ts';
import { streamNameOf } from './house.ts';
import type { deployAction } from './interface/index.ts';

type Inputs = InputValues<typeof deployAction.inputs>;
type OpenTarget = (settings: TargetSettings) => Target;

/** The streams that a deploy looks at: its own, those it must have settled in before, and the one it is promoted from. */
interface Streams {
  readonly view: LedgerView;
  reading(environment: string): StreamReading;
  /** The target of this environment, looked at before the ledger: so it cannot know of an event that was not read. */
  readonly here: Look;
  /** What a stream says now, with what its target keeps where the ledger has lost something. */
  stand(environment: string, kept: StreamState | undefined): StreamRecord;
}

/** What one look at a target showed. */
interface Look {
  readonly shows: Shown;
  readonly kept: StreamState | undefined;
}

/** Looks at the target, then reads the streams in one fetch. Throws `ledger-unavailable`. */
export async function readSiteStreams(
  site: Site,
  promoteFrom: string | undefined,
  openTarget: OpenTarget,
  world: World,
): Promise<Streams> {
  const here = await lookAt(() => openTarget(site.target));
  const environments = [site.environment.name, ...sourcesOf(site), ...(promoteFrom === undefined ? [] : [promoteFrom])];
  const nameOf = (environment: string, service = site.service): StreamName =>
    streamNameOf(site, world.run.repository, service, environment);
  const names = [...new Set(environments)].flatMap((it) =>
    [site.service, ...site.aliases].map((service) => nameOf(it, service)),
  );
  const view = await readStreams(site.store, names, world.run.repository);
  const reading = (environment: string) => view.reading(nameOf(environment), site.aliases);
  const ours = (environment: string, kept: StreamState | undefined) =>
    keptOf(kept, nameOf(environment), site.aliases, world.run.repository);
  return { view, reading, here, stand: (environment, kept) => standOf(reading(environment), ours(environment, kept)) };
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
  const { shows, kept } = streams.here;
  const record = streams.stand(site.environment.name, kept);
  const live = typeof record === 'string' ? null : record.live;
  const gated = isGated(inputs.mode);
  return {
    mode: inputs.mode,
    service: site.service,
    environment: site.environment,
    release,
    record,
    shows,
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
    sourcesOf(site).map(async (environment) => {
      const { shows, kept } = await lookIn(site, environment, openTarget);
      return { environment, record: streams.stand(environment, kept), shows };
    }),
  );
}

/** What runs in an environment before this one, where its target can be looked at from here: refs of the ledger cannot be protected. */
async function lookIn({ home }: Site, environment: string, openTarget: OpenTarget): Promise<Look> {
  const settings = home?.service.deployments.get(environment);
  if (home === undefined || settings === undefined) return notLooked('it is not configured here');
  return lookAt(() => openTarget(resolvedTarget(settings.target, home.house.checkout, home.service)));
}

/** A target that cannot be opened here (another tool's, one of a later version) was not looked at, and says so in the plan. */
async function lookAt(open: () => Target): Promise<Look> {
  try {
    const { live, stream } = await open().observe();
    const shows = live === undefined ? NOTHING : { kind: 'digest' as const, digest: live.image.digest };
    return { shows, kept: stream };
  } catch (error) {
    return notLooked(messageOf(error));
  }
}

const NOTHING: Shown = { kind: 'nothing' };

const notLooked = (why: string): Look => ({ shows: { kind: 'not-looked', why }, kept: undefined });
