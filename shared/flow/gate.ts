import { MAX_MATRIX_ROWS } from '../detect/index.ts';

/** How a job that others need has ended; `''` where it was not asked for. */
export type JobResult = 'success' | 'failure' | 'cancelled' | 'skipped' | '';

/** What the gate of a pipeline judges: how its jobs ended, and how many services they were for. */
export interface GateFacts {
  readonly detect: JobResult;
  /** Services that were selected. */
  readonly selected: number;
  /** The matrices of calls, in order: each for 256 services at most. */
  readonly services: readonly JobResult[];
  /** What follows an approval, in order; empty where nobody is asked. */
  readonly approval?: JobResult;
  readonly approved?: readonly JobResult[];
}

export interface GateVerdict {
  readonly ok: boolean;
  readonly sentence: string;
}

/**
 * Whether a pipeline may be called good: detection succeeded, and every selected service did, on both sides of an approval.
 * Nothing selected is good. A matrix that should have run and did not is as bad as one that failed: skipped is not success.
 */
export function judgeGate(facts: GateFacts): GateVerdict {
  const wrong = [...ofDetection(facts), ...ofServices(facts), ...ofApproval(facts)];
  if (wrong.length > 0) return { ok: false, sentence: `${wrong.join(' ')}` };
  const { selected } = facts;
  const sentence =
    selected === 0 ? 'Nothing was selected, so there was nothing to do.' : `All ${selected} selected services did.`;
  return { ok: true, sentence };
}

function ofDetection({ detect }: GateFacts): readonly string[] {
  return detect === 'success' ? [] : [`Detection ended with ${named(detect)}, so nothing is known of any service.`];
}

function ofServices({ detect, selected, services }: GateFacts): readonly string[] {
  if (detect !== 'success') return [];
  const most = services.length * MAX_MATRIX_ROWS;
  const beyond =
    selected > most
      ? [`${selected} services are selected, and one run is for ${most}: the others come with the next one.`]
      : [];
  const bad = services.flatMap((result, at) => {
    const isNeeded = selected > at * MAX_MATRIX_ROWS;
    const isGood = result === 'success' || (!isNeeded && result === 'skipped');
    return isGood ? [] : [`The services of matrix ${at + 1} ended with ${named(result)}.`];
  });
  return [...bad, ...beyond];
}

/** Skipped is good here: then no service has got to where somebody is asked. */
function ofApproval({ approval = '', approved = [] }: GateFacts): readonly string[] {
  const fine = (it: JobResult) => it === 'success' || it === 'skipped' || it === '';
  const asked = fine(approval) ? [] : [`The approval ended with ${named(approval)}.`];
  const after = approved.flatMap((it, at) =>
    fine(it) ? [] : [`The approved services of matrix ${at + 1} ended with ${named(it)}.`],
  );
  return [...asked, ...after];
}

const named = (result: JobResult): string => (result === '' ? 'no result' : result);
