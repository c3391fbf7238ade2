import type { Intent, Journal, Release } from '../model/index.ts';
import { settleDoubt } from './closing.ts';
import { endedSuperseded } from './endings.ts';
import { deployName, releaseName } from './names.ts';
import type { Session } from './session.ts';
import { settleDiagnosed } from './settle.ts';
import { settledOf } from './settled.ts';
import { diagnose } from './vanished.ts';

/** What a vanished predecessor hands on. */
export type TakenOver =
  /** Nothing was there, or it is settled; then the plan must be made again. */
  | { readonly kind: 'settled'; readonly again: boolean }
  /** It is not worth finishing: the next image comes over it, and goes back to what was good before it. */
  | { readonly kind: 'superseded'; readonly intent: Intent; readonly previous: Release | undefined };

/**
 * Looks for a deploy whose run is gone. One that is past its commit point is not waited for when another image is about
 * to be applied anyway: it is superseded, and the same image is adopted, its wait and its checks becoming this run's own.
 *
 * @param goesOn whether this run is about to apply an image
 */
export async function takeOver(session: Session, journal: Journal, goesOn: boolean): Promise<TakenOver> {
  const seen = await session.step('look', () => session.deps.target.observe());
  const diagnosis = diagnose(seen, journal.state);
  if (diagnosis.kind === 'clean') return { kind: 'settled', again: false };
  const overtaken = diagnosis.kind === 'applied' || diagnosis.kind === 'stray';
  if (goesOn && overtaken && diagnosis.intent.mode !== 'remove') {
    const { intent } = diagnosis;
    return { kind: 'superseded', intent, previous: intent.previous };
  }
  await settleDiagnosed(session, journal, diagnosis);
  return { kind: 'settled', again: true };
}

/** Ends the event of a superseded predecessor. It comes after this run's own intent, which knows what to go back to. */
export async function closeSuperseded(session: Session, journal: Journal, intent: Intent, by: Intent): Promise<void> {
  const doubt = journal.state?.in_doubt ?? undefined;
  if (doubt === undefined) return;
  const same = intent.release.image.digest === by.release.image.digest;
  const after = same ? 'Its image is taken over' : `${releaseName(by.release)} takes its place`;
  const sentence = `${deployName(intent)} was interrupted before it could finish. ${after} by ${by.owner.id}.`;
  const settled = settledOf(session.deps, endedSuperseded(intent, sentence), intent.startedAt);
  await session.step('close-vanished', async () => {
    await session.lease.renew();
    // When it cannot be pushed, the start that follows cannot either, and says so.
    await settleDoubt(journal, doubt, intent, settled);
  });
}
