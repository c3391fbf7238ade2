import type { ActionFlow, ActionResult, InputValues, PostResult, World } from '../io/runner/index.ts';
import {
  type EventKind,
  type ImageRef,
  type JournalEntry,
  type Outcome,
  type Problem,
  parseImage,
  problem,
  type Settled,
  type StreamState,
  userError,
} from '../model/index.ts';
import { ownerOf, parseEvent, type RecordingJournal, streamRef } from '../record/index.ts';
import { environmentNamed, openHouse, openLedger, serviceNamed, streamNameOf } from './house.ts';
import type { recordAction } from './interface/index.ts';
import { eventFactsOf, journalOf } from './journal.ts';
import { type ForeignDeploy, foreignEntry, kindOf, outcomeOf } from './record-entry.ts';
import { recordResult } from './record-report.ts';
import { readSavedRecord } from './saved.ts';
import { openSinks, SinkFeed } from './sinks.ts';

export type RecordInputs = InputValues<typeof recordAction.inputs>;
type Result = ActionResult<keyof typeof recordAction.outputs>;

/** Records a deploy that another tool makes, or sends an event that is recorded already to the sinks of this job. */
export const recordFlow: ActionFlow<typeof recordAction.inputs, keyof typeof recordAction.outputs> = { main, post };

async function main(inputs: RecordInputs, world: World): Promise<Result> {
  return inputs.event === undefined ? record(inputs, world) : forward(inputs.event, inputs, world);
}

/** An event of deploy-to-env is in the ledger already: only the sinks of this job, with its secrets, get it. */
async function forward(text: string, inputs: RecordInputs, world: World): Promise<Result> {
  const parsed = parseEvent(text);
  if (!('value' in parsed)) throw userError('input-invalid', `The input \`event\` is no deploy event: ${parsed.why}.`);
  const event = parsed.value;
  const { config } = await openHouse(inputs.config, world);
  const feed = new SinkFeed(openSinks(config, inputs.sinks, world));
  feed.send(event);
  const stream = streamNameOf(config, event.commit.repo, event.service, event.env.name);
  return recordResult(event, streamRef(stream), 'forwarded', await feed.settled(), world);
}

async function record(inputs: RecordInputs, world: World): Promise<Result> {
  const { journal, entry, settled, feed, ref } = await open(inputs, world);
  if (inputs.phase === 'start') {
    // Before the start: should the job end in between, `post:` finds out that there is nothing to close.
    world.saveState({ inputs: withoutSecrets(inputs, world), startedAt: entry.startedAt });
    await journal.start(entry);
  } else if (!(await journal.finish(entry, settled))) {
    throw userError(
      'ledger-unavailable',
      `The end of ${inputs.service} in ${inputs.environment} could not be recorded.`,
    );
  }
  feed.catchUp(journal);
  const event = journal.events.at(-1);
  if (event === undefined) throw userError('locked', `Another run records ${inputs.service} in ${inputs.environment}.`);
  return recordResult(event, ref, inputs.phase === 'start' ? 'started' : 'recorded', await feed.settled(), world);
}

function withoutSecrets(inputs: RecordInputs, { redact }: World): object {
  const clean = Object.entries(inputs).map(([name, value]) => [
    name,
    typeof value === 'string' ? redact(value) : value,
  ]);
  return { ...Object.fromEntries(clean), 'github-token': null };
}

/** Closes what `phase: start` opened, unless a later step of the job did. */
async function post(saved: unknown, world: World): Promise<PostResult> {
  const started = readSavedRecord(saved);
  if (started === undefined) return { summary: '', problems: [] };
  const status = jobStatus(world);
  const { journal, entry, settled, feed } = await open(
    { ...started.inputs, status, phase: 'finish' },
    world,
    started.startedAt,
  );
  if (journal.state?.in_doubt?.owner !== ownerOf(world.run)) return { summary: '', problems: [] };
  const problems: Problem[] = [];
  if (!(await journal.finish(entry, settled)))
    problems.push(problem('ledger-unavailable', 'The end of this deploy could not be recorded.'));
  feed.catchUp(journal);
  const sinks = await feed.settled();
  for (const it of sinks.warnings) world.log.warning(it);
  return { summary: '', problems: [...problems, ...sinks.failed] };
}

interface Opened {
  readonly journal: RecordingJournal;
  readonly entry: JournalEntry;
  readonly settled: Settled;
  readonly feed: SinkFeed;
  readonly ref: string;
}

async function open(inputs: RecordInputs, world: World, startedAt?: string): Promise<Opened> {
  const named = {
    service: required(inputs.service, 'service'),
    environment: required(inputs.environment, 'environment'),
  };
  const { config, checkout } = await openHouse(inputs.config, world);
  const service = serviceNamed(config, named.service);
  const environment = environmentNamed(config, service, named.environment);
  const stream = streamNameOf(config, world.run.repository, service.name, environment.name);
  const commit = (await checkout.resolve(inputs.commit ?? (world.run.sha || 'HEAD'))) ?? world.run.sha;
  const facts = await checkout.facts(commit);
  const eventFacts = eventFactsOf({
    stream,
    class: environment.class,
    team: service.team,
    settings: service.deployments.get(environment.name),
    commit: { title: facts?.title, date: facts?.date },
  });
  const more = { aliases: service.aliases, whenUnreadable: 'throw' } as const;
  const journal = await journalOf(openLedger(config.ledger, checkout.root, world), eventFacts, more, world);
  const now = new Date(world.clock.now()).toISOString();
  const deploy: ForeignDeploy = {
    image: imageIn(inputs, journal.state),
    commit,
    version: inputs.version ?? facts?.date.slice(0, 10).replaceAll('-', '') ?? commit.slice(0, 12),
    by: world.run.actor,
    kind: inputs.kind ?? kindOf(journal.state, inputs.image === undefined ? undefined : parseImage(inputs.image)),
    startedAt: startedAt ?? timeIn(inputs['started-at'], 'started-at') ?? doubtOf(journal.state, world)?.started ?? now,
    finishedAt: timeIn(inputs['finished-at'], 'finished-at') ?? now,
    links: {
      ...(inputs.remediates === undefined ? {} : { remediates: inputs.remediates }),
      ...(inputs.incident === undefined ? {} : { incident: inputs.incident }),
    },
  };
  const outcome = outcomeOf(inputs.status ?? jobStatus(world), deploy.kind);
  return {
    journal,
    entry: foreignEntry(deploy, journal.state),
    settled: settledOf(deploy, outcome, journal.state),
    feed: new SinkFeed(openSinks(config, inputs.sinks, world)),
    ref: streamRef(stream),
  };
}

/** What this same job has started and not finished. */
function doubtOf(state: StreamState | undefined, world: World) {
  const doubt = state?.in_doubt ?? undefined;
  return doubt?.owner === ownerOf(world.run) ? doubt : undefined;
}

function settledOf(deploy: ForeignDeploy, outcome: Outcome, state: StreamState | undefined): Settled {
  const before = state?.live?.image;
  const went = outcome === 'deployed' || outcome === 'rolled-back';
  return {
    outcome,
    reason: undefined,
    sentence: `Recorded for another tool: ${outcome}.`,
    live: went ? deploy.image : outcome === 'removed' ? undefined : before,
    previous: before,
    changed: outcome !== 'cancelled',
    url: undefined,
    evidence: undefined,
    checks: [],
    startedAt: deploy.startedAt,
    finishedAt: deploy.finishedAt,
  };
}

const WITHOUT_IMAGE: ReadonlySet<EventKind | undefined> = new Set<EventKind | undefined>(['config', 'flag', 'remove']);

function imageIn(inputs: RecordInputs, state: StreamState | undefined): ImageRef {
  const named = inputs.image === undefined ? undefined : parseImage(inputs.image);
  if (inputs.image !== undefined && named === undefined) {
    throw userError('input-invalid', 'The input `image` is no image by digest (`repository@sha256:…`).');
  }
  const known = named ?? (WITHOUT_IMAGE.has(inputs.kind) ? state?.live?.image : undefined);
  if (known !== undefined) return known;
  throw userError('input-invalid', 'The input `image` is needed to record what was deployed.', {
    remedy:
      'Give it by digest, `repository@sha256:…`; what a stream has live stands in for kinds config, flag and remove.',
  });
}

function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw userError('input-invalid', `The input \`${name}\` is needed when there is no \`event\`.`);
}

function timeIn(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (!Number.isNaN(ms) && /^\d{4}-\d{2}-\d{2}T/.test(text)) return new Date(ms).toISOString();
  throw userError('input-invalid', `The input \`${name}\` is no ISO 8601 time: ${JSON.stringify(text.slice(0, 60))}.`);
}

function jobStatus(world: World): 'success' | 'failure' | 'cancelled' {
  const status = world.environment['INPUT_JOB-STATUS'];
  return status === 'failure' || status === 'cancelled' ? status : 'success';
}
