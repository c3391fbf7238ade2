import { type KubernetesTargetSettings, once, type Target } from '../../model/index.ts';
import { defineTarget, type TargetDeps } from '../kind.ts';

/** A workload of a Kubernetes cluster. What it is made of is loaded when it is first used: most steps have no cluster. */
export const kubernetes = defineTarget('kubernetes', openLate);

function openLate(settings: KubernetesTargetSettings, deps: TargetDeps): Target {
  const open = once(async () => (await import('./open.ts')).openKubernetes(settings, deps));
  return {
    kind: 'kubernetes',
    observe: async () => (await open()).observe(),
    acquire: async (owner, options) => (await open()).acquire(owner, options),
  };
}
