import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Fenced, type Intent, type Release } from '../../../../shared/model/index.ts';
import { held, imageOf, never, owner, Place, REPOSITORY, settled, turns, WEB } from './place.ts';

const CORE = '/api/v1/namespaces/shop';
let place: Place;
beforeEach(async () => {
  place = await Place.make();
  mkdirSync(join(place.folder, 'service', 'deploy'), { recursive: true });
});
afterEach(() => place.clear());

const settings = { manifests: ['deploy/*.yaml'] };
const release = (version: string, more: object = {}): Release => ({
  ...place.release(version),
  target: place.settings({ ...settings, ...more }),
});
const target = (more: object = {}) => place.target({ ...settings, ...more });

function describeAs(greeting: string, more = '', replicas = ''): void {
  const text = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: ${REPOSITORY}:latest
          envFrom: [{ configMapRef: { name: settings } }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { GREETING: ${greeting} }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
${more}`;
  writeFileSync(join(place.folder, 'service', 'deploy', 'all.yaml'), text);
}

const intentOf = (it: Release, mode: Intent['mode'] = 'deploy', previous?: Release): Intent => ({
  event: it.event,
  mode,
  automatic: true,
  owner: owner('run-1'),
  sequence: 1,
  release: it,
  previous,
  step: 'intended',
  startedAt: '2026-03-02T12:00:00.000Z',
});
const configName = () => String(place.api.at(WEB, 'spec.template.spec.containers.0.envFrom.0.configMapRef.name'));
const greeting = () => place.api.at(`${CORE}/configmaps/${configName()}`, 'data.GREETING');

describe('manifests', () => {
  test('F45: are applied with the image, and come back with it: configuration and all', async () => {
    const lease = await held(target());
    describeAs('hello');
    const [one, two] = [release('v1'), release('v2')];
    await lease.intend(intentOf(one));
    await settled(lease, one);
    expect([place.image, greeting()]).toEqual([imageOf('v1'), 'hello']);
    expect(place.api.get(`${CORE}/services/web`)).toBeDefined();
    const first = configName();
    describeAs('goodbye');
    await lease.intend(intentOf(two));
    await settled(lease, two);
    expect([place.image, greeting()]).toEqual([imageOf('v2'), 'goodbye']);
    // U1: what old pods have is there as it was.
    expect(place.api.at(`${CORE}/configmaps/${first}`, 'data.GREETING')).toBe('hello');
    const back = { ...one, event: 'event-of-rollback' };
    await lease.intend(intentOf(back, 'rollback'));
    await lease.prepare(back);
    await lease.apply(back, 'one-wave');
    expect([place.image, greeting(), configName()]).toEqual([imageOf('v1'), 'hello', first]);
    expect(place.api.at(WEB, 'spec.strategy.rollingUpdate.maxSurge')).toBe('100%');
    await lease.ready(never, () => {});
    await lease.settle();
    expect(place.api.at(WEB, 'spec.strategy.rollingUpdate.maxSurge')).toBe('25%');
  });

  test('U1: before the commit point nothing that runs is changed', async () => {
    const lease = await held(target());
    describeAs('hello');
    const before = JSON.stringify(place.api.get(WEB));
    await lease.prepare(release('v1'));
    expect(JSON.stringify(place.api.get(WEB))).toBe(before);
    const order = place.api.writes.filter((it) => it.query.get('dryRun') === null && !it.path.includes('/leases'));
    expect(order.map((it) => `${it.method} ${it.path.split('/').at(-1)}`)).toEqual([
      'POST secrets',
      'POST services',
      'POST configmaps',
    ]);
  });

  test('a workload that is not there is made', async () => {
    place.api.delete(WEB);
    describeAs('hello');
    await settled(await held(target()), release('v1'));
    expect([place.image, place.api.note(WEB, 'event')]).toEqual([imageOf('v1'), 'event-of-v1']);
  });

  test('F42: a first deploy over what another tool had made brings all of its pods back', async () => {
    const before = place.api.at(WEB, 'spec.template');
    const lease = await held(target());
    describeAs('hello');
    await lease.intend(intentOf(release('v1')));
    await lease.prepare(release('v1'));
    await lease.apply(release('v1'), 'steady');
    await lease.apply(release('v1'), 'steady');
    await lease.remove();
    expect(place.api.at(WEB, 'spec.template')).toEqual(before);
  });

  test('F28: the replicas that an autoscaler has set stay', async () => {
    const hpa = { spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' } } };
    place.api.put('/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web', hpa);
    place.api.set(WEB, { 'spec.replicas': 9 });
    describeAs('hello', '', 'replicas: 2');
    await settled(await held(target()), release('v1'));
    expect(place.api.at(WEB, 'spec.replicas')).toBe(9);
    place.api.delete('/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web');
    await settled(await held(target(), 'run-1'), release('v2'));
    expect(place.api.at(WEB, 'spec.replicas')).toBe(2);
  });

  test('F28: a field that another manager has is named, with the manager, before anything is written', async () => {
    describeAs('hello');
    const lease = await held(target());
    const text = JSON.stringify({
      kind: 'Status',
      code: 409,
      reason: 'Conflict',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "keda"', field: '.spec.replicas' }],
      },
    });
    place.api.fault = ({ method, path }) => (method === 'PATCH' && path === WEB ? { status: 409, text } : undefined);
    const error = await lease.prepare(release('v1')).catch((it: unknown) => it);
    expect(error).toMatchObject({ code: 'field-conflict', message: expect.stringContaining('.spec.replicas (keda)') });
    expect(place.api.get(`${CORE}/services/web`)).toBeUndefined();
  });

  test('F12: a lease that was overtaken does not write them', async () => {
    describeAs('hello');
    const old = await held(target(), 'run-1');
    await old.prepare(release('v1'));
    await held(target(), 'run-2', true);
    await expect(old.prepare(release('v1'))).rejects.toBeInstanceOf(Fenced);
    await expect(old.apply(release('v1'), 'steady')).rejects.toBeInstanceOf(Fenced);
    expect(place.image).toBe(`${REPOSITORY}:old`);
  });

  test('prune deletes what is described no more, if it is asked for and was made here', async () => {
    const lease = await held(target());
    const extra = '---\n{ apiVersion: v1, kind: Service, metadata: { name: extra } }\n';
    describeAs('hello', extra);
    await settled(lease, release('v1'));
    describeAs('hello');
    await settled(lease, release('v2'));
    expect(place.api.get(`${CORE}/services/extra`)).toBeDefined();
    const pruning = await held(target({ prune: true }));
    await settled(pruning, release('v3', { prune: true }));
    expect(place.api.get(`${CORE}/services/extra`)).toBeUndefined();
    expect(place.api.get(`${CORE}/services/web`)).toBeDefined();
  });

  test('of many releases ten are kept, with their configuration', async () => {
    const lease = await held(target());
    for (let number = 1; number <= 13; number += 1) {
      describeAs(`hello-${number}`);
      await settled(lease, release(`v${number}`));
      await turns();
    }
    const of = (kind: string) => place.api.paths(`${CORE}/${kind}/`);
    expect([of('secrets').length, of('configmaps').length]).toEqual([10, 10]);
    expect(greeting()).toBe('hello-13');
  });

  test('`render` gives them on its output, in the folder of the service', async () => {
    describeAs('rendered');
    const render = ['sh', '-c', 'test "$SLIPWAY_VERSION" = v1 && cat deploy/all.yaml'];
    const rendered = { manifests: [], render };
    await settled(await held(target(rendered)), release('v1', rendered));
    expect(greeting()).toBe('rendered');
  });

  test.each([
    ['no file matches', { manifests: ['none/*.yaml'] }, 'config-invalid', /No file matches/],
    [
      'a command fails',
      { manifests: [], render: ['sh', '-c', 'echo no chart >&2; exit 2'] },
      'render-failed',
      /no chart/,
    ],
    ['a document is broken', { manifests: [], render: ['printf', 'a: ['] }, 'config-invalid', /./],
    [
      'a kind is not of namespaces',
      { manifests: [], render: ['echo', '{apiVersion: v1, kind: Namespace, metadata: {name: x}}'] },
      'config-invalid',
      /no kind Namespace/,
    ],
  ])('nothing is written when %s', async (_what, more, code, message) => {
    const lease = await held(target(more));
    const error = await lease.prepare(release('v1', more)).catch((it: unknown) => it);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(place.api.writes.every((it) => it.path.includes('/leases'))).toBe(true);
  });
});
