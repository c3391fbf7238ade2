import type { FakeApi, Thing } from './fake-api.ts';

/** What pods of one image do: become ready, or have this status. */
type Behaviour = 'ready' | 'starting' | PodStatus;
export interface PodStatus {
  readonly phase?: string;
  readonly conditions?: readonly object[];
  readonly containerStatuses?: readonly object[];
  readonly initContainerStatuses?: readonly object[];
}

const REVISION = 'deployment.kubernetes.io/revision';
const READY: PodStatus = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: [{ name: 'web', ready: true, restartCount: 0, state: { running: {} } }],
};
const STARTING: PodStatus = {
  phase: 'Pending',
  containerStatuses: [
    { name: 'web', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } },
  ],
};

/** Plays the Deployment controller and the nodes: a new ReplicaSet and its pods for each new template. */
export class FakeRollouts {
  readonly behaviours = new Map<string, Behaviour>();
  /** Rollouts that were begun. */
  rollouts = 0;
  paused = false;
  readonly #api: FakeApi;
  readonly #folder: string;
  readonly #templates = new Map<string, string>();

  constructor(api: FakeApi, namespace = 'shop') {
    this.#api = api;
    this.#folder = `/apis/apps/v1/namespaces/${namespace}`;
    const before = api.onChange;
    api.onChange = (path, object) => {
      before(path, object);
      if (path.startsWith(`${this.#folder}/deployments/`)) this.#observe(path, object);
    };
  }

  #observe(path: string, object: Thing): void {
    if (this.paused || this.#api.at(path, 'status.observedGeneration') === object.metadata.generation) return;
    setImmediate(() => this.reconcile(path));
  }

  /** One turn of the controller. */
  reconcile(path: string): void {
    const object = this.#api.get(path);
    if (object === undefined) return;
    const template = JSON.stringify(this.#api.at(path, 'spec.template'));
    const isNew = this.#templates.get(path) !== template;
    const revision = Number(object.metadata.annotations?.[REVISION] ?? 0) + (isNew ? 1 : 0);
    if (isNew && this.#templates.has(path)) this.rollouts += 1;
    this.#templates.set(path, template);
    const replicas = Number(this.#api.at(path, 'spec.replicas') ?? 1);
    const image = String(this.#api.at(path, 'spec.template.spec.containers.0.image'));
    const behaviour = this.behaviours.get(image) ?? 'ready';
    const set = this.#revisionOf(object, revision);
    this.#pods(object, set, revision, replicas, behaviour);
    const isReady = behaviour === 'ready';
    const status = {
      observedGeneration: object.metadata.generation,
      replicas: isReady ? replicas : replicas + 1,
      updatedReplicas: isReady ? replicas : 1,
      readyReplicas: replicas,
      availableReplicas: replicas,
    };
    const annotations = { ...object.metadata.annotations, [REVISION]: String(revision) };
    this.#api.put(path, { ...object, metadata: { ...object.metadata, annotations }, status });
  }

  #revisionOf({ metadata }: Thing, revision: number): Thing {
    const owner = { kind: 'Deployment', name: metadata.name, uid: metadata.uid, controller: true };
    return this.#api.put(`${this.#folder}/replicasets/${metadata.name}-${revision}`, {
      metadata: {
        labels: { app: metadata.name },
        annotations: { [REVISION]: String(revision) },
        ownerReferences: [owner],
      },
    });
  }

  #pods({ metadata }: Thing, set: Thing, revision: number, replicas: number, behaviour: Behaviour): void {
    const status = behaviour === 'ready' ? READY : behaviour === 'starting' ? STARTING : behaviour;
    const owner = { kind: 'ReplicaSet', name: set.metadata.name, uid: set.metadata.uid, controller: true };
    for (let index = 0; index < (behaviour === 'ready' ? replicas : 1); index += 1) {
      this.#api.put(`/api/v1/namespaces/shop/pods/${metadata.name}-${revision}-${index}`, {
        metadata: { labels: { app: metadata.name }, ownerReferences: [owner] },
        status,
      });
    }
  }
}
