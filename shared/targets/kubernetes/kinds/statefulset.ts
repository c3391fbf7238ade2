import type { Workload } from '../objects.ts';
import { causeOf } from '../watch/causes.ts';
import { isReady, type Progress, type Seen } from '../watch/rollout.ts';
import { byReplicas, onDelete, podsOwnedBy, REVISION_HASH, type WorkloadKind } from './kind.ts';

/**
 * After `kubectl rollout status`: all above the partition updated and all ready. With ordered pods the controller waits for
 * ever for a broken one of an earlier description (kubernetes#67250), so that one is deleted.
 */
export const statefulset: WorkloadKind = {
  name: 'statefulset',
  apiVersion: 'apps/v1',
  plural: 'statefulsets',
  kind: 'StatefulSet',
  template: ['spec', 'template'],
  revisions: 'controllerrevisions',
  surges: false,
  templateOf: ({ spec }) => spec.template ?? undefined,
  stuck: onDelete,
  progress,
  inTheWay,
  ...byReplicas,
};

function progress({ workload, pods }: Seen): Progress {
  const { spec, metadata, status } = workload;
  const { observedGeneration = 0, updatedReplicas = 0, readyReplicas = 0, updateRevision } = status;
  const wanted = spec.replicas ?? 1;
  const partition = Math.min(wanted, spec.updateStrategy?.rollingUpdate?.partition ?? 0);
  const observed = observedGeneration >= metadata.generation;
  const isWhole = partition > 0 || status.currentRevision === updateRevision;
  const fresh = podsOwnedBy(metadata.uid, pods).filter((it) => it.metadata.labels[REVISION_HASH] === updateRevision);
  return {
    observed,
    wanted: wanted - partition,
    updated: updatedReplicas,
    available: fresh.filter(isReady).length,
    old: Math.max(0, wanted - partition - updatedReplicas),
    done: updatedReplicas >= wanted - partition && readyReplicas >= wanted && isWhole && !isOverfull(workload),
    pods: observed ? fresh : [],
    blocked: undefined,
    overdue: false,
  };
}

/** Scaling down is not done before the pods are gone. */
const isOverfull = ({ spec, status }: Workload): boolean => (status.replicas ?? 0) > (spec.replicas ?? 1);

function inTheWay({ workload, pods, events }: Seen) {
  const { metadata, status } = workload;
  if ((status.observedGeneration ?? 0) < metadata.generation) return [];
  return podsOwnedBy(metadata.uid, pods).filter((pod) => {
    const isOld = pod.metadata.labels[REVISION_HASH] !== status.updateRevision;
    return isOld && !isReady(pod) && causeOf(pod, events.get(pod.metadata.uid) ?? []) !== undefined;
  });
}
