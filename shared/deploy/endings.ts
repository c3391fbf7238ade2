import type { CheckResult, DeployPlan, Failure, ImageRef, Intent, Outcome, Release, Settled } from '../model/index.ts';
import { releaseName } from './names.ts';

/** How a deploy ended, before times are added and secrets are taken out (settled.ts). */
export type Ending = Omit<Settled, 'startedAt' | 'finishedAt'>;

/** What there is to say of an end; the images follow from the plan or the intent. */
export type Told = Pick<Ending, 'outcome' | 'reason' | 'sentence'>;

/** What became of a release, as it was seen. */
interface Seen {
  readonly url: string | undefined;
  readonly checks: readonly CheckResult[];
}

/** Nothing was written to the target: what the plan found is what is there. */
export const endedUnwritten = (plan: Pick<DeployPlan, 'live' | 'previous'>, told: Told): Ending =>
  ending(told, { live: plan.live?.image, previous: plan.previous?.image, changed: false });

/** Nothing that runs was changed: what ran before runs on. */
export const endedUntouched = (intent: Intent, told: Told): Ending =>
  ending(told, { live: intent.previous?.image, previous: intent.previous?.image, changed: false });

/** The release runs, and passed its checks. */
export function endedGood(intent: Intent, { url, checks }: Seen): Ending {
  const asked = intent.mode === 'rollback';
  const told: Told = {
    outcome: asked ? 'rolled-back' : 'deployed',
    reason: asked ? 'on-request' : undefined,
    sentence: `${intent.release.version} ${asked ? 'is back and' : 'is live and'} passed its checks.`,
  };
  return { ...endedRunning(intent, told), url, checks };
}

/** The release runs, whether anybody has seen it to be good or not. */
export const endedRunning = (intent: Intent, told: Told): Ending =>
  ending(told, { live: intent.release.image, previous: intent.previous?.image, changed: true });

/** The service was taken down because someone asked for it. */
export function endedRemoved({ release }: Intent): Ending {
  const told: Told = { outcome: 'removed', reason: 'on-request', sentence: `${release.version} was taken down.` };
  return ending(told, { live: undefined, previous: release.image, changed: true });
}

/** The release is bad and runs on, since nobody may take it back but a person. */
export function endedLeftRunning(intent: Intent, failure: Failure): Ending {
  const sentence = `${failure.sentence} It was left running, since rollback.automatic is off.`;
  return withEvidence(endedRunning(intent, { outcome: 'failed', reason: failure.reason, sentence }), failure);
}

/** The release is bad and gone: the one before runs again or, where there was none, the service is taken down. */
export function endedBack(intent: Intent, failure: Failure, url: string | undefined): Ending {
  const { previous } = intent;
  const after = previous === undefined ? 'It was taken down; nothing ran before.' : `${releaseName(previous)} is back.`;
  const told: Told = {
    outcome: outcomeOfBack(failure, previous),
    reason: failure.reason,
    sentence: `${failure.sentence} ${after}`,
  };
  const images = { live: previous?.image, previous: previous?.image, changed: true };
  return { ...withEvidence(ending(told, images), failure), url };
}

/** The way back has failed, or there is none: from here only a person goes on. */
export function endedStuck(intent: Intent, failure: Failure): Ending {
  const told: Told = { outcome: 'rollback-failed', reason: 'rollback-failed', sentence: failure.sentence };
  const live = intent.mode === 'rollback' ? intent.release.image : intent.previous?.image;
  return withEvidence(ending(told, { live, previous: intent.previous?.image, changed: true }), failure);
}

/** Another deploy comes over one whose run vanished, and goes back to the same release if it has to. */
export const endedSuperseded = (intent: Intent, sentence: string): Ending => ({
  ...endedUntouched(intent, { outcome: 'superseded', reason: 'interrupted', sentence }),
  changed: true,
});

/** The target does not say what runs: the intent stays, and whoever comes next looks again. */
export function endedUnknown(intent: Intent, told: Omit<Told, 'outcome'>, changed: boolean): Ending {
  const live = changed ? undefined : intent.previous?.image;
  return ending({ ...told, outcome: 'unknown' }, { live, previous: intent.previous?.image, changed });
}

interface Images {
  readonly live: ImageRef | undefined;
  readonly previous: ImageRef | undefined;
  readonly changed: boolean;
}

function ending({ outcome, reason, sentence }: Told, { live, previous, changed }: Images): Ending {
  return { outcome, reason, sentence, live, previous, changed, url: undefined, evidence: undefined, checks: [] };
}

const withEvidence = (it: Ending, { evidence }: Failure): Ending => ({
  ...it,
  evidence,
  checks: evidence?.checks ?? [],
});

function outcomeOfBack(failure: Failure, previous: Release | undefined): Outcome {
  if (failure.reason === 'cancelled') return 'cancelled';
  // The image itself was not found bad: its run ended before it was tried, so it is not held.
  if (failure.reason === 'interrupted' || previous === undefined) return 'failed';
  return 'rolled-back-after-failure';
}
