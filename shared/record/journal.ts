import {
  type Clock,
  type DeployEvent,
  type Journal,
  type Log,
  problem,
  type Random,
  type Redact,
  type StreamState,
  type StreamStore,
  UserError,
} from '../model/index.ts';
import { draftFinish, draftStart, draftVanished, lockedBy } from './drafts.ts';
import { type EventFacts, eventId } from './event.ts';
import { mayHaveWritten, ownEvents, runFor } from './occurrence.ts';
import { streamLabel } from './refs.ts';
import { type Draft, openStream, type Position, type StreamWriter, unreadStream } from './stream-writer.ts';

interface JournalDeps {
  readonly store: StreamStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly redact: Redact;
  readonly log: Log;
}

export interface JournalFacts extends EventFacts {
  /** Earlier names of the service: their stream goes on in this one. */
  readonly aliases: readonly string[];
  /** Only a rollback goes on without having read the ledger; its `state` is undefined then. */
  readonly whenUnreadable: 'throw' | 'continue';
  /** What the target keeps of the stream, as it was seen before the ledger is read. */
  readonly kept?: StreamState | undefined;
}

/** The journal of the model, and what flow needs of it besides. */
export interface RecordingJournal extends Journal {
  /** The events that this journal made, in order, also those that could not be pushed: for outputs and sinks. */
  readonly events: readonly DeployEvent[];
}

/** Opens the stream of one deploy. Throws `ledger-unavailable` unless `whenUnreadable` says otherwise. */
export async function openJournal(deps: JournalDeps, facts: JournalFacts): Promise<RecordingJournal> {
  const { writer, found } = await open(deps, facts);
  const label = streamLabel(facts.stream);
  const made: DeployEvent[] = [];
  const own = () => [...found, ...ownEvents(made, facts.run)];
  const it = { facts, writer, own, clock: deps.clock, redact: deps.redact };
  warnOfRestart(writer.position, label, deps.log);
  return {
    get state() {
      return writer.position.state;
    },
    events: made,
    eventId: (kind, image) => {
      const what = { kind, digest: image?.digest };
      const mine = made.findLast(
        (event) => isOwn(event) && event.kind === kind && event.artifact?.digest === what.digest,
      );
      return mine?.id ?? eventId({ ...facts, run: runFor(facts, own(), what) }, kind, what.digest);
    },
    start: async (entry) => {
      const done = await keep(writer, made, (position, retry) => draftStart(it, entry, position, retry));
      if (done === 'fenced') throw lockedBy(writer.position.state?.in_doubt ?? undefined, facts);
    },
    finish: (entry, settled) =>
      end(
        label,
        deps.log,
        keep(writer, made, (at) => draftFinish(it, entry, settled, at)),
      ),
    settleVanished: (vanished, settled) =>
      end(
        label,
        deps.log,
        keep(writer, made, (at) => draftVanished(it, vanished, settled, at)),
      ),
  };
}

/** The end of a vanished deploy is made here too, but is not this run's. */
const isOwn = (event: DeployEvent): boolean => event.annotations['settled_by'] === undefined;

type Decide = (position: Position, retry: boolean) => Promise<Draft>;

/** Writes, and keeps the event: as it was written, or as it would have been. */
async function keep(writer: StreamWriter, made: DeployEvent[], decide: Decide): Promise<Draft['kind']> {
  let event: DeployEvent | undefined;
  let done: Draft['kind'] | undefined;
  try {
    done = await writer.write(async (position, retry) => {
      const draft = await decide(position, retry);
      if (draft.kind === 'append') event = draft.event;
      return draft;
    });
    return done;
  } finally {
    if (done === 'append') event = writer.position.newest;
    if (done !== 'fenced' && event !== undefined) made.push(event);
  }
}

interface Opened {
  readonly writer: StreamWriter;
  /** Events that this job wrote before, in this attempt. */
  readonly found: readonly DeployEvent[];
}

async function open(deps: JournalDeps, facts: JournalFacts): Promise<Opened> {
  const place = [deps, facts.stream, facts.aliases, facts.run.repository, facts.kept] as const;
  try {
    const writer = await openStream(...place);
    const found = mayHaveWritten(writer.position, facts) ? ownEvents(await writer.history(), facts.run) : [];
    return { writer, found };
  } catch (error) {
    const goesOn = facts.whenUnreadable === 'continue' && error instanceof UserError;
    if (!goesOn || error.code !== 'ledger-unavailable') throw error;
    for (const it of error.problems) deps.log.warning(it);
    return { writer: unreadStream(...place), found: [] };
  }
}

/** An end that cannot be pushed does not undo the deploy: it is said, and the stream stays in doubt. */
async function end(label: string, log: Log, written: Promise<Draft['kind']>): Promise<boolean> {
  try {
    if ((await written) !== 'fenced') return true;
    log.notice(problem('fenced', `Another run took ${label} over, so this one records nothing.`));
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'ledger-unavailable') throw error;
    const sentence = `The end of this deploy could not be recorded: ${error.problems[0]?.sentence ?? error.message}`;
    const remedy = `${label} stays in doubt until the next run, or the scheduled sweep, settles it.`;
    log.warning(problem('ledger-unavailable', sentence, { remedy }));
  }
  return false;
}

const RESTORED = 'Find out what changed its ref; the next event goes on from what the target keeps.';

function warnOfRestart(position: Position, label: string, log: Log): void {
  const { joint } = position;
  if (joint === undefined || 'continues' in joint) return;
  const [why, instead] =
    'restarts' in joint
      ? [joint.restarts, {}]
      : [`${joint.restored}. What the target keeps of it counts, holds included`, { remedy: RESTORED }];
  log.warning(problem('ledger-unbelievable', `The record of ${label} cannot be believed: ${why}.`, instead));
}
