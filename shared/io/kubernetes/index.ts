/** The API of a Kubernetes cluster: who it is, how it is reached, and its objects as JSON. */
export { ApiError, type Cause, isStatus } from './api-error.ts';
export { Cluster, type ClusterDeps, isConnectionError, type KubeObject, type WatchEvent } from './cluster.ts';

import { Cluster, type ClusterDeps } from './cluster.ts';
import { readAccess, type Wanted } from './kubeconfig.ts';

/** Opens the cluster that a context speaks of; nothing is sent yet. Throws `kubeconfig-invalid`. */
export const openCluster = async (wanted: Wanted, deps: ClusterDeps): Promise<Cluster> =>
  new Cluster(await readAccess(wanted, deps.env), deps);
