import { describe, expect, test } from '@jest/globals';
import { readPod, readRevision, readWorkload } from '../../../../shared/targets/kubernetes/objects.ts';
import { releasePatch, removalPatch } from '../../../../shared/targets/kubernetes/release-patch.ts';
import { workloadRef } from '../../../../shared/targets/kubernetes/workload-kinds.ts';
import { imageOf, REPOSITORY } from './place.ts';

const kindOf = (name: string) => workloadRef(`${name}/web`, 'shop').kind;
const owner = (uid: string) => ({ ownerReferences: [{ kind: 'X', name: 'web', uid }] });
const template = { spec: { containers: [{ name: 'web', image: `${REPOSITORY}:old` }] } };

function seen(spec: object, status: object, pods: readonly object[] = [], revisions: readonly object[] = []) {
  return {
    workload: readWorkload({ metadata: { name: 'web', uid: 'w', generation: 2 }, spec: { template, ...spec }, status }),
    pods: pods.map(readPodOf),
    revisions: revisions.map((it) => readRevision({ ...it })),
    events: new Map(),
  };
}
const readPodOf = (it: object) => readPod({ ...it });

const pod = (name: string, hash: string, ready: boolean, waiting = '') => ({
  metadata: { name, uid: name, labels: { 'controller-revision-hash': hash }, ...owner('w') },
  status: {
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: waiting === '' ? [] : [{ name: 'web', state: { waiting: { reason: waiting } } }],
  },
});

describe('F40: ready is', () => {
  const whole = {
    observedGeneration: 2,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    currentRevision: 'b',
    updateRevision: 'b',
  };
  test.each([
    ['all updated and ready', {}, whole, true],
    ['not before the controller has seen it', {}, { ...whole, observedGeneration: 1 }, false],
    ['not while one is of before', {}, { ...whole, updatedReplicas: 2, currentRevision: 'a' }, false],
    ['not while one is not ready', {}, { ...whole, readyReplicas: 2 }, false],
    ['not while too many are there', {}, { ...whole, replicas: 4 }, false],
    ['those above the partition', { partition: 2 }, { ...whole, updatedReplicas: 1, currentRevision: 'a' }, true],
    ['not fewer than those', { partition: 1 }, { ...whole, updatedReplicas: 1, currentRevision: 'a' }, false],
  ])('for a StatefulSet %s', (_what, rollingUpdate, status, ready) => {
    const it = kindOf('statefulset').progress(seen({ replicas: 3, updateStrategy: { rollingUpdate } }, status));
    expect(it.observed && it.done).toBe(ready);
  });

  const everywhere = {
    observedGeneration: 2,
    desiredNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
  };
  test.each([
    ['updated and available on every node', everywhere, true],
    ['not while one node is behind', { ...everywhere, updatedNumberScheduled: 1 }, false],
    ['not while one is not available', { ...everywhere, numberAvailable: 1 }, false],
    ['not before the controller has seen it', { ...everywhere, observedGeneration: 1 }, false],
    ['at once where no node is for it', { observedGeneration: 2 }, true],
  ])('for a DaemonSet %s', (_what, status, ready) => {
    const it = kindOf('daemonset').progress(seen({}, status));
    expect(it.observed && it.done).toBe(ready);
  });

  test('new pods are those of the newest description', () => {
    const pods = [pod('a', 'old', true), pod('b', 'new', false)];
    const revisions = [
      { metadata: { name: 'r1', labels: { 'controller-revision-hash': 'old' }, ...owner('w') }, revision: 1 },
      { metadata: { name: 'r2', labels: { 'controller-revision-hash': 'new' }, ...owner('w') }, revision: 2 },
    ];
    const names = (kind: string, status: object) =>
      kindOf(kind)
        .progress(seen({}, { observedGeneration: 2, ...status }, pods, revisions))
        .pods.map((it) => it.metadata.name);
    expect(names('daemonset', {})).toEqual(['b']);
    expect(names('statefulset', { updateRevision: 'new' })).toEqual(['b']);
  });

  test('a broken pod of an earlier description is in the way of a StatefulSet; one that only starts is not', () => {
    const pods = [
      pod('broken', 'old', false, 'CreateContainerConfigError'),
      pod('starting', 'old', false),
      pod('new', 'new', false, 'ErrImagePull'),
    ];
    const found = kindOf('statefulset').inTheWay?.(seen({}, { observedGeneration: 2, updateRevision: 'new' }, pods));
    expect(found?.map((it) => it.metadata.name)).toEqual(['broken']);
  });
});

describe('the patch', () => {
  const release = {
    image: { repository: REPOSITORY, digest: imageOf('v1').split('@')[1] as `sha256:${string}` },
    commit: 'c'.repeat(40),
    version: 'v1',
    event: 'e',
    since: '',
    by: 'dana',
    target: { kind: 'foreign' as const },
  };
  const wanted = { release, pace: 'one-wave' as const, sequence: 1, container: undefined };

  test.each([
    ['statefulset', { template }, '/spec/template/spec/containers/0/image'],
    ['daemonset', { template }, '/spec/template/spec/containers/0/image'],
    ['cronjob', { jobTemplate: { spec: { template } } }, '/spec/jobTemplate/spec/template/spec/containers/0/image'],
  ])(
    'of a %s has the image where its pods are described, and no strategy that it does not know',
    (kind, spec, path) => {
      const workload = readWorkload({ metadata: { name: 'web' }, spec });
      const steps = releasePatch(kindOf(kind), workload, wanted);
      expect(steps).toContainEqual({ op: 'add', path, value: imageOf('v1') });
      expect(steps.map((it) => it.path)).not.toContain('/spec/strategy');
    },
  );

  test.each([
    ['daemonset', { template, updateStrategy: { type: 'OnDelete' } }, 'OnDelete'],
    ['statefulset', { template, updateStrategy: { type: 'OnDelete' } }, 'OnDelete'],
    ['deployment', { template, paused: true }, 'paused'],
  ])('F41: of a %s that would not roll is refused', (kind, spec, why) => {
    const workload = readWorkload({ metadata: { name: 'web' }, spec });
    expect(() => releasePatch(kindOf(kind), workload, wanted)).toThrow(why);
  });

  test.each([
    ['statefulset', { template, replicas: 4 }, { path: '/spec/replicas', value: 4 }],
    ['cronjob', { jobTemplate: { spec: { template } }, suspend: false }, { path: '/spec/suspend', value: false }],
    ['daemonset', { template }, { path: '/spec/template/spec/nodeSelector/slipway-actions.github.io~1nowhere' }],
  ])('that takes a %s down is undone by the next release', (kind, spec, undone) => {
    const removal = removalPatch(kindOf(kind), readWorkload({ metadata: { name: 'web' }, spec }), 1) ?? [];
    const note = removal.find((it) => it.path.endsWith('~1removed'));
    const annotations = {
      'slipway-actions.github.io/removed': note !== undefined && 'value' in note ? note.value : '',
    };
    const selector = { spec: { ...template.spec, nodeSelector: { 'slipway-actions.github.io/nowhere': 'true' } } };
    const down = kind === 'daemonset' ? { template: selector } : spec;
    const steps = releasePatch(
      kindOf(kind),
      readWorkload({ metadata: { name: 'web', annotations }, spec: down }),
      wanted,
    );
    expect(steps).toContainEqual(expect.objectContaining(undone));
  });

  test.each(['job', 'rollout'])('of a %s is not carried out yet', (kind) => {
    expect(() => workloadRef(`${kind}/web`, 'shop')).toThrow(expect.objectContaining({ code: 'not-yet' }));
  });
});
