import { describePlan, finishCancelled, planDeploy, type Review, runDeploy, type SettleDeps } from '../deploy/index.ts';
import type { ActionFlow, ActionResult, InputValues, PostFlow, PostResult, World } from '../io/runner/index.ts';
import { type DeployPlan, isSuccess, type Journal, problem } from '../model/index.ts';
import { type EventFacts, ownerOf, type RecordingJournal } from '../record/index.ts';
import { gatherFacts, readSiteStreams } from './deploy-facts.ts';
import { cancelSummary, deployResult } from './deploy-report.ts';
import { requestedRelease } from './deploy-request.ts';
import { commitFacts, type Site, siteOfCheckout, siteOfLedger } from './deploy-site.ts';
import { stepWords } from './deploy-steps.ts';
import { openLedger, streamNameOf } from './house.ts';
import type { deployAction } from './interface/index.ts';
import { eventFactsOf, journalOf } from './journal.ts';
import { oneLook } from './one-look.ts';
import { registryOf } from './registry.ts';
import { readSavedDeploy, type SavedDeploy } from './saved.ts';
import { openSinks, SinkFeed } from './sinks.ts';
import { checksOf, DEFAULT_TIMEOUT_MS, NO_CHECKS, type OpenTarget, targetsOf } from './wiring.ts';

type Inputs = InputValues<typeof deployAction.inputs>;
type Result = ActionResult<keyof typeof deployAction.outputs>;

/** Deploys one image to one environment, or rolls back, holds, releases, removes; and records it. */
export const deployFlow: ActionFlow<typeof deployAction.inputs, keyof typeof deployAction.outputs> & PostFlow = {
  main,
  post,
};

/** `post:` gives up after this; GitHub gives a cancelled run five minutes in all. */
const POST_BUDGET_MS = 120_000;

async function main(inputs: Inputs, world: World): Promise<Result> {
  const site =
    inputs.ledger === undefined
      ? await siteOfCheckout(inputs, world)
      : await siteOfLedger(inputs.ledger, inputs, world);
  const feed = new SinkFeed(await openSinks(site, [], world));
  const registry = registryOf(world);
  const openTarget = targetsOf(registry, world, site.home?.house.checkout.root);
  let journal: RecordingJournal | undefined;
  const review = async (): Promise<Review> => {
    const store = oneLook(site.store);
    const streams = await readSiteStreams({ ...site, store }, inputs['promote-from'], openTarget, world);
    const release = await requestedRelease(inputs, site, streams.reading, registry, world);
    const plan = planDeploy(await gatherFacts(inputs, site, release, streams, openTarget, world));
    const whenUnreadable = plan.mode === 'rollback' ? 'continue' : 'throw';
    const more = { aliases: site.aliases, whenUnreadable, kept: streams.here.kept } as const;
    journal = await journalOf(store, await eventFacts(site, plan, world), more, world);
    return { plan, journal };
  };
  const first = await review();
  world.log.group(`Plan for ${site.service} in ${site.environment.name}`, describePlan(first.plan));
  const saved = await savedState(site, first.plan, inputs, world);
  world.saveState(saved);
  const settled = await runDeploy(first.plan, {
    ...settleDeps(site, first.journal, openTarget, inputs.timeout ?? saved.timeoutMs, world, () =>
      feed.catchUp(journal),
    ),
    lockWaitMs: inputs['lock-wait'],
    review,
  });
  if (settled.outcome !== 'cancelled') world.saveState({ ...saved, open: false });
  feed.catchUp(journal);
  const sinks = await feed.settled();
  for (const it of sinks.warnings) world.log.warning(it);
  return deployResult(first.plan, settled, journal, {
    ok: isSuccess(settled.outcome),
    failed: sinks.failed,
  });
}

/** After a cancelled job: takes back what was half done, or leaves it, and closes the event. */
async function post(saved: unknown, world: World): Promise<PostResult> {
  const state = readSavedDeploy(saved);
  if (state === undefined || !state.open) return { summary: '', problems: [] };
  const { stream } = state.journal;
  const ended = world.env['INPUT_JOB-STATUS'] || 'without a status';
  world.log.info(`The job ended ${ended} while ${stream.service} was on its way to ${stream.environment}.`);
  const store = openLedger(state.ledger, state.clone ?? undefined, world);
  const openTarget = targetsOf(registryOf(world), world);
  const { stream: kept } = await openTarget(state.target).observe();
  const more = { aliases: state.aliases, whenUnreadable: 'continue', kept } as const;
  const journal = await journalOf(store, state.journal, more, world);
  const feed = new SinkFeed(await openSinks(state, [], world));
  const settled = await finishCancelled({
    ...settleDeps(
      { target: state.target, settings: state },
      journal,
      openTarget,
      state.timeoutMs,
      withBudget(world),
      () => feed.catchUp(journal),
    ),
    onCancel: state.onCancel,
  });
  feed.catchUp(journal);
  const sinks = await feed.settled();
  for (const it of sinks.warnings) world.log.warning(it);
  if (settled === undefined) return { summary: '', problems: sinks.failed };
  const told = problem(
    settled.reason ?? 'cancelled',
    `${stream.service} in ${stream.environment}: ${settled.sentence}`,
  );
  return { summary: cancelSummary(stream, settled), problems: [told, ...sinks.failed] };
}

const withBudget = (world: World): World => ({
  ...world,
  signal: AbortSignal.any([world.signal, AbortSignal.timeout(POST_BUDGET_MS)]),
});

function settleDeps(
  site: Pick<Site, 'target'> & { readonly settings: Pick<SavedDeploy, 'verify'> | undefined },
  journal: Journal,
  openTarget: OpenTarget,
  timeoutMs: number,
  world: World,
  afterStep: () => void,
): SettleDeps {
  const { clock, log, redact, signal, run } = world;
  return {
    target: openTarget(site.target),
    journal,
    verify: checksOf(site.settings?.verify ?? NO_CHECKS, world),
    clock,
    log,
    redact,
    signal,
    timeoutMs,
    owner: { id: ownerOf(run), url: run.url },
    onProgress: (step) => {
      afterStep();
      const words = stepWords(step);
      if (words === undefined) log.debug(`step: ${step}`);
      else log.info(`${words} …`);
    },
  };
}

async function eventFacts(site: Site, plan: DeployPlan, world: World): Promise<Omit<EventFacts, 'run'>> {
  return eventFactsOf({
    stream: streamNameOf(site, world.run.repository, site.service, site.environment.name),
    class: site.environment.class,
    team: site.team,
    settings: site.settings,
    commit: await commitFacts(site, plan.release.commit, world.redact),
  });
}

async function savedState(site: Site, plan: DeployPlan, inputs: Inputs, world: World): Promise<SavedDeploy> {
  return {
    open: true,
    journal: await eventFacts(site, plan, world),
    aliases: site.aliases,
    target: site.target,
    verify: withoutSecrets(site.settings?.verify ?? NO_CHECKS, world),
    timeoutMs: inputs.timeout ?? site.settings?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    ledger: site.ledger,
    clone: site.home?.house.checkout.root ?? null,
    sinks: site.sinks,
    onCancel: inputs['on-cancel'],
  };
}

/** A check whose address has a secret in it fails in `post:` rather than to have the secret in a file. */
const withoutSecrets = (verify: SavedDeploy['verify'], { redact }: World): SavedDeploy['verify'] => ({
  ...verify,
  http: verify.http.map((check) => ({ ...check, url: redact(check.url) })),
});
