import {
  type DeployEvent,
  type Digest,
  type EventKind,
  type RunContext,
  type StreamState,
  userError,
} from '../model/index.ts';
import { type EventFacts, eventId } from './event.ts';
import { ownerOf, plainJob } from './owner.ts';
import type { Position } from './stream-writer.ts';

/*
 * One job may deploy the same image to the same place more than once: deploy, roll back, release, deploy again. The
 * ledger knows an event by (id, attempt, phase), so the second time counts as the job `<job>#2`, the third as `<job>#3`.
 * A re-run of the job finds none of its own attempt, and gives the same ids again in the same order.
 * What belongs together within an attempt is told by the time of its start.
 */

/** How often one job can do the same in one attempt. */
const MOST_OCCURRENCES = 100;

const KINDS: readonly EventKind[] = ['deploy', 'hotfix', 'rollback', 'hold', 'remove'];

type Facts = Pick<EventFacts, 'stream' | 'run'>;

/** The events that this job wrote in this attempt. */
export function ownEvents(events: readonly DeployEvent[], run: RunContext): readonly DeployEvent[] {
  return events.filter((it) => it.run.id === run.id && it.run.attempt === run.attempt && jobOf(it) === run.job);
}

/**
 * Whether this job may have written to the stream before, seen from its newest commit alone. A job that failed here,
 * after which another run wrote, is not seen; the end of a deploy reads the whole history and is exact.
 */
export function mayHaveWritten(position: Position, facts: Facts): boolean {
  const { newest, state } = position;
  if (newest?.run.id === facts.run.id && jobOf(newest) === facts.run.job) return true;
  if (state?.in_doubt?.owner === ownerOf(facts.run)) return true;
  return state !== undefined && marksOf(state).some((it) => isOwn(it, facts));
}

/**
 * The run as the next event of this kind and digest has it.
 *
 * @param own what {@link ownEvents} gave
 * @param what with `startedAt`, a deploy that may be recorded already keeps its occurrence
 */
export function runFor(
  facts: Facts,
  own: readonly DeployEvent[],
  what: { readonly kind: EventKind; readonly digest: Digest | undefined; readonly startedAt?: string },
): RunContext {
  for (let count = 1; count <= MOST_OCCURRENCES; count += 1) {
    const run = count === 1 ? facts.run : { ...facts.run, job: `${facts.run.job}#${count}` };
    const id = eventId({ stream: facts.stream, run }, what.kind, what.digest);
    const events = own.filter((it) => it.id === id);
    if (events.length === 0 || events.some((it) => it.times.started === what.startedAt)) return run;
  }
  throw userError('input-invalid', `One job did the same ${what.kind} ${MOST_OCCURRENCES} times in one attempt.`, {
    remedy: 'Use a job, or a run, of its own for each.',
  });
}

const jobOf = (event: DeployEvent): string => plainJob(event.run.job);

interface Mark {
  readonly event: string;
  readonly digest: Digest | null;
}

const marksOf = (state: StreamState): readonly Mark[] => [
  ...state.good.map((it) => ({ event: it.event, digest: it.image.digest })),
  ...state.held,
];

const isOwn = (mark: Mark, facts: Facts): boolean =>
  KINDS.some((kind) => eventId(facts, kind, mark.digest ?? undefined) === mark.event);
