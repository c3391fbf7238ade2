import { notYet, userError } from '../../model/index.ts';
import { checkedName } from './names.ts';

/** One kind of workload: where its objects are, and where in one its pods are described. */
export interface WorkloadKind {
  readonly name: string;
  readonly apiVersion: string;
  readonly plural: string;
  /** As Kubernetes writes it. */
  readonly kind: string;
  /** Keys from the object down to its pod template. */
  readonly template: readonly string[];
  /** What stands between it and its pods, one of which is made for each template. */
  readonly revisions: 'replicasets' | undefined;
}

const KINDS: readonly WorkloadKind[] = [
  {
    name: 'deployment',
    apiVersion: 'apps/v1',
    plural: 'deployments',
    kind: 'Deployment',
    template: ['spec', 'template'],
    revisions: 'replicasets',
  },
];

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
