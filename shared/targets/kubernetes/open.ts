import { openCluster } from '../../io/kubernetes/index.ts';
import {
  type Acquired,
  type KubernetesTargetSettings,
  type Observation,
  type Owner,
  parseImage,
  type Target,
} from '../../model/index.ts';
import type { TargetDeps } from '../kind.ts';
import { KubernetesLease } from './lease.ts';
import { LeaseStore } from './lease-store.ts';
import { noteKey } from './names.ts';
import type { Workload } from './objects.ts';
import { imageIn } from './release-patch.ts';
import { findWorkload, type Site, sequenceOf } from './site.ts';
import { containerOf } from './watch/ready.ts';
import { workloadRef } from './workload-kinds.ts';

/** Throws `kubeconfig-invalid`, `config-invalid`, `not-yet`: before anything is sent. */
export async function openKubernetes(settings: KubernetesTargetSettings, deps: TargetDeps): Promise<Target> {
  const { kubeconfig, context } = settings;
  const cluster = await openCluster({ kubeconfig, context }, deps);
  const ref = workloadRef(settings.workload, settings.namespace ?? cluster.namespace);
  const site: Site = { settings, deps, cluster, ref };
  const store = new LeaseStore(site);
  return {
    kind: 'kubernetes',
    observe: () => observe(site, store),
    acquire: (owner, { force }) => acquire(site, store, owner, force),
  };
}

async function observe(site: Site, store: LeaseStore): Promise<Observation> {
  const [workload, record] = await Promise.all([findWorkload(site), store.look()]);
  return { live: workload && liveOf(site, workload), url: undefined, warm: [], ...record };
}

/** What the workload wants to run; undefined where that is nothing, or an image without a digest, which nobody can name. */
function liveOf(site: Site, workload: Workload): Observation['live'] {
  const { annotations } = workload.metadata;
  const text = imageIn(site.ref.kind, workload, containerOf(site, workload));
  const image = text === undefined ? undefined : parseImage(text);
  if (image === undefined || annotations[noteKey('removed')] !== undefined) return undefined;
  return { image, event: annotations[noteKey('event')] ?? '', sequence: sequenceOf(workload) };
}

async function acquire(site: Site, store: LeaseStore, owner: Owner, force: boolean): Promise<Acquired> {
  const taken = await store.acquire(owner, force);
  if (taken.kind === 'busy') return taken;
  return { kind: 'held', lease: new KubernetesLease(site, store, owner, taken.sequence) };
}
