import type { Evidence, Failure, Intent, Lease, Release } from '../model/index.ts';
import { cleanFailure, type Ending, failureOf } from './endings.ts';
import { named } from './names.ts';
import type { Session } from './session.ts';
import { type Bad, takeEvidence, type Watched, watch } from './watch.ts';

/** Whoever asks for a rollback is in a hurry. */
export const paceOf = ({ mode }: Intent): Parameters<Lease['apply']>[1] =>
  mode === 'rollback' ? 'one-wave' : 'steady';

/** What became of a release that is bad: evidence first, then the way back as far as there is one. */
export async function takeBack(session: Session, intent: Intent, bad: Bad): Promise<Ending> {
  const evidence = await takeEvidence(session, bad);
  const failure = { reason: bad.reason, sentence: bad.sentence, evidence };
  if (intent.mode === 'rollback') return noWayBack(session, intent, failure);
  if (!intent.automatic) return leftRunning(intent, failure);
  return goBack(session, intent, failure);
}

/** Brings back what ran before (or takes down what is the first), verifies it, and says how that ended. */
export async function goBack(session: Session, intent: Intent, failure: Failure): Promise<Ending> {
  const back = { ...intent, sequence: session.lease.sequence, failure: cleanFailure(failure, session.deps.redact) };
  await session.step('mark-reverting', () => session.lease.intend({ ...back, step: 'reverting' }));
  const restored = await restore(session, intent.previous);
  if (restored.kind === 'bad') return noWayBack(session, intent, stuckOn(failure, restored));
  await session.step('mark-reverted', () => session.lease.intend({ ...back, step: 'reverted' }));
  return { ...endedBack(intent, failure), url: restored.url };
}

/** Whatever a deploy ended with after the image before was back, or after it was taken down as the first one. */
export function endedBack(intent: Intent, failure: Failure): Ending {
  const { previous } = intent;
  const after = previous === undefined ? 'It was taken down; nothing ran before.' : `${named(previous)} is back.`;
  return {
    outcome: outcomeOf(failure, previous),
    reason: failure.reason,
    sentence: `${failure.sentence} ${after}`,
    live: previous?.image,
    previous: previous?.image,
    changed: true,
    evidence: failure.evidence,
    checks: failure.evidence?.checks ?? [],
  };
}

/** The way back has failed, or there is none: from here only a person goes on. */
export function endedStuck(intent: Intent, failure: Failure): Ending {
  return {
    outcome: 'rollback-failed',
    reason: 'rollback-failed',
    sentence: failure.sentence,
    live: intent.mode === 'rollback' ? intent.release.image : intent.previous?.image,
    previous: intent.previous?.image,
    changed: true,
    evidence: failure.evidence,
    checks: failure.evidence?.checks ?? [],
  };
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

function leftRunning(intent: Intent, failure: Failure): Ending {
  return {
    outcome: 'failed',
    reason: failure.reason,
    sentence: `${failure.sentence} It was left running, since rollback.automatic is off.`,
    live: intent.release.image,
    previous: intent.previous?.image,
    changed: true,
    evidence: failure.evidence,
    checks: failure.evidence?.checks ?? [],
  };
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

function outcomeOf(failure: Failure, previous: Release | undefined): Ending['outcome'] {
  if (failure.reason === 'cancelled') return 'cancelled';
  // The image itself was not found bad: its run ended before it was tried, so it is not held.
  if (failure.reason === 'interrupted' || previous === undefined) return 'failed';
  return 'rolled-back-after-failure';
}
