import { type DeployPlan, type ImageRef, problem, type StreamState, short } from '../model/index.ts';
import type { Review } from './deps.ts';
import { releaseName } from './names.ts';
import type { Session } from './session.ts';

/** What a run was asked for, and what it knew when it was. */
export interface Asked {
  readonly plan: DeployPlan;
  readonly state: StreamState | undefined;
}

/**
 * A rollback is asked for because of what was live then. Between that and the lease another deploy may have come, such as
 * the fix. One that settled is not taken back: the rollback ends `superseded`. One that is still on its way is stopped like
 * every deploy in flight, and the rollback goes where it was to go, not to what it was to leave. And where what it was to
 * leave is gone already, it does not leave one more.
 *
 * @param now the plan as it was made under the lease
 */
export function asAskedFor(session: Session, asked: Asked, now: Review): DeployPlan {
  const { plan } = now;
  const { live: left, release, previous, verdict } = asked.plan;
  if (plan.mode !== 'rollback' || left === undefined) return plan;
  const live = now.journal.state?.live ?? undefined;
  if (live !== undefined && !isKnown(asked, live.image)) return stopped(plan, 'superseded', releaseName(live), left);
  const inFlight = now.journal.state?.in_doubt?.release;
  if (inFlight === undefined) {
    const isDone = isSame(live, release) && !isSame(live, left);
    return isDone ? stopped(plan, 'unchanged', releaseName(release), left) : plan;
  }
  if (verdict.kind !== 'go' || !isSame(live, left) || isSame(plan.live, left)) return plan;
  const sentence = `${releaseName(inFlight)} was on its way when the rollback began, and is stopped.`;
  session.deps.log.notice(problem('on-request', session.deps.redact(sentence)));
  return { ...plan, release, live: left, previous, verdict };
}

/** The same where the ledger cannot be read any more: what the target wants to run tells, unless a deploy is on its way. */
export async function asTargetShows(session: Session, asked: Asked, plan: DeployPlan): Promise<DeployPlan> {
  const { live, intent } = await session.deps.target.observe();
  if (live === undefined || intent !== undefined || plan.live === undefined) return plan;
  const isMeant = isKnown(asked, live.image) || isSame(live, plan.release);
  return isMeant ? plan : stopped(plan, 'superseded', short(live.image.digest), plan.live);
}

function stopped(
  plan: DeployPlan,
  why: 'unchanged' | 'superseded',
  runs: string,
  left: Parameters<typeof releaseName>[0],
): DeployPlan {
  const after = why === 'unchanged' ? 'as was asked for' : 'and is not taken back';
  const sentence = `This rollback was to leave ${releaseName(left)}, but by now ${runs} is live, ${after}.`;
  return { ...plan, verdict: { kind: 'stop', outcome: why, reason: why, sentence, record: false } };
}

/** What was live when the rollback was asked for, or on its way. */
const isKnown = ({ plan, state }: Asked, image: ImageRef): boolean =>
  isSame(plan.live, { image }) || isSame(state?.live, { image });

type Named = { readonly image: ImageRef } | null | undefined;

const isSame = (a: Named, b: Named): boolean => a?.image.digest === b?.image.digest;
