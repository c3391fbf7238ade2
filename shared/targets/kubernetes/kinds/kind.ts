import type { PatchStep } from '../names.ts';
import type { Pod, Template, Workload } from '../objects.ts';
import type { Progress, Seen } from '../watch/rollout.ts';

/** One kind of workload: where its objects are, where in one its pods are described, and how it tells how far it is. */
export interface WorkloadKind {
  /** As the configuration has it. */
  readonly name: string;
  readonly apiVersion: string;
  readonly plural: string;
  /** As Kubernetes writes it. */
  readonly kind: string;
  /** Keys from the object down to its pod template. */
  readonly template: readonly string[];
  /** What the controller keeps for each description of pods; undefined: it is not watched. */
  readonly revisions: 'replicasets' | 'controllerrevisions' | undefined;
  /** Whether it has a strategy with `maxSurge`, so that a rollback can be one wave. */
  readonly surges: boolean;
  templateOf(workload: Workload): Template | undefined;
  /** Why nothing would roll out, for people; undefined: it would. */
  stuck(workload: Workload): string | undefined;
  progress(seen: Seen): Progress;
  /** Pods that hold the rollout up and will not get well: deleted, they come back of the newest description. */
  inTheWay?(seen: Seen): readonly Pod[];
  /** Nothing runs any more, and what is noted brings it back. */
  takeDown(workload: Workload): { readonly steps: readonly PatchStep[]; readonly note: string };
  bringBack(workload: Workload, note: string): readonly PatchStep[];
}

/** Pods that are not on their way out and belong to an owner. */
export const podsOwnedBy = (uid: string, pods: readonly Pod[]): readonly Pod[] =>
  pods.filter((pod) => !pod.metadata.deletionTimestamp && pod.metadata.ownerReferences.some((it) => it.uid === uid));

/** Scaling by `spec.replicas`. */
export const byReplicas = {
  takeDown: ({ spec }: Workload) => ({
    steps: [{ op: 'add', path: '/spec/replicas', value: 0 }] as const,
    note: String(spec.replicas ?? 1),
  }),
  bringBack: (_workload: Workload, note: string): readonly PatchStep[] => [
    { op: 'add', path: '/spec/replicas', value: Number(note) || 1 },
  ],
};

/** Rolling by a controller that waits until somebody deletes the pods is not rolling. */
export const onDelete = ({ spec }: Workload): string | undefined =>
  spec.updateStrategy?.type === 'OnDelete' ? 'has the update strategy OnDelete' : undefined;

/** Of controllers that name their descriptions by this label. */
export const REVISION_HASH = 'controller-revision-hash';
