import type { ActionFlow, ActionResult, PostFlow, PostResult, World } from '../io/runner/index.ts';
import {
  type Checkout,
  type Commit,
  type Config,
  isCommit,
  type JournalEntry,
  type Problem,
  problem,
  type Settled,
  userError,
} from '../model/index.ts';
import { ownerOf, parseEvent, type RecordingJournal, streamRef } from '../record/index.ts';
import { environmentNamed, openHouse, openLedger, serviceNamed, streamNameOf } from './house.ts';
import type { recordAction } from './interface/index.ts';
import { eventFactsOf, journalOf } from './journal.ts';
import { foreignDeploy, foreignEntry, foreignSettled } from './record-entry.ts';
import { recordResult } from './record-report.ts';
import { jobStatus, type RecordInputs, type RecordRequest, requestOf } from './record-request.ts';
import { readSavedRecord } from './saved.ts';
import { openSinks, SinkFeed } from './sinks.ts';

type Result = ActionResult<keyof typeof recordAction.outputs>;

/** Records a deploy that another tool makes, or sends an event that is recorded already to the sinks of this job. */
export const recordFlow: ActionFlow<typeof recordAction.inputs, keyof typeof recordAction.outputs> & PostFlow = {
  main,
  post,
};

async function main(inputs: RecordInputs, world: World): Promise<Result> {
  return inputs.event === undefined ? record(inputs, world) : forward(inputs.event, inputs, world);
}

/** An event of deploy-to-env is in the ledger already: only the sinks of this job, with its secrets, get it. */
async function forward(text: string, inputs: RecordInputs, world: World): Promise<Result> {
  const parsed = parseEvent(text);
  if (!('value' in parsed)) throw userError('input-invalid', `The input \`event\` is no deploy event: ${parsed.why}.`);
  const event = parsed.value;
  const { config } = await openHouse(inputs.config, world);
  const feed = new SinkFeed(await openSinks(config, inputs.sinks, world));
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
  const ending: RecordInputs = {
    ...started.inputs,
    status: jobStatus(world.env),
    phase: 'finish',
    'started-at': started.startedAt,
  };
  const { journal, entry, settled, feed } = await open(ending, world);
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

/** Reads what is asked for, opens the stream that it is about, and decides what is to be written there. */
async function open(inputs: RecordInputs, world: World): Promise<Opened> {
  const request = requestOf(inputs, world.env);
  const { config, checkout } = await openHouse(inputs.config, world);
  const { journal, commit, stream } = await openStream(request, config, checkout, world);
  const { run, clock } = world;
  const found = { commit, by: run.actor, owner: ownerOf(run), now: new Date(clock.now()).toISOString() };
  const deploy = foreignDeploy(request, found, journal.state);
  return {
    journal,
    entry: foreignEntry(deploy, journal.state),
    settled: foreignSettled(deploy, journal.state),
    feed: new SinkFeed(await openSinks(config, inputs.sinks, world)),
    ref: streamRef(stream),
  };
}

/** The journal of a stream, and the commit that its next event is about. */
async function openStream(request: RecordRequest, config: Config, checkout: Checkout, world: World) {
  const { run } = world;
  const service = serviceNamed(config, request.service);
  const environment = environmentNamed(config, service, request.environment);
  const stream = streamNameOf(config, run.repository, service.name, environment.name);
  const id = await commitAsked(request.commit, checkout, world);
  const facts = await checkout.facts(id);
  const common = eventFactsOf({
    stream,
    class: environment.class,
    team: service.team,
    settings: service.deployments.get(environment.name),
    commit: { title: facts?.title, date: facts?.date },
  });
  const more = { aliases: service.aliases, whenUnreadable: 'throw', kept: undefined } as const;
  const journal = await journalOf(openLedger(config.ledger, checkout.root, world), common, more, world);
  return { journal, stream, commit: { id, date: facts?.date } };
}

/**
 * The commit that was deployed. A whole id counts as it is, also where git does not know it: whoever compares with it
 * learns that it is unknown. Throws `input-invalid` for another name that git does not know.
 */
async function commitAsked(asked: string | undefined, checkout: Checkout, { run }: World): Promise<Commit> {
  const found = await checkout.resolve(asked ?? (run.sha || 'HEAD'));
  if (found !== undefined) return found;
  if (asked === undefined) return run.sha;
  if (isCommit(asked)) return asked;
  throw userError('input-invalid', `\`commit\`: git knows no commit ${JSON.stringify(asked)}.`, {
    remedy: 'Give the whole id of the commit, or check out with `fetch-depth: 0`.',
  });
}
