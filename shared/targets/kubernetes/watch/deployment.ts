import type { Pod, Revision, Workload } from '../objects.ts';
import { isReady, type Progress, type Seen } from './rollout.ts';

const REVISION = 'deployment.kubernetes.io/revision';

/**
 * How far a Deployment is, after `kubectl rollout status`: the newest description observed, all replicas updated, none of
 * an earlier one left, all available. The new ReplicaSet is the one with the Deployment's own revision.
 */
export function deploymentProgress({ workload, revisions, pods }: Seen): Progress {
  const { status, spec, metadata } = workload;
  const { observedGeneration = 0, updatedReplicas = 0, replicas = 0, availableReplicas = 0, conditions = [] } = status;
  const wanted = spec.replicas ?? 1;
  const observed = observedGeneration >= metadata.generation;
  const newest = observed ? newestRevision(workload, revisions) : undefined;
  const fresh = newest === undefined ? [] : podsOf(newest, pods);
  const failure = conditions.find((it) => it.type === 'ReplicaFailure' && it.status === 'True');
  const progressing = conditions.find((it) => it.type === 'Progressing');
  const available = Math.min(availableReplicas, updatedReplicas);
  return {
    observed,
    wanted,
    updated: updatedReplicas,
    available: fresh.length > 0 ? fresh.filter(isReady).length : Math.max(0, available - (replicas - updatedReplicas)),
    old: Math.max(0, replicas - updatedReplicas),
    done: updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= updatedReplicas,
    pods: fresh,
    blocked: observed ? failure?.message : undefined,
    overdue: observed && progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded',
  };
}

function newestRevision({ metadata }: Workload, revisions: readonly Revision[]): Revision | undefined {
  const revision = metadata.annotations[REVISION];
  const own = revisions.filter((it) => it.metadata.ownerReferences.some((owner) => owner.uid === metadata.uid));
  return own.find((it) => it.metadata.annotations[REVISION] === revision);
}

/** Pods on their way out do not count. */
const podsOf = ({ metadata }: Revision, pods: readonly Pod[]): readonly Pod[] =>
  pods.filter(
    (pod) =>
      !pod.metadata.deletionTimestamp && pod.metadata.ownerReferences.some((owner) => owner.uid === metadata.uid),
  );
