import type { KubeObject } from '../../../io/kubernetes/index.ts';
import { isRecord, parseJson, type Release } from '../../../model/index.ts';
import type { WorkloadKind } from '../kinds/kind.ts';
import { noteKey } from '../names.ts';
import type { Workload } from '../objects.ts';
import { repositoryOf } from '../release-patch.ts';
import { metadataOf } from './set.ts';

interface Wanted {
  readonly kind: WorkloadKind;
  readonly release: Release;
  readonly pace: 'steady' | 'one-wave';
  readonly sequence: number;
  readonly container: string | undefined;
  /** Whether a HorizontalPodAutoscaler sets the replicas. */
  readonly scaled: boolean;
}

/** What is there now, as it was read. */
export interface There {
  readonly object: KubeObject;
  readonly workload: Workload;
}

/**
 * The workload as it is applied: its manifest, whose it is, and for a wave the strategy, in one write that counts only if
 * nobody has written it since it was read.
 */
export function workloadBody(manifest: KubeObject, there: There | undefined, wanted: Wanted): KubeObject {
  const metadata = metadataOf(manifest);
  const version = there === undefined ? {} : { resourceVersion: there.workload.metadata.resourceVersion };
  const own = isRecord(metadata['annotations']) ? metadata['annotations'] : {};
  const wave = waveOf(manifest, there, wanted);
  const annotations = { ...own, ...notesOf(manifest, there, wanted), ...wave.notes };
  const spec = isRecord(manifest['spec']) ? manifest['spec'] : {};
  return {
    ...manifest,
    metadata: { ...metadata, ...version, annotations },
    spec: { ...spec, ...wave.spec, ...replicasOf(spec, there, wanted) },
  };
}

function notesOf(manifest: KubeObject, there: There | undefined, { kind, release, sequence, container }: Wanted) {
  const notes = {
    [noteKey('sequence')]: String(sequence),
    [noteKey('event')]: release.event,
    [noteKey('version')]: release.version,
    [noteKey('commit')]: release.commit,
    [noteKey('container')]: container ?? containerWith(manifest, kind, release.image.repository) ?? '',
  };
  if (there === undefined) return notes;
  const { annotations } = there.workload.metadata;
  const kept = annotations[noteKey('before')];
  if (kept !== undefined) return { ...notes, [noteKey('before')]: kept };
  if (annotations[noteKey('event')] !== undefined) return notes;
  // The first deploy of this program: should it fail, all that its pods were is what to go back to.
  return { ...notes, [noteKey('before')]: JSON.stringify({ template: valueAt(there.object, kind.template) }) };
}

function containerWith(manifest: KubeObject, kind: WorkloadKind, repository: string): string | undefined {
  const spec = valueAt(manifest, [...kind.template, 'spec']);
  const list = isRecord(spec) && Array.isArray(spec['containers']) ? spec['containers'].filter(isRecord) : [];
  const found = list.find((it) => repositoryOf(String(it['image'])) === repository);
  return found === undefined ? undefined : String(found['name']);
}

const valueAt = (object: unknown, keys: readonly string[]): unknown =>
  keys.reduce((at, key) => (isRecord(at) ? at[key] : undefined), object);

interface Wave {
  readonly spec: KubeObject;
  readonly notes: Readonly<Record<string, string>>;
}
const NO_WAVE: Wave = { spec: {}, notes: {} };

/** What was set aside stays noted until the deploy has settled. */
function waveOf(manifest: KubeObject, there: There | undefined, { kind, pace }: Wanted): Wave {
  if (pace === 'steady' || !kind.surges || there === undefined) return NO_WAVE;
  const set = valueAt(manifest, ['spec', 'strategy']);
  const live = there.workload.spec.strategy;
  if ((isRecord(set) ? set['type'] : live?.type) === 'Recreate') return NO_WAVE;
  const noted = there.workload.metadata.annotations[noteKey('pace')];
  const rolling = valueAt(set, ['rollingUpdate']) ?? (noted === undefined ? live?.rollingUpdate : parseJson(noted));
  const aside = { maxSurge: '25%', maxUnavailable: '25%', ...(isRecord(rolling) ? rolling : {}) };
  const strategy = { type: 'RollingUpdate', rollingUpdate: { ...aside, maxSurge: '100%' } };
  return { spec: { strategy }, notes: { [noteKey('pace')]: JSON.stringify(aside) } };
}

/** F28: replicas that an autoscaler sets are applied as they are, so that it is not fought, and they do not fall back to one. */
function replicasOf(spec: KubeObject, there: There | undefined, { scaled }: Wanted): KubeObject {
  const removed = there?.workload.metadata.annotations[noteKey('removed')] !== undefined;
  if (spec['replicas'] === undefined || there === undefined || !scaled || removed) return {};
  return { replicas: there.workload.spec.replicas ?? spec['replicas'] };
}
