import type { DeployEvent } from '../../model/index.ts';
import { type TracedDeploy, wentLive } from '../lineage.ts';
import { isChange, isUnplanned } from './classes.ts';
import type { Spell } from './statistics.ts';

/** A rollback later than this says something about the world, not about the deploy it takes back (record.md §6). */
const ROLLBACK_HORIZON_MS = 7 * 86_400_000;

/** A change that failed in production, and how long it took until production was well again. */
export interface Failure {
  readonly deploy: TracedDeploy;
  readonly recovery: Spell;
}

/**
 * The failed changes of one stream, each once however many facts say so. A change failed when
 * (a) it was rolled back within {@link ROLLBACK_HORIZON_MS}; (b) it is linked to an incident; (c) another deploy
 * remediates it; or (d) its own status is failure after it had changed production.
 *
 * @param stream the settled deploys of one stream, in order
 * @param now milliseconds: failures that are still open are as old as this makes them
 */
export function failuresOf(stream: readonly TracedDeploy[], now: number): readonly Failure[] {
  return stream.flatMap((deploy, index) => {
    const later = stream.slice(index + 1);
    return isChange(deploy) && failed(deploy, later) ? [{ deploy, recovery: recoveryOf(deploy, later, now) }] : [];
  });
}

/** Milliseconds at which a settled deploy ended. */
export const finishOf = ({ event }: TracedDeploy): number => Date.parse(event.times.finished ?? event.times.started);

function failed(deploy: TracedDeploy, later: readonly TracedDeploy[]): boolean {
  const { event } = deploy;
  if (event.status === 'failure' || event.links.incident !== null) return true;
  return later.some(
    (it) =>
      same(it.remediates, event) ||
      (same(it.rollsBack, event) && finishOf(it) - finishOf(deploy) <= ROLLBACK_HORIZON_MS),
  );
}

/**
 * From the finish of the failed deploy to the finish of what repaired it. A deploy that took itself back is both: it
 * counts from its start, since from then on people may have met it, to its finish.
 */
function recoveryOf(deploy: TracedDeploy, later: readonly TracedDeploy[], now: number): Spell {
  if (deploy.event.outcome === 'rolled-back-after-failure') {
    return spell(Date.parse(deploy.event.times.started), finishOf(deploy), true);
  }
  const repair = repairOf(deploy, later);
  return spell(finishOf(deploy), repair === undefined ? now : finishOf(repair), repair !== undefined);
}

/** The first that names the failed deploy and went live; once the failure is on record, anything that goes live ends it. */
function repairOf({ event }: TracedDeploy, later: readonly TracedDeploy[]): TracedDeploy | undefined {
  let onRecord = event.status === 'failure';
  for (const it of later) {
    const names = same(it.rollsBack, event) || same(it.remediates, event) || repairsIncident(it, event.links.incident);
    onRecord ||= names;
    if (onRecord && wentLive(it)) return it;
  }
  return undefined;
}

const repairsIncident = (deploy: TracedDeploy, incident: string | null): boolean =>
  incident !== null && deploy.event.links.incident === incident && isUnplanned(deploy);

const same = (a: DeployEvent | undefined, b: DeployEvent): boolean =>
  a !== undefined && a.id === b.id && a.run.attempt === b.run.attempt;

const spell = (from: number, to: number, ended: boolean): Spell => ({ ms: Math.max(0, to - from), ended });
