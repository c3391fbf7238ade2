import type { Evidence, Failure, Intent, Lease, Release } from '../model/index.ts';
import { type Ending, endedBack, endedLeftRunning, endedStuck } from './endings.ts';
import type { Session } from './session.ts';
import { cleanFailure, failureOf } from './settled.ts';
import { type Bad, takeEvidence, type Watched, watch } from './watch.ts';

/** Whoever asks for a rollback is in a hurry. */
export const paceOf = ({ mode }: Intent): Parameters<Lease['apply']>[1] =>
  mode === 'rollback' ? 'one-wave' : 'steady';

/** What became of a release that is bad: evidence first, then the way back as far as there is one. */
export async function takeBack(session: Session, intent: Intent, bad: Bad): Promise<Ending> {
  const evidence = await takeEvidence(session, bad);
  const failure = { reason: bad.reason, sentence: bad.sentence, evidence };
  if (intent.mode === 'rollback') return noWayBack(session, intent, failure);
  if (!intent.automatic) return endedLeftRunning(intent, failure);
  return goBack(session, intent, failure);
}

/** Brings back what ran before (or takes down what is the first), verifies it, and says how that ended. */
export async function goBack(session: Session, intent: Intent, failure: Failure): Promise<Ending> {
  const back = { ...intent, sequence: session.lease.sequence, failure: cleanFailure(failure, session.deps.redact) };
  await session.step('mark-reverting', () => session.lease.intend({ ...back, step: 'reverting' }));
  const restored = await restore(session, intent.previous);
  if (restored.kind === 'bad') return noWayBack(session, intent, stuckOn(failure, restored));
  await session.step('mark-reverted', () => session.lease.intend({ ...back, step: 'reverted' }));
  return endedBack(intent, failure, restored.url);
}

/** What ran before runs again (or nothing does, as before), and where it answers. */
type Restored = Bad | { readonly kind: 'back'; readonly url: string | undefined };

async function restore(session: Session, previous: Release | undefined): Promise<Restored> {
  const late = session.deadline(session.deps.timeoutMs);
  try {
    if (previous === undefined) {
      await session.step('remove', () => session.lease.remove());
      return { kind: 'back', url: undefined };
    }
    const seen = await bringBack(session, previous, late.signal);
    return seen.kind === 'bad' ? seen : { kind: 'back', url: seen.url };
  } catch (error) {
    return { kind: 'bad', ...failureOf(error), checks: [] };
  } finally {
    late.done();
  }
}

async function bringBack(session: Session, previous: Release, signal: AbortSignal): Promise<Watched> {
  const { lease } = session;
  // It may have been cleared away since, and is then fetched again.
  await session.step('revert-prepare', () => lease.prepare(previous, signal));
  await session.step('revert-apply', () => lease.apply(previous, 'one-wave'));
  return watch(session, { ready: 'revert-ready', verify: 'revert-verify' }, signal);
}

async function noWayBack(session: Session, intent: Intent, failure: Failure): Promise<Ending> {
  const noted = cleanFailure(failure, session.deps.redact);
  const stuck: Intent = { ...intent, sequence: session.lease.sequence, step: 'revert-failed', failure: noted };
  await session.step('mark-revert-failed', () => session.lease.intend(stuck));
  return endedStuck(intent, failure);
}

/** Both evidences are kept: what was wrong with the new image, and what with the one before. */
function stuckOn(failure: Failure, stuck: Bad): Failure {
  const sentence = `${failure.sentence} Going back failed as well: ${stuck.sentence}`;
  const evidence: Evidence = {
    summary: sentence,
    checks: [...(failure.evidence?.checks ?? []), ...stuck.checks],
    log: failure.evidence?.log ?? [],
  };
  return { reason: 'rollback-failed', sentence, evidence };
}
