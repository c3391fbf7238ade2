import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Fenced, type Intent, type Lease } from '../../../../shared/model/index.ts';
import { stateOf } from '../../deploy/world.ts';
import { held, imageOf, LEASE, never, owner, Place, REPOSITORY, settled, WEB } from './place.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.make();
});
afterEach(() => place.clear());

const intentOf = (version: string, mode: Intent['mode'] = 'deploy'): Intent => ({
  event: `event-of-${version}`,
  mode,
  automatic: true,
  owner: owner('run-1'),
  sequence: 1,
  release: place.release(version),
  previous: undefined,
  step: 'intended',
  startedAt: '2026-03-02T12:00:00.000Z',
});

describe('a deploy', () => {
  test('is one patch of the workload: image by digest, number and event; what it is not about stays', async () => {
    const lease = await held(place.target());
    await settled(lease, place.release('v1'));
    expect(place.image).toBe(imageOf('v1'));
    expect(place.api.note(WEB, 'event')).toBe('event-of-v1');
    expect(place.api.note(WEB, 'sequence')).toBe('1');
    const patches = place.api.writes.filter((it) => it.path === WEB);
    expect(patches).toHaveLength(1);
    expect(place.api.at(WEB, 'spec.replicas')).toBe(3);
    expect(place.api.at(WEB, 'spec.strategy.rollingUpdate.maxSurge')).toBe('25%');
    expect(place.rollouts.rollouts).toBe(1);
  });

  test('F61: of what runs already writes its event, and starts nothing', async () => {
    const lease = await held(place.target());
    await settled(lease, place.release('v1'));
    await settled(lease, { ...place.release('v1'), event: 'event-of-another' });
    expect(place.api.note(WEB, 'event')).toBe('event-of-another');
    expect(place.rollouts.rollouts).toBe(1);
  });

  test('F24: whose answer is lost has happened once', async () => {
    const lease = await held(place.target());
    let lost = false;
    place.api.fault = ({ method, path }) => {
      if (lost || method !== 'PATCH' || path !== WEB) return undefined;
      lost = true;
      return 'lose-answer';
    };
    await settled(lease, place.release('v1'));
    expect(lost).toBe(true);
    expect(place.image).toBe(imageOf('v1'));
    expect(place.rollouts.rollouts).toBe(1);
  });

  test('F28: a conflict with another writer is decided anew, from what is there then', async () => {
    const lease = await held(place.target());
    let raced = false;
    place.api.fault = ({ method, path }) => {
      if (raced || method !== 'PATCH' || path !== WEB) return undefined;
      raced = true;
      place.api.set(WEB, { 'spec.replicas': 7 });
      return undefined;
    };
    await settled(lease, place.release('v1'));
    expect(place.image).toBe(imageOf('v1'));
    expect(place.api.at(WEB, 'spec.replicas')).toBe(7);
  });

  test('F20: every container of the same repository gets the digest, and no other', async () => {
    const containers = [
      { name: 'proxy', image: 'envoy:1' },
      { name: 'web', image: `${REPOSITORY}:old` },
    ];
    const initContainers = [{ name: 'migrate', image: `${REPOSITORY}:older` }];
    place.api.set(WEB, { 'spec.template.spec': { containers, initContainers } });
    await settled(await held(place.target()), place.release('v1'));
    expect(place.api.at(WEB, 'spec.template.spec')).toEqual({
      containers: [
        { name: 'proxy', image: 'envoy:1' },
        { name: 'web', image: imageOf('v1') },
      ],
      initContainers: [{ name: 'migrate', image: imageOf('v1') }],
    });
  });

  test.each([
    ['of a workload that is not there', { workload: 'deployment/none' }, 'workload-missing'],
    ['of a container that is not there', { container: 'none' }, 'config-invalid'],
    ['of what has no name of Kubernetes', { workload: 'deployment/Web_1' }, 'config-invalid'],
    ['to a context that is not there', { context: 'fakee' }, 'kubeconfig-invalid'],
  ])('%s is refused before anything that runs is touched', async (_what, settings, code) => {
    const deploy = async () => (await held(place.target(settings))).prepare(place.release('v1'));
    await expect(deploy()).rejects.toMatchObject({ code });
    expect(place.api.writes.filter((it) => it.path.includes('deployments'))).toEqual([]);
  });

  test('of a paused workload is refused', async () => {
    place.api.set(WEB, { 'spec.paused': true });
    const lease = await held(place.target());
    await expect(lease.prepare(place.release('v1'))).rejects.toMatchObject({ code: 'target-refused' });
  });

  test.each([
    ['Argo CD', { 'metadata.annotations': { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' } }],
    ['Flux', { 'metadata.labels': { 'kustomize.toolkit.fluxcd.io/name': 'shop' } }],
    ['Helm', { 'metadata.annotations': { 'meta.helm.sh/release-name': 'shop' } }],
    ['Argo CD', { 'metadata.managedFields': [{ manager: 'argocd-controller', operation: 'Apply' }] }],
  ])('F53: of what %s manages is refused', async (manager, values) => {
    place.api.set(WEB, values);
    const lease = await held(place.target());
    await expect(lease.prepare(place.release('v1'))).rejects.toMatchObject({
      code: 'managed-elsewhere',
      message: expect.stringContaining(manager),
    });
  });

  test('F27: missing rights are named with the verb and the resource', async () => {
    const message =
      'deployments.apps "web" is forbidden: User "ci" cannot patch resource "deployments" in API group "apps"';
    const lease = await held(place.target());
    place.api.fault = ({ method }) =>
      method === 'PATCH' ? { status: 403, text: JSON.stringify({ kind: 'Status', code: 403, message }) } : undefined;
    await expect(lease.apply(place.release('v1'), 'steady')).rejects.toMatchObject({
      code: 'target-denied',
      message: expect.stringContaining('cannot patch resource "deployments"'),
    });
  });
});

describe('a rollback in one wave', () => {
  test('sets maxSurge in the same patch, and settling brings back what was set', async () => {
    const lease = await held(place.target());
    await settled(lease, place.release('v1'));
    await settled(lease, place.release('v2'));
    await lease.apply(place.release('v1'), 'one-wave');
    expect(place.image).toBe(imageOf('v1'));
    expect(place.api.at(WEB, 'spec.strategy.rollingUpdate')).toEqual({ maxSurge: '100%', maxUnavailable: '25%' });
    await lease.ready(never, () => {});
    await lease.settle();
    expect(place.api.at(WEB, 'spec.strategy.rollingUpdate')).toEqual({ maxSurge: '25%', maxUnavailable: '25%' });
    expect(place.api.note(WEB, 'pace')).toBeUndefined();
    expect(place.rollouts.rollouts).toBe(3);
  });

  test('that died before it settled leaves no strategy behind: the next deploy brings it back', async () => {
    const lease = await held(place.target());
    await lease.apply(place.release('v1'), 'one-wave');
    await lease.apply(place.release('v2'), 'steady');
    expect(place.api.at(WEB, 'spec.strategy.rollingUpdate')).toEqual({ maxSurge: '25%', maxUnavailable: '25%' });
  });
});

describe('the lease', () => {
  test('F10: is held by one at a time, and given back', async () => {
    const lease = await held(place.target());
    expect(await place.target().acquire(owner('run-2'), { force: false })).toMatchObject({
      kind: 'busy',
      holder: { id: 'run-1' },
    });
    await lease.release();
    expect((await place.target().observe()).lease).toBeUndefined();
    expect((await held(place.target(), 'run-2')).sequence).toBe(lease.sequence + 1);
  });

  test('F12: a holder that was overtaken writes nothing more, whichever way', async () => {
    await settled(await held(place.target(), 'run-0'), place.release('v0'));
    const old = await held(place.target(), 'run-1', true);
    await held(place.target(), 'run-2', true);
    const writes = place.api.writes.length;
    const ways: readonly ((lease: Lease) => Promise<unknown>)[] = [
      (it) => it.renew(),
      (it) => it.intend(intentOf('v1')),
      (it) => it.remember(stateOf()),
      (it) => it.prepare(place.release('v1')),
      (it) => it.apply(place.release('v1'), 'steady'),
      (it) => it.ready(never, () => {}),
      (it) => it.evidence(),
      (it) => it.settle(),
      (it) => it.remove(),
    ];
    for (const way of ways) await expect(way(old)).rejects.toBeInstanceOf(Fenced);
    await old.release();
    const changed = place.api.writes.slice(writes).filter((it) => it.path !== LEASE);
    expect(changed).toEqual([]);
    expect((await place.target().observe()).lease?.owner.id).toBe('run-2');
    expect(place.image).toBe(imageOf('v0'));
  });

  test('U4: one that stalls between its look at the lease and its patch is fenced by the workload itself', async () => {
    const old = await held(place.target(), 'run-1');
    let stalled = false;
    place.api.fault = ({ method, path }) => {
      if (stalled || method !== 'PATCH' || path !== WEB) return undefined;
      stalled = true;
      // What the other's acquisition does to the workload.
      place.api.set(WEB, { 'metadata.annotations': { 'slipway-actions.github.io/sequence': '2' } });
      return undefined;
    };
    await expect(old.apply(place.release('v1'), 'steady')).rejects.toBeInstanceOf(Fenced);
    expect(place.image).toBe(`${REPOSITORY}:old`);
  });

  test('taking it from somebody stamps the workload, and starts nothing', async () => {
    await held(place.target(), 'run-1');
    const second = await held(place.target(), 'run-2', true);
    expect(place.api.note(WEB, 'sequence')).toBe(String(second.sequence));
    expect(place.rollouts.rollouts).toBe(0);
  });

  test('F63: it is judged by the clock of the server, not by ours', async () => {
    place.api.aheadMs = 600_000;
    await held(place.target(), 'run-1');
    expect(await place.target().acquire(owner('run-2'), { force: false })).toMatchObject({ kind: 'busy' });
    // Half a minute later there: the holder has not renewed it.
    place.api.aheadMs += 40_000;
    expect((await place.target().observe()).lease).toEqual({ owner: owner('run-1'), alive: false });
    expect(await place.target().acquire(owner('run-2'), { force: false })).toMatchObject({ kind: 'held' });
  });

  test('one whose answer was lost is held all the same, and by one', async () => {
    let lost = false;
    place.api.fault = ({ method }) => {
      if (lost || method !== 'POST') return undefined;
      lost = true;
      return 'lose-answer';
    };
    expect((await held(place.target())).sequence).toBe(1);
    expect(lost).toBe(true);
  });

  test('of several who ask at once one has it', async () => {
    const asked = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((id) => place.target().acquire(owner(id), { force: false })),
    );
    expect(asked.filter((it) => it.kind === 'held')).toHaveLength(1);
  });

  test('its number goes on where the Lease was deleted', async () => {
    const lease = await held(place.target());
    await settled(lease, place.release('v1'));
    place.api.delete(LEASE);
    expect((await held(place.target(), 'run-2')).sequence).toBeGreaterThan(lease.sequence);
  });
});

describe('what outlives the runner', () => {
  test('intent and stream are read back as they were written', async () => {
    const lease = await held(place.target());
    const failure = { reason: 'unhealthy', sentence: 'It was not well.', evidence: undefined } as const;
    const intent = { ...intentOf('v2'), previous: place.release('v1'), failure };
    await lease.intend(intent);
    await lease.remember(stateOf());
    const seen = await place.target().observe();
    expect(seen.intent).toEqual(JSON.parse(JSON.stringify(intent)));
    expect(seen.stream).toEqual(JSON.parse(JSON.stringify(stateOf())));
    await lease.intend(undefined);
    expect((await place.target().observe()).intent).toBeUndefined();
  });

  test('what somebody spoiled is told, and never taken for nothing', async () => {
    const lease = await held(place.target());
    await lease.intend(intentOf('v1'));
    place.api.set(LEASE, { 'metadata.annotations': { 'slipway-actions.github.io/intent': '{' } });
    await expect(place.target().observe()).rejects.toMatchObject({ code: 'target-state-invalid' });
  });

  test('what runs is told with its event; an image without a digest is nothing that can be named', async () => {
    expect((await place.target().observe()).live).toBeUndefined();
    await settled(await held(place.target()), place.release('v1'));
    const { live } = await place.target().observe();
    expect(live).toEqual({ image: place.release('v1').image, event: 'event-of-v1', sequence: 1 });
  });
});

describe('the way back from a first deploy', () => {
  test('F42: is what another tool had deployed before', async () => {
    const lease = await held(place.target());
    await lease.intend(intentOf('v1'));
    await lease.apply(place.release('v1'), 'steady');
    await lease.remove();
    expect(place.image).toBe(`${REPOSITORY}:old`);
    expect(place.api.at(WEB, 'spec.replicas')).toBe(3);
    expect(place.api.note(WEB, 'event')).toBeUndefined();
  });

  test('a removal that is asked for scales it to nothing, and the next deploy brings it back', async () => {
    const lease = await held(place.target());
    await settled(lease, place.release('v1'));
    await lease.intend(intentOf('v1', 'remove'));
    await lease.remove();
    await lease.remove();
    expect(place.api.at(WEB, 'spec.replicas')).toBe(0);
    expect((await place.target().observe()).live).toBeUndefined();
    await lease.apply(place.release('v2'), 'steady');
    expect(place.api.at(WEB, 'spec.replicas')).toBe(3);
  });
});
