import type { Revision, Workload } from '../objects.ts';
import { isReady, type Progress, type Seen } from '../watch/rollout.ts';
import { byReplicas, podsOwnedBy, type WorkloadKind } from './kind.ts';

const REVISION = 'deployment.kubernetes.io/revision';

export const deployment: WorkloadKind = {
  name: 'deployment',
  apiVersion: 'apps/v1',
  plural: 'deployments',
  kind: 'Deployment',
  template: ['spec', 'template'],
  revisions: 'replicasets',
  surges: true,
  templateOf: ({ spec }) => spec.template ?? undefined,
  stuck: ({ spec }) => (spec.paused ? 'is paused' : undefined),
  progress,
  ...byReplicas,
};

/**
 * How far a Deployment is, after `kubectl rollout status`: the newest description observed, all replicas updated, none of
 * an earlier one left, all available. The new ReplicaSet is the one with the Deployment's own revision.
 */
function progress({ workload, revisions, pods }: Seen): Progress {
  const { status, spec, metadata } = workload;
  const { observedGeneration = 0, updatedReplicas = 0, replicas = 0, availableReplicas = 0, conditions = [] } = status;
  const wanted = spec.replicas ?? 1;
  const observed = observedGeneration >= metadata.generation;
  const newest = observed ? newestRevision(workload, revisions) : undefined;
  const fresh = newest === undefined ? [] : podsOwnedBy(newest.metadata.uid, pods);
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
