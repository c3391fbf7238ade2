import {
  type Clock,
  type DeployEvent,
  type Digest,
  type InDoubt,
  type JournalEntry,
  type Outcome,
  type Redact,
  type Settled,
  type UserError,
  userError,
} from '../model/index.ts';
import { type EventFacts, type EventParts, endEvent, eventId, makeEvent, movesImage } from './event.ts';
import { ownEvents, runFor } from './occurrence.ts';
import { ownerOf } from './owner.ts';
import { streamLabel } from './refs.ts';
import type { Draft, Position, StreamWriter } from './stream-writer.ts';

/** What the drafts of one journal are decided on, beside where the stream stands. */
interface DraftContext {
  readonly facts: EventFacts;
  readonly writer: Pick<StreamWriter, 'history' | 'first'>;
  /** Events of this job and attempt that are known to be in the ledger. */
  readonly own: () => readonly DeployEvent[];
  readonly clock: Clock;
  readonly redact: Redact;
}

/** Outcomes that changed nothing and are no deploys: they leave no event. CONTRACT, section 3. */
const UNRECORDED: ReadonlySet<Outcome> = new Set(['held', 'planned', 'gate-failed', 'locked', 'fenced']);
/** Outcomes after which the target runs what the event says, whatever a vanished run had begun. */
const SETTLING: ReadonlySet<Outcome> = new Set(['deployed', 'rolled-back', 'removed']);

/** The start of a deploy. Throws `locked` while another run is at it. */
export async function draftStart(
  it: DraftContext,
  entry: JournalEntry,
  position: Position,
  retry: boolean,
): Promise<Draft> {
  const own = retry ? await recorded(it) : it.own();
  const facts = occurring(it, own, entry);
  const doubt = position.state?.in_doubt ?? null;
  const id = idOf(facts, entry);
  if (isMine(doubt, id, facts)) return { kind: 'stands' };
  // A try that was reported as failed arrived all the same, and since then another run took over.
  if (retry && sameDeploy(own, facts, entry).length > 0) return { kind: 'fenced' };
  if (doubt !== null && entry.kind !== 'rollback' && isTaken(it, doubt)) throw lockedBy(doubt, facts);
  const links = superseding(entry, doubt, id);
  return append(it, facts, position, { phase: 'start', entry: { ...entry, links }, settled: undefined });
}

/** The end of what this run started, or start and end in one. A run that was taken over writes nothing. */
export async function draftFinish(
  it: DraftContext,
  entry: JournalEntry,
  settled: Settled,
  position: Position,
): Promise<Draft> {
  if (settled.outcome === 'fenced') return { kind: 'fenced' };
  const known = occurring(it, it.own(), entry);
  if (isMine(position.state?.in_doubt ?? null, idOf(known, entry), known)) {
    return append(it, known, position, { phase: 'finish', entry, settled });
  }
  const own = await recorded(it);
  const facts = occurring(it, own, entry);
  const before = sameDeploy(own, facts, entry);
  const end = before.find((event) => event.phase !== 'start');
  if (end !== undefined) return { kind: end.annotations['settled_by'] === undefined ? 'stands' : 'fenced' };
  return before.length > 0 ? { kind: 'fenced' } : draftBoth(it, facts, position, { entry, settled });
}

/** Start and end in one: nothing was started, because nothing had to be or because the ledger could not be had. */
function draftBoth(
  it: DraftContext,
  facts: EventFacts,
  position: Position,
  { entry, settled }: { readonly entry: JournalEntry; readonly settled: Settled },
): Draft {
  const marksHold = entry.kind === 'hold' || entry.kind === 'release';
  if (!marksHold && UNRECORDED.has(settled.outcome)) return { kind: 'stands' };
  const doubt = position.state?.in_doubt ?? null;
  const settles = !marksHold && SETTLING.has(settled.outcome);
  if (settles && doubt !== null && !isSame(doubt, seenBy(it))) return { kind: 'fenced' };
  const links = settles ? superseding(entry, doubt, idOf(facts, entry)) : entry.links;
  return append(it, facts, position, { phase: 'both', entry: { ...entry, links }, settled });
}

/** The end of a deploy whose run has vanished. */
export async function draftVanished(
  it: DraftContext,
  vanished: InDoubt,
  settled: Settled,
  position: Position,
): Promise<Draft> {
  const doubt = position.state?.in_doubt ?? null;
  // Someone settled it already: that is what was wanted.
  if (!isSame(doubt, vanished)) return { kind: 'stands' };
  const start = await startOf(it, vanished, position);
  const event = endEvent(it.facts, start, { seq: seqAfter(position), settled }, it.redact);
  return { kind: 'append', event };
}

function append(
  it: DraftContext,
  facts: EventFacts,
  position: Position,
  parts: Omit<EventParts, 'seq'>,
): Extract<Draft, { kind: 'append' }> {
  return { kind: 'append', event: makeEvent(facts, { ...parts, seq: seqAfter(position) }, it.redact) };
}

const recorded = async (it: DraftContext): Promise<readonly DeployEvent[]> =>
  ownEvents(await it.writer.history(), it.facts.run);

/** The facts with the run as this event has it: the second time that a job does the same counts as another job. */
function occurring(it: DraftContext, own: readonly DeployEvent[], entry: JournalEntry): EventFacts {
  const what = { kind: entry.kind, digest: digestOf(entry), startedAt: entry.startedAt };
  return { ...it.facts, run: runFor(it.facts, own, what) };
}

/** What is recorded of exactly this deploy: same id, same attempt, begun at the same time. */
const sameDeploy = (own: readonly DeployEvent[], facts: EventFacts, entry: JournalEntry): readonly DeployEvent[] =>
  own.filter((event) => event.id === idOf(facts, entry) && event.times.started === entry.startedAt);

/** The start of a vanished deploy; made up from the doubt itself when its commit cannot be read. */
async function startOf(it: DraftContext, vanished: InDoubt, position: Position): Promise<DeployEvent> {
  const isStart = (event: DeployEvent | undefined): event is DeployEvent =>
    event?.id === vanished.event && event.phase === 'start' && event.times.started === vanished.started;
  if (isStart(position.newest)) return position.newest;
  const found = (await it.writer.history()).findLast(isStart);
  if (found !== undefined) return found;
  const entry: JournalEntry = {
    kind: vanished.mode ?? 'deploy',
    automatic: vanished.automatic ?? true,
    release: vanished.release,
    live: position.state?.live ?? undefined,
    overridden: [],
    reason: undefined,
    links: {},
    startedAt: vanished.started,
  };
  const { event } = append(it, it.facts, position, { phase: 'start', entry, settled: undefined });
  return { ...event, id: vanished.event };
}

const digestOf = (entry: JournalEntry): Digest | undefined =>
  movesImage(entry) ? entry.release.image.digest : undefined;

const idOf = (facts: EventFacts, entry: JournalEntry): string => eventId(facts, entry.kind, digestOf(entry));

const seqAfter = (position: Position): number => (position.state?.seq ?? 0) + 1;

const isMine = (doubt: InDoubt | null, id: string, facts: EventFacts): boolean =>
  doubt?.event === id && doubt.owner === ownerOf(facts.run);

const isSame = (doubt: InDoubt | null, other: InDoubt | null): boolean =>
  doubt?.event === other?.event && doubt?.owner === other?.owner;

/** The doubt that was there when the stream was first read: this run knows of it, a newer one is another run's. */
const seenBy = (it: DraftContext): InDoubt | null => it.writer.first?.state?.in_doubt ?? null;

/** Another run is at it: it came after this one looked, or the lease in its start has not run out. */
function isTaken(it: DraftContext, doubt: InDoubt): boolean {
  const alive = doubt.expires !== undefined && Date.parse(doubt.expires) > it.clock.now();
  return alive || !isSame(doubt, seenBy(it));
}

function superseding(entry: JournalEntry, doubt: InDoubt | null, id: string): JournalEntry['links'] {
  return doubt === null || doubt.event === id ? entry.links : { ...entry.links, supersedes: doubt.event };
}

export function lockedBy(doubt: InDoubt | undefined, facts: EventFacts): UserError {
  const by = doubt === undefined ? 'Another run' : `The run ${doubt.owner}`;
  return userError('locked', `${by} is deploying ${streamLabel(facts.stream)}, so nothing was started.`);
}
