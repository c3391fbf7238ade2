import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeSet } from '../../../../shared/targets/kubernetes/manifests/set.ts';
import { workloadRef } from '../../../../shared/targets/kubernetes/workload-kinds.ts';
import { digestOf, imageOf, REPOSITORY } from './place.ts';

const ref = workloadRef('deployment/web', 'shop');
const image = { repository: REPOSITORY, digest: digestOf('v1') };
const setOf = (objects: readonly object[], container?: string) =>
  makeSet(
    objects.map((it) => ({ ...it })),
    { ref, image, container },
  );

const config = (name: string, data: object, kind = 'ConfigMap') => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  data,
});
const web = (pod: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { template: { spec: { containers: [{ name: 'web', image: `${REPOSITORY}:latest` }], ...pod } } },
});

describe('what a release applies', () => {
  test('U1: configuration of pods has a name of its content, is immutable, and every reference follows', () => {
    const pod = {
      containers: [
        {
          name: 'web',
          image: `${REPOSITORY}:latest`,
          envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'keys' } }],
          env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'a' } } }],
        },
      ],
      volumes: [
        { name: 'a', configMap: { name: 'settings' } },
        { name: 'b', secret: { secretName: 'keys' } },
        { name: 'c', projected: { sources: [{ configMap: { name: 'settings' } }, { secret: { name: 'other' } }] } },
      ],
    };
    const set = setOf([
      config('settings', { a: '1' }),
      config('keys', { a: 'MQ==' }, 'Secret'),
      config('unused', {}),
      web(pod),
    ]);
    const names = set.fresh.map((it) => (it['metadata'] as { name: string }).name);
    expect(names).toEqual([
      expect.stringMatching(/^settings-[0-9a-f]{10}$/),
      expect.stringMatching(/^keys-[0-9a-f]{10}$/),
    ]);
    expect(set.fresh.every((it) => it['immutable'] === true)).toBe(true);
    const text = JSON.stringify(set.workload);
    expect(text).not.toMatch(/"(?:settings|keys)"/);
    expect(text.split(names[0] ?? '')).toHaveLength(4);
    expect(text.split(names[1] ?? '')).toHaveLength(4);
    expect(text).toContain('"other"');
    expect(set.others).toMatchObject([{ metadata: { name: 'unused' } }]);
  });

  test('the name changes with the content, and with nothing else', () => {
    const pod = { volumes: [{ name: 'a', configMap: { name: 'c' } }] };
    const nameOf = (data: object, metadata: object = {}) => {
      const it = { ...config('c', data), metadata: { name: 'c', ...metadata } };
      return setOf([it, web(pod)]).fresh[0]?.['metadata'] as { name: string };
    };
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.dictionary(fc.string(), fc.string()), (a, b) => {
        const same = JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
        return (nameOf(a).name === nameOf(b, { labels: { x: 'y' } }).name) === same;
      }),
      { numRuns: 100 },
    );
  });

  test('F20: the digest is in every container of the repository; others keep their image', () => {
    const pod = {
      initContainers: [{ name: 'migrate', image: `${REPOSITORY}@sha256:${'0'.repeat(64)}` }],
      containers: [
        { name: 'web', image: REPOSITORY },
        { name: 'proxy', image: 'envoy:1' },
      ],
    };
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: { template: { spec: { containers: [{ name: 'j', image: `${REPOSITORY}:x` }] } } },
    };
    const text = JSON.stringify(setOf([job, web(pod)]));
    expect(text.split(imageOf('v1'))).toHaveLength(4);
    expect(text).toContain('"envoy:1"');
  });

  test('a placeholder in the only container is replaced; of several, the one that is named', () => {
    expect(JSON.stringify(setOf([web({ containers: [{ name: 'x', image: 'IMAGE' }] })]))).toContain(imageOf('v1'));
    const two = {
      containers: [
        { name: 'a', image: 'A' },
        { name: 'b', image: 'B' },
      ],
    };
    expect(() => setOf([web(two)])).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    const set = setOf([web(two)], 'b');
    expect(JSON.stringify(set.workload)).toMatch(/"image":"A".*"image":"registry/);
  });

  test('what others need comes first', () => {
    const named = (kind: string) => ({ apiVersion: 'x/v1', kind, metadata: { name: 'n' } });
    const kinds = ['Ingress', 'HorizontalPodAutoscaler', 'Service', 'Widget', 'RoleBinding', 'ServiceAccount', 'Role'];
    expect(setOf(kinds.map(named)).others.map((it) => it['kind'])).toEqual([
      'ServiceAccount',
      'Role',
      'RoleBinding',
      'Service',
      'Widget',
      'HorizontalPodAutoscaler',
      'Ingress',
    ]);
  });

  test.each([
    ['without a name', { apiVersion: 'v1', kind: 'ConfigMap' }, /needs apiVersion, kind and metadata\.name/],
    [
      'of another namespace',
      { ...config('c', {}), metadata: { name: 'c', namespace: 'bank' } },
      /of the namespace bank, not of shop/,
    ],
    [
      'that is a hook of Helm',
      { ...config('c', {}), metadata: { name: 'c', annotations: { 'helm.sh/hook': 'test' } } },
      /hook of Helm/,
    ],
  ])('one %s is refused', (_what, object, message) => {
    expect(() => setOf([object])).toThrow(message);
  });
});
