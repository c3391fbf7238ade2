import { type Cluster, isStatus } from '../../io/kubernetes/index.ts';
import type { KubernetesTargetSettings } from '../../model/index.ts';
import type { TargetDeps } from '../kind.ts';
import { FIELD_MANAGER, JSON_PATCH, noteKey, type PatchStep } from './names.ts';
import { readWorkload, type Workload } from './objects.ts';
import type { WorkloadRef } from './workload-kinds.ts';

/** One workload of one cluster, and what is needed to look after it. */
export interface Site {
  readonly settings: KubernetesTargetSettings;
  readonly deps: TargetDeps;
  readonly cluster: Cluster;
  readonly ref: WorkloadRef;
}

/** undefined: there is none. */
export async function findWorkload({ cluster, ref }: Site): Promise<Workload | undefined> {
  try {
    return readWorkload(await cluster.call(ref.path));
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

/** Whoever changes a workload loses the race this often at most: controllers write its status all the time. */
const ATTEMPTS = 25;
const PAUSE_MS = 40;

/**
 * Changes a workload by compare-and-set: what was read is what is changed, or it is read again. `decide` gives undefined
 * where there is nothing to do. Gives the workload as it is afterwards; undefined: there is none.
 */
export async function changeWorkload(
  site: Site,
  decide: (workload: Workload) => readonly PatchStep[] | undefined,
): Promise<Workload | undefined> {
  const { cluster, ref, deps } = site;
  for (let attempt = 1; ; attempt += 1) {
    const found = await findWorkload(site);
    const steps = found && decide(found);
    if (found === undefined || steps === undefined) return found;
    const version = {
      op: 'replace',
      path: '/metadata/resourceVersion',
      value: found.metadata.resourceVersion,
    } as const;
    try {
      const query = { fieldManager: FIELD_MANAGER };
      const body = [version, ...withNotes(found, steps)];
      return readWorkload(await cluster.call(ref.path, { method: 'PATCH', contentType: JSON_PATCH, query, body }));
    } catch (error) {
      if (!isStatus(error, 409) || attempt === ATTEMPTS) throw error;
      await deps.clock.sleep(PAUSE_MS * (1 + deps.random()));
    }
  }
}

/** A JSON patch adds only to what is there: an object without annotations gets an empty map first. */
function withNotes({ metadata }: Workload, steps: readonly PatchStep[]): readonly PatchStep[] {
  const bare = Object.keys(metadata.annotations).length === 0;
  return bare ? [{ op: 'add', path: '/metadata/annotations', value: {} }, ...steps] : steps;
}

/** Number of the lease that wrote a workload last; 0: none did. */
export const sequenceOf = ({ metadata }: Workload): number => {
  const text = metadata.annotations[noteKey('sequence')] ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
};
