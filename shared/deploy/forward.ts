import {
  type DeployPlan,
  type EventKind,
  type Intent,
  type Journal,
  type JournalEntry,
  problem,
  type Release,
  type Settled,
  UserError,
} from '../model/index.ts';
import { recordEnd } from './closing.ts';
import { type Ending, endedGood, endedRemoved, endedUnknown, endedUntouched, endedUnwritten } from './endings.ts';
import { paceOf, takeBack } from './going-back.ts';
import type { Session } from './session.ts';
import { settleAfter } from './settle.ts';
import { failureOf, iso, settledOf } from './settled.ts';
import { closeSuperseded, type TakenOver } from './take-over.ts';
import { type Bad, type Watched, watch } from './watch.ts';

/** One deploy that is carried out: the plan, the stream, and what was begun. */
interface Attempt {
  readonly plan: DeployPlan;
  readonly journal: Journal;
  readonly intent: Intent;
  readonly entry: JournalEntry;
}

export function attemptOf(session: Session, plan: DeployPlan, journal: Journal, taken: TakenOver): Attempt {
  const { clock, owner } = session.deps;
  const startedAt = iso(clock.now());
  const mode = plan.mode === 'rollback' || plan.mode === 'remove' ? plan.mode : 'deploy';
  const event = journal.eventId(mode, plan.release.image);
  const release: Release = { ...plan.release, event, since: startedAt };
  const good = journal.state?.live ?? undefined;
  const intent: Intent = {
    event,
    mode,
    automatic: plan.automatic,
    owner,
    sequence: session.lease.sequence,
    release,
    previous: taken.kind === 'superseded' ? taken.previous : good,
    step: 'intended',
    startedAt,
  };
  return { plan, journal, intent, entry: entryOf(plan, mode, startedAt) };
}

export function entryOf(plan: DeployPlan, kind: EventKind, startedAt: string): JournalEntry {
  return {
    kind,
    release: plan.release,
    live: plan.live,
    overridden: plan.gates.filter((it) => it.verdict === 'overridden').map((it) => it.gate),
    reason: plan.because,
    links: kind === 'rollback' && plan.live !== undefined ? { rolls_back: plan.live.event } : {},
    scope: plan.scope,
    automatic: plan.automatic,
    startedAt,
  };
}

/**
 * Carries an attempt out under the lease: intent in the target, start in the ledger, then the image, and at last the end.
 * An answer that is missing (the target cannot be reached in the middle) is no reason to go back blindly: the deploy ends
 * `unknown`, its intent stays, and whoever comes next looks again.
 */
export async function carryOut(session: Session, attempt: Attempt, taken: TakenOver): Promise<Settled> {
  const { intent, journal } = attempt;
  await session.step('intend', () => session.lease.intend(intent));
  if (taken.kind === 'superseded') await closeSuperseded(session, journal, taken.intent, intent);
  const refused = await recordStart(session, attempt);
  if (refused !== undefined) {
    // What a superseded predecessor left running is found by this intent.
    if (taken.kind === 'settled') await session.step('clear', () => session.lease.intend(undefined));
    return settledOf(session.deps, refused, intent.startedAt);
  }
  try {
    const ending = await (intent.mode === 'remove' ? removal(session, attempt) : bring(session, attempt));
    return await finish(session, attempt, ending);
  } catch (error) {
    return settledOf(session.deps, unanswered(session, attempt, error), intent.startedAt);
  }
}

async function finish(session: Session, { journal, entry, intent }: Attempt, ending: Ending): Promise<Settled> {
  const settled = settledOf(session.deps, ending, intent.startedAt);
  await recordEnd(session, journal, () => journal.finish(entry, settled));
  return settled;
}

/** Without a start in the ledger nothing is deployed; only a rollback is worth more than its record. */
async function recordStart(session: Session, { journal, entry, intent, plan }: Attempt): Promise<Ending | undefined> {
  try {
    await session.step('record-start', () => journal.start(entry));
    return undefined;
  } catch (error) {
    const { reason, sentence } = failureOf(error);
    if (intent.mode === 'rollback' && error instanceof UserError && reason === 'ledger-unavailable') {
      const goesOn = `The start could not be recorded, and the rollback goes on: ${sentence}`;
      session.deps.log.warning(problem(reason, session.deps.redact(goesOn)));
      return undefined;
    }
    return endedUnwritten(plan, { outcome: reason === 'locked' ? 'locked' : 'failed', reason, sentence });
  }
}

async function removal(session: Session, { intent }: Attempt): Promise<Ending> {
  await session.step('remove', () => session.lease.remove());
  await mark(session, intent, 'mark-applied', 'applied');
  return endedRemoved(intent);
}

async function bring(session: Session, attempt: Attempt): Promise<Ending> {
  const { intent, plan } = attempt;
  const seen = await tried(session, intent);
  if (seen.kind === 'good') {
    await mark(session, intent, 'mark-verified', 'verified');
    return settleAfter(session, { ...endedGood(intent, seen), previous: plan.live?.image });
  }
  if (seen.kind === 'not-applied') return notApplied(session, intent, seen);
  return settleAfter(session, await takeBack(session, intent, seen));
}

type Tried = Watched | (Omit<Bad, 'kind'> & { readonly kind: 'not-applied' });

async function tried(session: Session, intent: Intent): Promise<Tried> {
  const { lease, deps } = session;
  const late = session.deadline(deps.timeoutMs);
  try {
    const prepared = await failing(() => session.step('prepare', () => lease.prepare(intent.release, late.signal)));
    if (prepared !== undefined) return { ...prepared, kind: 'not-applied' };
    await mark(session, intent, 'mark-prepared', 'prepared');
    const applied = await failing(() => session.step('apply', () => lease.apply(intent.release, paceOf(intent))));
    if (applied !== undefined) return await afterFailedApply(session, intent, applied);
    await mark(session, intent, 'mark-applied', 'applied');
    return await watch(session, { ready: 'ready', verify: 'verify' }, late.signal);
  } finally {
    late.done();
  }
}

/** The answer to the one write that counts may be lost: the target says whether it happened. */
async function afterFailedApply(session: Session, intent: Intent, bad: Bad): Promise<Tried> {
  const seen = await session.step('look', () => session.deps.target.observe());
  return seen.live?.event === intent.event ? bad : { ...bad, kind: 'not-applied' };
}

async function notApplied(session: Session, intent: Intent, seen: Omit<Bad, 'kind'>): Promise<Ending> {
  await session.step('settle', () => session.lease.settle());
  return endedUntouched(intent, { outcome: 'failed', reason: seen.reason, sentence: seen.sentence });
}

async function failing(act: () => Promise<void>): Promise<Bad | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return { kind: 'bad', ...failureOf(error), checks: [] };
  }
}

function mark(session: Session, intent: Intent, name: Parameters<Session['step']>[0], step: Intent['step']) {
  return session.step(name, () => session.lease.intend({ ...intent, step }));
}

/** The target did not answer in the middle: what runs is whatever it had come to. */
function unanswered(session: Session, { plan, intent }: Attempt, error: unknown): Ending {
  const { reason, sentence } = failureOf(error);
  const after = 'What runs is not known; the next run looks again, or the scheduled sweep.';
  const ending = endedUnknown(intent, { reason, sentence: `${sentence} ${after}` }, session.changed);
  return { ...ending, previous: plan.live?.image };
}
