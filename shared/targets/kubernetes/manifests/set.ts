import { createHash } from 'node:crypto';
import type { KubeObject } from '../../../io/kubernetes/index.ts';
import { canonicalJson, formatImage, type ImageRef, isRecord, userError } from '../../../model/index.ts';
import { repositoryOf } from '../release-patch.ts';
import type { WorkloadRef } from '../workload-kinds.ts';

/*
 * What a release applies, made of its manifests: a pure function, whose value is kept in the cluster, so that going back is to
 * apply an earlier value as it was.
 */

export interface ReleaseSet {
  /** ConfigMaps and Secrets of pods, each under a name that its content gives it: nothing that runs is changed by them. */
  readonly fresh: readonly KubeObject[];
  /** undefined: it is not among the manifests, and gets the image alone. */
  readonly workload: KubeObject | undefined;
  /** In the order in which they are applied. */
  readonly others: readonly KubeObject[];
}

interface Wanted {
  readonly ref: WorkloadRef;
  readonly image: ImageRef;
  readonly container: string | undefined;
}

/** What others need comes first; what looks at others, last. */
const ORDER = [
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
  'Service',
  '*',
  'PodDisruptionBudget',
  'HorizontalPodAutoscaler',
  'Ingress',
];
const CONFIGURATION: ReadonlySet<string> = new Set(['ConfigMap', 'Secret']);
const HASH_DIGITS = 10;

/** Throws `config-invalid` for what cannot be applied for one workload in one namespace. */
export function makeSet(objects: readonly KubeObject[], wanted: Wanted): ReleaseSet {
  for (const it of objects) check(it, wanted.ref);
  const placed = objects.map((it) => withImage(it, wanted));
  const names = freshNames(placed);
  const renamed = placed.map((it) => rewritten(it, names));
  const isWorkload = (it: KubeObject) => kindOf(it) === wanted.ref.kind.kind && nameOf(it) === wanted.ref.name;
  const isFresh = (it: KubeObject) => names.has(idOf(it));
  const others = renamed.filter((it, index) => !isWorkload(it) && !isFresh(placed[index] ?? it));
  return {
    fresh: placed.filter(isFresh).map((it) => frozen(it, names)),
    workload: renamed.find(isWorkload),
    others: [...others].sort((a, b) => rankOf(a) - rankOf(b)),
  };
}

export const kindOf = (it: KubeObject): string => String(it['kind'] ?? '');
export const metadataOf = ({ metadata }: KubeObject): KubeObject => (isRecord(metadata) ? metadata : {});
export const nameOf = (it: KubeObject): string => String(metadataOf(it)['name'] ?? '');
export const idOf = (it: KubeObject): string => `${kindOf(it)}/${nameOf(it)}`;

function check(it: KubeObject, { namespace }: WorkloadRef): void {
  const refuse = (why: string, remedy?: string) =>
    userError('config-invalid', `The manifest of ${idOf(it)} ${why}.`, remedy === undefined ? {} : { remedy });
  const { namespace: own, annotations } = metadataOf(it);
  if (typeof it['apiVersion'] !== 'string' || kindOf(it) === '' || nameOf(it) === '') {
    throw refuse('needs apiVersion, kind and metadata.name');
  }
  if (own !== undefined && own !== namespace) throw refuse(`is of the namespace ${String(own)}, not of ${namespace}`);
  if (isRecord(annotations) && annotations['helm.sh/hook'] !== undefined) {
    throw refuse('is a hook of Helm, which only Helm runs', 'Render without hooks: helm template --no-hooks.');
  }
}

const rankOf = (it: KubeObject): number => {
  const rank = ORDER.indexOf(kindOf(it));
  return rank < 0 ? ORDER.indexOf('*') : rank;
};

/** F20: every container of the service's repository, and the one that is named, gets the digest; no other is touched. */
function withImage(it: KubeObject, { image, container, ref }: Wanted): KubeObject {
  const isOwn = kindOf(it) === ref.kind.kind && nameOf(it) === ref.name;
  const text = formatImage(image);
  const all = containersIn(it);
  const only = isOwn && all.filter((one) => one.isMain).length === 1 ? all.find((one) => one.isMain)?.value : undefined;
  const hits = all.filter(
    ({ value }) =>
      repositoryOf(String(value['image'] ?? '')) === image.repository || (isOwn && value['name'] === container),
  );
  const chosen = new Set(hits.length === 0 && only !== undefined ? [only] : hits.map((one) => one.value));
  if (isOwn && chosen.size === 0) {
    throw userError('config-invalid', `No container of ${idOf(it)} has the image ${image.repository}.`, {
      remedy: 'Name it: `deploy.target.container`.',
    });
  }
  return mapped(it, (node) => (chosen.has(node) ? { ...node, image: text } : node));
}

function containersIn(it: KubeObject): readonly { readonly value: KubeObject; readonly isMain: boolean }[] {
  const found: { value: KubeObject; isMain: boolean }[] = [];
  walk(it, (node) => {
    for (const field of ['containers', 'initContainers'] as const) {
      const list = node[field];
      if (Array.isArray(list))
        for (const value of list.filter(isRecord)) found.push({ value, isMain: field === 'containers' });
    }
  });
  return found;
}

/** New names of the configuration that pods of the set refer to: kind/name → name with the hash of its content. */
function freshNames(objects: readonly KubeObject[]): ReadonlyMap<string, string> {
  const used = new Set(objects.flatMap((it) => referencesIn(it)));
  const fresh = objects.filter((it) => CONFIGURATION.has(kindOf(it)) && used.has(idOf(it)));
  return new Map(fresh.map((it) => [idOf(it), `${nameOf(it).slice(0, 242)}-${hashOf(it)}`]));
}

function hashOf({ data, binaryData, stringData, type }: KubeObject): string {
  const text = canonicalJson({ data, binaryData, stringData, type });
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}

/** Keys of a pod that name a ConfigMap or a Secret, and the key of the name in each. */
const REFERENCES: Readonly<Record<string, readonly (readonly [kind: string, key: string])[]>> = {
  configMapRef: [['ConfigMap', 'name']],
  configMapKeyRef: [['ConfigMap', 'name']],
  configMap: [['ConfigMap', 'name']],
  secretRef: [['Secret', 'name']],
  secretKeyRef: [['Secret', 'name']],
  secret: [
    ['Secret', 'secretName'],
    ['Secret', 'name'],
  ],
};

function referencesIn(it: KubeObject): readonly string[] {
  const found: string[] = [];
  walkPods(it, (node) => {
    for (const [field, ways] of Object.entries(REFERENCES)) {
      const value = node[field];
      if (!isRecord(value)) continue;
      for (const [kind, key] of ways) if (typeof value[key] === 'string') found.push(`${kind}/${value[key]}`);
    }
  });
  return found;
}

function rewritten(it: KubeObject, names: ReadonlyMap<string, string>): KubeObject {
  if (names.size === 0 || referencesIn(it).length === 0) return it;
  return mapped(it, (node) => {
    const changed = Object.entries(REFERENCES).flatMap(([field, ways]) => {
      const value = node[field];
      if (!isRecord(value)) return [];
      const keys = ways.flatMap(([kind, key]) => {
        const name = names.get(`${kind}/${String(value[key])}`);
        return name === undefined ? [] : [[key, name] as const];
      });
      return keys.length === 0 ? [] : [[field, { ...value, ...Object.fromEntries(keys) }] as const];
    });
    return changed.length === 0 ? node : { ...node, ...Object.fromEntries(changed) };
  });
}

const frozen = (it: KubeObject, names: ReadonlyMap<string, string>): KubeObject => ({
  ...it,
  metadata: { ...metadataOf(it), name: names.get(idOf(it)) ?? nameOf(it) },
  immutable: true,
});

/** Visits what lies below a pod's description; other objects have keys of the same names that mean something else. */
function walkPods(it: KubeObject, visit: (node: KubeObject) => void): void {
  walk(it, (node) => {
    if (Array.isArray(node['containers'])) walk(node, visit);
  });
}

function walk(node: unknown, visit: (node: KubeObject) => void): void {
  if (Array.isArray(node)) for (const it of node) walk(it, visit);
  else if (isRecord(node)) {
    visit(node);
    for (const it of Object.values(node)) walk(it, visit);
  }
}

/** A copy in which each object was asked, its own copy's insides first. */
function mapped(node: KubeObject, change: (node: KubeObject) => KubeObject): KubeObject {
  const inside = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inside);
    return isRecord(value) ? mapped(value, change) : value;
  };
  return Object.fromEntries(Object.entries(change(node)).map(([key, value]) => [key, inside(value)]));
}
