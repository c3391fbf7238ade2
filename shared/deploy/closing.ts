import { type InDoubt, type Intent, type Journal, messageOf, problem, type Settled } from '../model/index.ts';
import type { Ending } from './endings.ts';
import type { Session } from './session.ts';
import { settledOf } from './settled.ts';

/**
 * Writes the end and only then clears the intent: until the end is in the ledger, the target keeps what the next run
 * needs to write it. The lease is renewed first, since the ledger knows no lease: whoever lost it records nothing.
 */
export async function recordEnd(session: Session, write: () => Promise<boolean>): Promise<boolean> {
  const { lease, deps } = session;
  const recorded = await session.step('record-finish', async () => {
    await lease.renew();
    return write().catch((error: unknown) => {
      const sentence = `The end could not be recorded: ${messageOf(error)}`;
      deps.log.warning(problem('ledger-unavailable', deps.redact(sentence)));
      return false;
    });
  });
  if (recorded) await session.step('clear', () => lease.intend(undefined));
  return recorded;
}

/** Closes what a vanished run left: its event, where it has one without an end, and its intent. */
export async function closeVanished(
  session: Session,
  journal: Journal,
  intent: Intent,
  ending: Ending,
): Promise<Settled> {
  const settled = settledOf(session.deps, ending, intent.startedAt);
  const doubt = journal.state?.in_doubt ?? undefined;
  const write =
    doubt === undefined ? recordsNothing(session, intent) : () => settleDoubt(journal, doubt, intent, settled);
  await recordEnd(session, write);
  return settled;
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

function recordsNothing(session: Session, intent: Intent): () => Promise<boolean> {
  return () => {
    session.deps.log.debug(`The ledger has no open start of ${intent.event}, so nothing is recorded.`);
    return Promise.resolve(true);
  };
}
