import { type DeployPlan, Fenced, type Journal, messageOf, problem, type Settled } from '../model/index.ts';
import { acquire, underLease } from './acquire.ts';
import { type Asked, asAskedFor, asTargetShows } from './asked-for.ts';
import { remember } from './closing.ts';
import type { DeployDeps, Review } from './deps.ts';
import { type Ending, endedUnwritten } from './endings.ts';
import { attemptOf, carryOut, entryOf } from './forward.ts';
import { ownerName } from './names.ts';
import { Cancelled, type Session } from './session.ts';
import { iso, settledOf } from './settled.ts';
import { takeOver } from './take-over.ts';

/**
 * Carries a plan out. The protocol, after ADR 0002: take the lease in the target; plan again under it; settle or take over
 * what a vanished run left; write the intent, then the start of the event; prepare, apply (the one commit point), wait,
 * verify; write the end of the event; clear the intent, give the lease back. What fails is taken back, evidence first.
 *
 * Always settles with a value. Throws only when nothing was written and the reason is not the deploy's own: the ledger
 * or the target cannot be read.
 */
export async function runDeploy(plan: DeployPlan, deps: DeployDeps): Promise<Settled> {
  const startedAt = iso(deps.clock.now());
  const asked = { plan, state: deps.journal.state };
  const settled = (ending: Ending) => settledOf(deps, ending, startedAt);
  if (plan.mode === 'plan') return settled(planned(plan));
  if (plan.mode === 'hold' || plan.mode === 'release') return markHold(plan, deps);
  if (isStopped(plan) && !(await leavesWork(deps))) return settled(stopped(plan));
  return withLease(asked, deps, startedAt);
}

const isStopped = ({ verdict }: DeployPlan): boolean => verdict.kind === 'stop' && !verdict.record;

/** Whether a deploy without an end is there whose run does not live any more: it is settled even by a run that stops. */
async function leavesWork({ journal, target, signal }: DeployDeps): Promise<boolean> {
  if (!journal.state?.in_doubt || signal.aborted) return false;
  return (await target.observe()).lease?.alive !== true;
}

async function withLease(asked: Asked, deps: DeployDeps, startedAt: string): Promise<Settled> {
  const { plan } = asked;
  const settled = (ending: Ending) => settledOf(deps, ending, startedAt);
  // A rollback that someone asks for does not wait for a deploy in flight: that one is what it is against.
  const waited = await acquire(deps, { force: plan.mode === 'rollback' });
  if (waited.kind === 'cancelled') return settled(cutOff(plan, new Cancelled(), false));
  if (waited.kind === 'held') {
    const ended = await underLease(waited.lease, deps, (session) =>
      inLease(session, asked, deps, startedAt).catch((error) => settled(cutOff(plan, error, session.changed))),
    );
    return ended ?? settled(stopped(plan));
  }
  if (isStopped(plan)) return settled(stopped(plan));
  return settled(locked(plan, `${ownerName(waited.holder)} has the lease since ${waited.since}.`));
}

async function inLease(session: Session, asked: Asked, deps: DeployDeps, startedAt: string): Promise<Settled> {
  let now = await review(session, asked, deps);
  const taken = await takeOver(session, now.journal, now.plan.verdict.kind === 'go' && now.plan.mode !== 'remove');
  if (taken.kind === 'settled' && taken.again) now = await review(session, asked, deps, now.plan);
  const { verdict } = now.plan;
  if (verdict.kind === 'go') return carryOut(session, attemptOf(session, now.plan, now.journal, taken), taken);
  const settled = settledOf(deps, stopped(now.plan), startedAt);
  if (verdict.record) await recordOnly(session, now.plan, now.journal, settled);
  return settled;
}

/** @param plan what holds where the stream cannot be read again */
async function review(session: Session, asked: Asked, deps: DeployDeps, plan = asked.plan): Promise<Review> {
  try {
    const now = await session.step('review', deps.review);
    return { ...now, plan: asAskedFor(session, asked, now) };
  } catch (error) {
    if (plan.mode !== 'rollback' || error instanceof Cancelled || error instanceof Fenced) throw error;
    const sentence = `The stream could not be read again, and the rollback goes on: ${messageOf(error)}`;
    deps.log.warning(problem('ledger-unavailable', deps.redact(sentence)));
    return { plan: await asTargetShows(session, asked, plan), journal: deps.journal };
  }
}

/** Nothing is written to the target; the stream moves on to the new commit. */
async function recordOnly(session: Session, plan: DeployPlan, journal: Journal, settled: Settled): Promise<void> {
  await session.step('record-finish', async () => {
    await session.lease.renew();
    await journal.finish(entryOf(plan, 'deploy', settled.startedAt), settled);
  });
}

/** Holds concern the ledger alone, and must be possible while a deploy is running: they need no lease. */
async function markHold(plan: DeployPlan, deps: DeployDeps): Promise<Settled> {
  const startedAt = iso(deps.clock.now());
  const kind = plan.mode === 'hold' ? 'hold' : 'release';
  const settled = settledOf(deps, plan.mode === 'hold' ? heldOnRequest(plan) : released(plan), startedAt);
  await deps.onProgress('record-finish');
  if (await deps.journal.finish(entryOf(plan, kind, startedAt), settled)) {
    await tellTarget(deps);
    return settled;
  }
  const sentence = 'The ledger could not be written, so nothing is held or released.';
  return { ...settled, outcome: 'failed', reason: 'ledger-unavailable', sentence };
}

/** While a deploy is running its end tells the target, holds included; and what has vanished is left to whoever settles it. */
async function tellTarget(deps: DeployDeps): Promise<void> {
  try {
    if ((await deps.target.observe()).lease !== undefined) return;
    const acquired = await deps.target.acquire(deps.owner, { force: false });
    if (acquired.kind === 'held') await underLease(acquired.lease, deps, (it) => remember(it, deps.journal));
  } catch (error) {
    deps.log.notice(problem('target-unavailable', deps.redact(`Only the ledger knows of it: ${messageOf(error)}`)));
  }
}

function stopped(plan: DeployPlan): Ending {
  const { verdict } = plan;
  if (verdict.kind === 'go') return planned(plan);
  return endedUnwritten(plan, { outcome: verdict.outcome, reason: verdict.reason, sentence: verdict.sentence });
}

function planned(plan: DeployPlan): Ending {
  const { verdict } = plan;
  const sentence =
    verdict.kind === 'go' ? 'It would be deployed.' : `It would end ${verdict.outcome}: ${verdict.sentence}`;
  return endedUnwritten(plan, {
    outcome: 'planned',
    reason: verdict.kind === 'go' ? undefined : verdict.reason,
    sentence,
  });
}

const scopeOf = (plan: DeployPlan): string =>
  plan.scope === 'stream' ? `Everything of ${plan.service} in ${plan.environment}` : plan.release.version;

const heldOnRequest = (plan: DeployPlan): Ending =>
  endedUnwritten(plan, { outcome: 'held', reason: 'on-request', sentence: `${scopeOf(plan)} is held.` });

const released = (plan: DeployPlan): Ending =>
  endedUnwritten(plan, {
    outcome: 'unchanged',
    reason: 'released',
    sentence: `${scopeOf(plan)} is not held any more.`,
  });

const locked = (plan: DeployPlan, sentence: string): Ending =>
  endedUnwritten(plan, { outcome: 'locked', reason: 'locked', sentence });

/** Cancelled or fenced: whatever was begun is not this run's to end. Anything else goes on its way. */
function cutOff(plan: DeployPlan, error: unknown, changed: boolean): Ending {
  if (error instanceof Cancelled) {
    const sentence = 'The run was cancelled; what it had begun is settled after it.';
    return { ...endedUnwritten(plan, { outcome: 'cancelled', reason: 'cancelled', sentence }), changed };
  }
  if (!(error instanceof Fenced)) throw error;
  const by = error.by === undefined ? 'Another run' : ownerName(error.by);
  const sentence = `${by} took this deploy over.`;
  return { ...endedUnwritten(plan, { outcome: 'fenced', reason: 'fenced', sentence }), changed };
}
