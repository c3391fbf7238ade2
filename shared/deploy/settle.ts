import { type Failure, Fenced, type Intent, type Journal, type Settled } from '../model/index.ts';
import { underLease } from './acquire.ts';
import { closeVanished } from './closing.ts';
import type { SettleDeps } from './deps.ts';
import {
  type Ending,
  endedBack,
  endedGood,
  endedRemoved,
  endedStuck,
  endedUnknown,
  endedUntouched,
} from './endings.ts';
import { goBack, paceOf, takeBack } from './going-back.ts';
import { deployName } from './names.ts';
import { Cancelled, type Session } from './session.ts';
import { failureOf, settledOf } from './settled.ts';
import { type Diagnosis, diagnose } from './vanished.ts';
import { watch } from './watch.ts';

/**
 * Settles what a vanished run left in one stream, if anything: the scheduled sweep, and the way in for every next run.
 * A deploy that is known to be good is closed as such; one past its commit point is waited for and verified, and taken
 * back when it is bad; one before it is closed as interrupted. Gives undefined when there is nothing to settle, or when
 * the run is still alive. Calling it again settles nothing twice.
 */
export async function settleVanished(deps: SettleDeps): Promise<Settled | undefined> {
  if (deps.signal.aborted || !(await isLeftBehind(deps))) return undefined;
  await deps.onProgress('acquire');
  const acquired = await deps.target.acquire(deps.owner, { force: false });
  if (acquired.kind === 'busy') return undefined;
  try {
    return await underLease(acquired.lease, deps, (session) => settleUnderLease(session, deps.journal));
  } catch (error) {
    // Cancelled: a later sweep does it. Fenced: whoever has it now does it.
    if (error instanceof Cancelled || error instanceof Fenced) return undefined;
    throw error;
  }
}

async function isLeftBehind({ target, journal }: SettleDeps): Promise<boolean> {
  const seen = await target.observe();
  return seen.lease?.alive !== true && diagnose(seen, journal.state).kind !== 'clean';
}

async function settleUnderLease(session: Session, journal: Journal): Promise<Settled | undefined> {
  const seen = await session.step('look', () => session.deps.target.observe());
  return settleDiagnosed(session, journal, diagnose(seen, journal.state));
}

/** Brings what was diagnosed to its end, and records that. */
export async function settleDiagnosed(
  session: Session,
  journal: Journal,
  diagnosis: Diagnosis,
): Promise<Settled | undefined> {
  if (diagnosis.kind === 'clean') return undefined;
  const { intent } = diagnosis;
  session.deps.log.info(session.deps.redact(`${deployName(intent)} has no end: ${diagnosis.kind}.`));
  const ending = await endingOf(session, diagnosis, intent);
  if (ending.outcome === 'unknown') return settledOf(session.deps, ending, intent.startedAt);
  return closeVanished(session, journal, intent, ending);
}

async function endingOf(session: Session, { kind }: Diagnosis, intent: Intent): Promise<Ending> {
  if (intent.mode === 'remove') return finishRemoval(session, kind, intent);
  switch (kind) {
    case 'ended':
      return finishEnded(session, intent);
    case 'reverting':
      return settleAfter(session, await goBack(session, intent, intent.failure ?? interrupted(intent)));
    case 'stray':
      return settleAfter(session, await goBack(session, intent, interrupted(intent)));
    case 'applied':
      return finishApplied(session, intent);
    default:
      return finishUntouched(session, intent);
  }
}

async function finishEnded(session: Session, intent: Intent): Promise<Ending> {
  const failure = intent.failure ?? interrupted(intent);
  if (intent.step === 'revert-failed') return endedStuck(intent, failure);
  if (intent.step === 'reverted') return settleAfter(session, endedBack(intent, failure, undefined));
  const seen = await session.step('look', () => session.deps.target.observe());
  return settleAfter(session, endedGood(intent, { url: seen.url, checks: [] }));
}

/** A release past its commit point. To apply it once more changes nothing where it is applied, and finishes it where it is half so. */
async function finishApplied(session: Session, intent: Intent): Promise<Ending> {
  const { lease, deps } = session;
  const late = session.deadline(deps.timeoutMs);
  try {
    await session.step('prepare', () => lease.prepare(intent.release, late.signal));
    await session.step('apply', () => lease.apply(intent.release, paceOf(intent)));
    const seen = await watch(session, { ready: 'ready', verify: 'verify' }, late.signal);
    if (seen.kind === 'bad') return settleAfter(session, await takeBack(session, intent, seen));
    const verified: Intent = { ...intent, sequence: lease.sequence, step: 'verified' };
    await session.step('mark-verified', () => lease.intend(verified));
    return settleAfter(session, endedGood(intent, seen));
  } catch (error) {
    const { reason, sentence } = failureOf(error);
    return endedUnknown(intent, { reason, sentence: `${deployName(intent)} could not be settled: ${sentence}` }, true);
  } finally {
    late.done();
  }
}

async function finishUntouched(session: Session, intent: Intent): Promise<Ending> {
  await session.step('settle', () => session.lease.settle());
  const { reason, sentence } = interrupted(intent);
  const runsOn = intent.previous !== undefined;
  const after = runsOn ? 'What ran before runs on.' : 'Nothing ran before, and nothing does now.';
  return endedUntouched(intent, { outcome: 'failed', reason, sentence: `${sentence} ${after}` });
}

/** A removal was asked for, so it is carried out; before its first change it is dropped. */
async function finishRemoval(session: Session, kind: Diagnosis['kind'], intent: Intent): Promise<Ending> {
  if (kind === 'untouched') return finishUntouched(session, intent);
  await session.step('remove', () => session.lease.remove());
  return endedRemoved(intent);
}

/** Lets what is not needed any more go, unless a person has to look at it first. */
export async function settleAfter(session: Session, ending: Ending): Promise<Ending> {
  const leave = ending.outcome === 'rollback-failed' || isLeftRunning(ending);
  if (!leave) await session.step('settle', () => session.lease.settle());
  return ending;
}

/** A failed image that runs on: the one before may still be warm, and whoever rolls back by hand wants it so. */
const isLeftRunning = (it: Ending): boolean => it.outcome === 'failed' && it.live?.digest !== it.previous?.digest;

function interrupted(intent: Intent): Failure {
  const sentence = `${deployName(intent)} was interrupted before it could finish.`;
  return { reason: 'interrupted', sentence, evidence: undefined };
}
