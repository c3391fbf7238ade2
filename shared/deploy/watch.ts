import type { CheckResult, Evidence, ReasonCode } from '../model/index.ts';
import type { Session } from './session.ts';
import { clean, failureOf } from './settled.ts';
import type { Step } from './steps.ts';

/** What was seen of a release after it was applied. */
export type Watched =
  | { readonly kind: 'good'; readonly url: string | undefined; readonly checks: readonly CheckResult[] }
  | Bad;

export interface Bad {
  readonly kind: 'bad';
  readonly reason: ReasonCode;
  readonly sentence: string;
  readonly checks: readonly CheckResult[];
}

/** Waits until the applied release is ready, then asks the checks. Throws what the target throws when it cannot tell. */
export async function watch(
  session: Session,
  steps: { readonly ready: Step; readonly verify: Step },
  signal: AbortSignal,
): Promise<Watched> {
  const { deps, lease } = session;
  const readiness = await session.step(steps.ready, () =>
    lease.ready(signal, (line) => deps.log.info(deps.redact(line))),
  );
  if (readiness.kind === 'failed') return { ...readiness, kind: 'bad', checks: [] };
  const { url } = readiness;
  const checks = await session.step(steps.verify, () => deps.verify(url, signal));
  const failing = checks.filter((check) => !check.passed);
  const [first] = failing;
  if (first === undefined) return { kind: 'good', url, checks };
  const more = failing.length > 1 ? ` ${failing.length - 1} more failed.` : '';
  return { kind: 'bad', reason: 'unhealthy', sentence: `${first.name} did not pass: ${first.seen}.${more}`, checks };
}

/** Takes the evidence of what failed, before anything is taken back. That it cannot be had is part of it. */
export async function takeEvidence(session: Session, bad: Bad): Promise<Evidence> {
  const seen = await session.step('evidence', async () => {
    try {
      return await session.lease.evidence();
    } catch (error) {
      const { sentence } = failureOf(error);
      return { summary: `Nothing more could be seen: ${sentence}`, log: [] };
    }
  });
  const summary = seen.summary === '' ? bad.sentence : `${bad.sentence} ${seen.summary}`;
  return clean({ summary, checks: bad.checks, log: seen.log }, session.deps.redact);
}
