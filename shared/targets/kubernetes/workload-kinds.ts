import { notYet, userError } from '../../model/index.ts';
import { cronjob } from './kinds/cronjob.ts';
import { daemonset } from './kinds/daemonset.ts';
import { deployment } from './kinds/deployment.ts';
import type { WorkloadKind } from './kinds/kind.ts';
import { statefulset } from './kinds/statefulset.ts';
import { checkedName } from './names.ts';

/** The kinds that can be deployed. A new one is a file beside these, and its name here. */
const KINDS: readonly WorkloadKind[] = [deployment, statefulset, daemonset, cronjob];

export interface WorkloadRef {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  /** `deployment/checkout`. */
  readonly title: string;
  /** Its path in the API. */
  readonly path: string;
  /** The path of all of its kind in the namespace. */
  readonly listPath: string;
}

/** Throws `config-invalid`, and `not-yet` for kinds that this version does not deploy. */
export function workloadRef(workload: string | undefined, namespace: string): WorkloadRef {
  const [kindName = '', name = ''] = (workload ?? '').split('/');
  if (workload === undefined) {
    throw userError('config-invalid', 'The target kubernetes needs `workload`, such as `deployment/checkout`.');
  }
  const kind = KINDS.find((it) => it.name === kindName);
  if (kind === undefined) throw notYet({ key: 'deploy.target.workload', value: workload });
  checkedName(namespace, 'The namespace');
  const listPath = `/apis/${kind.apiVersion}/namespaces/${namespace}/${kind.plural}`;
  const path = `${listPath}/${checkedName(name, `The ${kind.name}`)}`;
  return { kind, namespace, name, title: `${kind.name}/${name}`, path, listPath };
}
