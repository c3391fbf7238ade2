import * as z from 'zod';
import type { KubeObject } from '../../io/kubernetes/index.ts';
import { formatIssue, userError } from '../../model/index.ts';

/*
 * What is read of objects of the API, as far as this target looks at it. Whatever stands between this program and the
 * server may answer anything: an object that is not of this form is an error, never a guess.
 */

const text = z.string();
const count = z.number().int();
const texts = z.record(text, text);

const meta = z.object({
  name: text,
  uid: text.default(''),
  resourceVersion: text.default(''),
  generation: count.default(0),
  labels: texts.nullish().transform((it) => it ?? {}),
  annotations: texts.nullish().transform((it) => it ?? {}),
  creationTimestamp: text.nullish(),
  deletionTimestamp: text.nullish(),
  ownerReferences: z
    .array(z.object({ kind: text, name: text, uid: text, controller: z.boolean().nullish() }))
    .nullish()
    .transform((it) => it ?? []),
  managedFields: z
    .array(z.object({ manager: text.default(''), operation: text.default('') }))
    .nullish()
    .transform((it) => it ?? []),
});
export type Meta = z.infer<typeof meta>;

const condition = z.object({ type: text, status: text, reason: text.default(''), message: text.default('') });
const conditions = z
  .array(condition)
  .nullish()
  .transform((it) => it ?? []);

const container = z.object({ name: text, image: text.default('') });
const containers = z
  .array(container)
  .nullish()
  .transform((it) => it ?? []);
const template = z.object({
  spec: z.object({ containers, initContainers: containers, nodeSelector: texts.nullish() }),
});
export type Template = z.infer<typeof template>;

const quantity = z.union([text, count]);
const selector = z.object({
  matchLabels: texts.nullish().transform((it) => it ?? {}),
  matchExpressions: z
    .array(z.object({ key: text, operator: text, values: z.array(text).nullish() }))
    .nullish()
    .transform((it) => it ?? []),
});
export type Selector = z.infer<typeof selector>;

const workload = z.object({
  metadata: meta,
  spec: z.object({
    replicas: count.nullish(),
    paused: z.boolean().nullish(),
    selector: selector.nullish(),
    strategy: z
      .object({
        type: text.nullish(),
        rollingUpdate: z.object({ maxSurge: quantity.nullish(), maxUnavailable: quantity.nullish() }).nullish(),
      })
      .nullish(),
    updateStrategy: z
      .object({ type: text.nullish(), rollingUpdate: z.object({ partition: count.nullish() }).nullish() })
      .nullish(),
    progressDeadlineSeconds: count.nullish(),
    template: template.nullish(),
    jobTemplate: z.object({ spec: z.object({ template }) }).nullish(),
    suspend: z.boolean().nullish(),
  }),
  status: z
    .object({
      observedGeneration: count.default(0),
      replicas: count.default(0),
      updatedReplicas: count.default(0),
      readyReplicas: count.default(0),
      availableReplicas: count.default(0),
      currentRevision: text,
      updateRevision: text,
      desiredNumberScheduled: count.default(0),
      updatedNumberScheduled: count.default(0),
      numberAvailable: count.default(0),
      conditions,
    })
    .partial()
    .nullish()
    .transform((it) => it ?? {}),
});
export type Workload = z.infer<typeof workload>;

const revision = z.object({
  metadata: meta,
  /** Of a ControllerRevision. */
  revision: count.nullish(),
});
export type Revision = z.infer<typeof revision>;

const ended = z.object({
  exitCode: count.default(0),
  signal: count.nullish(),
  reason: text.default(''),
  message: text.default(''),
});
const state = z.object({
  waiting: z.object({ reason: text.default(''), message: text.default('') }).nullish(),
  running: z.object({}).nullish(),
  terminated: ended.nullish(),
});
const containerStatus = z.object({
  name: text,
  ready: z.boolean().default(false),
  restartCount: count.default(0),
  image: text.default(''),
  state: state.nullish(),
  lastState: state.nullish(),
});
export type ContainerStatus = z.infer<typeof containerStatus>;
const statuses = z
  .array(containerStatus)
  .nullish()
  .transform((it) => it ?? []);
const pod = z.object({
  metadata: meta,
  spec: z.object({ nodeName: text.nullish() }).partial().nullish(),
  status: z
    .object({
      phase: text.default(''),
      reason: text.default(''),
      message: text.default(''),
      conditions,
      containerStatuses: statuses,
      initContainerStatuses: statuses,
    })
    .partial()
    .nullish()
    .transform((it) => it ?? {}),
});
export type Pod = z.infer<typeof pod>;

const event = z.object({
  metadata: meta,
  type: text.default(''),
  reason: text.default(''),
  message: text.default(''),
  involvedObject: z.object({ kind: text.default(''), name: text.default(''), uid: text.default('') }),
  count: count.nullish(),
  lastTimestamp: text.nullish(),
  eventTime: text.nullish(),
});
export type KubeEvent = z.infer<typeof event>;

const lease = z.object({
  metadata: meta,
  spec: z
    .object({
      holderIdentity: text.nullish(),
      leaseDurationSeconds: count.nullish(),
      acquireTime: text.nullish(),
      renewTime: text.nullish(),
      leaseTransitions: count.nullish(),
    })
    .nullish()
    .transform((it) => it ?? {}),
});
export type LeaseObject = z.infer<typeof lease>;

export const readWorkload = reader('a workload', workload);
export const readRevision = reader('a ReplicaSet', revision);
export const readPod = reader('a pod', pod);
export const readEvent = reader('an event', event);
export const readLease = reader('a Lease', lease);

function reader<Schema extends z.ZodType>(what: string, schema: Schema) {
  return (object: KubeObject): z.output<Schema> => {
    const result = schema.safeParse(object);
    if (result.success) return result.data;
    const issue = formatIssue(result.error.issues[0]);
    throw userError('target-unavailable', `The API server gave ${what} that is none: ${issue}.`);
  };
}

/** The objects of a list. */
export function itemsOf(list: KubeObject): readonly KubeObject[] {
  const { items } = list;
  if (!Array.isArray(items)) throw userError('target-unavailable', 'The API server gave a list without items.');
  return items;
}

/** A selector as a query has it (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#list-and-watch-filtering). */
export function selectorQuery({ matchLabels, matchExpressions }: Selector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const rules = matchExpressions.map(({ key, operator, values }) => {
    const list = `(${(values ?? []).join(',')})`;
    if (operator === 'In') return `${key} in ${list}`;
    if (operator === 'NotIn') return `${key} notin ${list}`;
    return operator === 'Exists' ? key : `!${key}`;
  });
  return [...equal, ...rules].join(',');
}

export const notesOf = ({ annotations }: Pick<Meta, 'annotations'>, key: string): string | undefined =>
  annotations[key] || undefined;
