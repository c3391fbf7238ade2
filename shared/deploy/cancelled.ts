import { Fenced, type Intent, type IntentStep, type Journal, type Observation, type Settled } from '../model/index.ts';
import { underLease } from './acquire.ts';
import { closeVanished } from './closing.ts';
import type { SettleDeps } from './deps.ts';
import { type Ending, endedRunning, endedUnknown, endedUntouched, type Told } from './endings.ts';
import { goBack } from './going-back.ts';
import { deployName } from './names.ts';
import { Cancelled, type Session } from './session.ts';
import { settleAfter, settleDiagnosed } from './settle.ts';
import { failureOf, settledOf } from './settled.ts';
import { type Diagnosis, diagnose } from './vanished.ts';

interface CancelDeps extends SettleDeps {
  /** What becomes of an image that was applied, but not verified yet. */
  readonly onCancel: 'revert' | 'leave';
}

/**
 * What `post:` does after a cancelled run: takes back (or leaves) what the run of the same owner had applied, and closes
 * its event. Safe to call after a run that finished, or that lost its lease: then nothing is written anywhere, and it
 * gives undefined. Its budget is the signal; what is not done when that aborts, the next run or the sweep does.
 */
export async function finishCancelled(deps: CancelDeps): Promise<Settled | undefined> {
  if (!isMine(await deps.target.observe(), deps)) return undefined;
  await deps.onProgress('acquire');
  const acquired = await deps.target.acquire(deps.owner, { force: false });
  if (acquired.kind === 'busy') return undefined;
  try {
    return await underLease(acquired.lease, deps, (session) => settleMine(session, deps));
  } catch (error) {
    if (error instanceof Cancelled || error instanceof Fenced) return undefined;
    throw error;
  }
}

/** Steps after which only the bookkeeping is left. */
const DONE: ReadonlySet<IntentStep> = new Set(['verified', 'reverted', 'revert-failed']);

/**
 * A run that was cut off still has its lease. Another owner's means that this run was fenced, or is long done; and a run
 * that gave it back has ended by itself, so that at most the record of its end is missing.
 */
function isMine({ lease, intent }: Observation, { owner }: SettleDeps): boolean {
  if (lease !== undefined) return lease.owner.id === owner.id;
  return intent?.owner.id === owner.id && DONE.has(intent.step);
}

async function settleMine(session: Session, deps: CancelDeps): Promise<Settled | undefined> {
  const seen = await session.step('look', () => deps.target.observe());
  const diagnosis = diagnose(seen, deps.journal.state);
  if (diagnosis.kind === 'clean' || diagnosis.intent.owner.id !== deps.owner.id) return undefined;
  const { intent } = diagnosis;
  const done = diagnosis.kind === 'ended' || diagnosis.kind === 'reverting';
  if (done || intent.mode === 'remove') return settleDiagnosed(session, deps.journal, diagnosis);
  return close(session, deps.journal, intent, await takeBackOrLeave(session, diagnosis, intent, deps.onCancel));
}

function close(session: Session, journal: Journal, intent: Intent, ending: Ending): Promise<Settled> {
  if (ending.outcome !== 'unknown') return closeVanished(session, journal, intent, ending);
  return Promise.resolve(settledOf(session.deps, ending, intent.startedAt));
}

async function takeBackOrLeave(
  session: Session,
  { kind }: Diagnosis,
  intent: Intent,
  onCancel: CancelDeps['onCancel'],
): Promise<Ending> {
  const sentence = `${deployName(intent)} was cancelled.`;
  if (kind === 'untouched') {
    await session.step('settle', () => session.lease.settle());
    return endedUntouched(intent, cancelledWith(sentence));
  }
  // The image that a rollback left is the bad one: there is no way back to it.
  if (onCancel === 'leave' || intent.mode === 'rollback') {
    return endedRunning(intent, cancelledWith(`${sentence} Its image was left running, unverified.`));
  }
  try {
    return await settleAfter(
      session,
      await goBack(session, intent, { reason: 'cancelled', sentence, evidence: undefined }),
    );
  } catch (error) {
    const failure = failureOf(error);
    return endedUnknown(intent, { reason: failure.reason, sentence: `${sentence} ${failure.sentence}` }, true);
  }
}

const cancelledWith = (sentence: string): Told => ({ outcome: 'cancelled', reason: 'cancelled', sentence });
