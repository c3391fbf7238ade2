import { PREFIX, pointerPart } from '../names.ts';
import type { Revision } from '../objects.ts';
import { isReady, type Progress, type Seen } from '../watch/rollout.ts';
import { onDelete, podsOwnedBy, REVISION_HASH, type WorkloadKind } from './kind.ts';

/** No node has this label. */
const NOWHERE = `${PREFIX}nowhere`;
const SELECTOR = '/spec/template/spec/nodeSelector';

/** After `kubectl rollout status`: as many updated and available as there are nodes for it. */
export const daemonset: WorkloadKind = {
  name: 'daemonset',
  apiVersion: 'apps/v1',
  plural: 'daemonsets',
  kind: 'DaemonSet',
  template: ['spec', 'template'],
  revisions: 'controllerrevisions',
  surges: false,
  templateOf: ({ spec }) => spec.template ?? undefined,
  stuck: onDelete,
  progress,
  takeDown: ({ spec }) => {
    const nodeSelector = spec.template?.spec.nodeSelector ?? {};
    return { steps: [{ op: 'add', path: SELECTOR, value: { ...nodeSelector, [NOWHERE]: 'true' } }], note: 'nowhere' };
  },
  bringBack: ({ spec }) => {
    const there = spec.template?.spec.nodeSelector?.[NOWHERE] !== undefined;
    return there ? [{ op: 'remove', path: `${SELECTOR}/${pointerPart(NOWHERE)}` }] : [];
  },
};

function progress({ workload, revisions, pods }: Seen): Progress {
  const { metadata, status } = workload;
  const {
    observedGeneration = 0,
    desiredNumberScheduled = 0,
    updatedNumberScheduled = 0,
    numberAvailable = 0,
  } = status;
  const observed = observedGeneration >= metadata.generation;
  const hash = newest(revisions, metadata.uid)?.metadata.labels[REVISION_HASH];
  const fresh = podsOwnedBy(metadata.uid, pods).filter((it) => it.metadata.labels[REVISION_HASH] === hash);
  return {
    observed,
    wanted: desiredNumberScheduled,
    updated: updatedNumberScheduled,
    available: fresh.filter(isReady).length,
    old: Math.max(0, desiredNumberScheduled - updatedNumberScheduled),
    done: updatedNumberScheduled >= desiredNumberScheduled && numberAvailable >= desiredNumberScheduled,
    pods: observed ? fresh : [],
    blocked: undefined,
    overdue: false,
  };
}

function newest(revisions: readonly Revision[], uid: string): Revision | undefined {
  const own = revisions.filter((it) => it.metadata.ownerReferences.some((owner) => owner.uid === uid));
  return own.sort((a, b) => (b.revision ?? 0) - (a.revision ?? 0))[0];
}
