import {
  type InDoubt,
  type Intent,
  type Journal,
  type JournalEntry,
  messageOf,
  problem,
  type Settled,
  type StreamState,
} from '../model/index.ts';
import type { Ending } from './endings.ts';
import { leftBehind } from './rollback-target.ts';
import type { Session } from './session.ts';
import { settledOf } from './settled.ts';

/**
 * Writes the end and only then clears the intent: until the end is in the ledger, the target keeps what the next run
 * needs to write it. The lease is renewed first, since the ledger knows no lease: whoever lost it records nothing.
 */
export async function recordEnd(session: Session, journal: Journal, write: () => Promise<boolean>): Promise<boolean> {
  const { lease, deps } = session;
  const recorded = await session.step('record-finish', async () => {
    await lease.renew();
    return write().catch((error: unknown) => {
      const sentence = `The end could not be recorded: ${messageOf(error)}`;
      deps.log.warning(problem('ledger-unavailable', deps.redact(sentence)));
      return false;
    });
  });
  if (!recorded) return false;
  await remember(session, journal);
  await session.step('clear', () => lease.intend(undefined));
  return true;
}

/** The target keeps what the stream says now, which it is asked for when the ref of the stream is damaged, gone or set back. */
export async function remember(session: Session, { state }: Journal): Promise<void> {
  if (state !== undefined && state.in_doubt === null) {
    await session.step('remember', () => session.lease.remember(state));
  }
}

/** Closes what a vanished run left: its event, where it has one without an end, and its intent. */
export async function closeVanished(
  session: Session,
  journal: Journal,
  intent: Intent,
  ending: Ending,
): Promise<Settled> {
  const settled = settledOf(session.deps, ending, intent.startedAt);
  await recordEnd(session, journal, () => writeVanished(session, journal, intent, settled));
  return settled;
}

async function writeVanished(session: Session, journal: Journal, intent: Intent, settled: Settled): Promise<boolean> {
  const rollback = unrecordedRollback(journal.state, intent, settled);
  const doubt = journal.state?.in_doubt ?? undefined;
  if (doubt !== undefined && !(await settleDoubt(journal, doubt, intent, settled))) return false;
  if (rollback !== undefined) return journal.finish(rollback, settled);
  if (doubt === undefined) {
    session.deps.log.debug(`The ledger has no open start of ${intent.event}, so nothing is recorded.`);
  }
  return true;
}

/**
 * A rollback goes on when the ledger cannot be written, so that a target may know of one of which the ledger knows
 * nothing. It is recorded afterwards: what it left must not come back by itself.
 */
function unrecordedRollback(
  state: StreamState | undefined,
  intent: Intent,
  { outcome }: Settled,
): JournalEntry | undefined {
  const { mode, event, release, automatic, startedAt, previous } = intent;
  const doubt = state?.in_doubt?.event;
  if (mode !== 'rollback' || doubt === event) return undefined;
  const isUnknown =
    outcome === 'rolled-back'
      ? doubt !== undefined || state?.live?.image.digest !== release.image.digest
      : outcome === 'rollback-failed' && !state?.needs_human;
  if (!isUnknown) return undefined;
  const live = (state && leftBehind(state)) ?? previous;
  const links = live === undefined ? {} : { rolls_back: live.event };
  return { kind: 'rollback', release, live, overridden: [], reason: undefined, links, automatic, startedAt };
}

/**
 * Ends the doubt of a stream. Where the intent is of another event than the doubt, a run took the first over and vanished
 * too, before it had a record of its own: what is known is only that the first was interrupted.
 */
export function settleDoubt(journal: Journal, doubt: InDoubt, intent: Intent, settled: Settled): Promise<boolean> {
  if (doubt.event === intent.event) return journal.settleVanished(doubt, settled);
  const sentence = 'The run ended before it could finish, and so did the one that took it over.';
  return journal.settleVanished(doubt, { ...settled, outcome: 'failed', reason: 'interrupted', sentence });
}
