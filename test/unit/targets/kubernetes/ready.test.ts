import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Fenced, type Lease, type Readiness } from '../../../../shared/model/index.ts';
import type { PodStatus } from '../../../support/kubernetes/fake-rollouts.ts';
import { held, imageOf, never, Place, settled, turns, WEB } from './place.ts';

let place: Place;
let lease: Lease;
beforeEach(async () => {
  place = await Place.make();
  lease = await held(place.target());
});
afterEach(() => place.clear());

const waiting = (reason: string, message = '', restarts = 0): PodStatus => ({
  phase: 'Pending',
  containerStatuses: [{ name: 'web', restartCount: restarts, state: { waiting: { reason, message } } }],
});

/** Time goes faster than it says, so that graces run out. */
const hurried = () => {
  let now = Date.now();
  return {
    now: () => now,
    sleep: async (ms: number, signal?: AbortSignal) => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      if (!signal?.aborted) now += ms;
    },
  };
};

async function rolled(version: string, behaviour: 'starting' | PodStatus, signal = never): Promise<Readiness> {
  place.rollouts.behaviours.set(imageOf(version), behaviour);
  lease = await held(place.target({}, hurried()), 'run-1');
  await lease.apply(place.release(version), 'steady');
  return lease.ready(signal, () => {});
}

describe('a rollout that is doomed', () => {
  test.each([
    ['F30', waiting('ErrImagePull', 'x: not found'), 'image-not-found', /ErrImagePull, x: not found/],
    [
      'F35',
      waiting('CreateContainerConfigError', 'secret "db" not found'),
      'pod-config-invalid',
      /secret "db" not found/,
    ],
    [
      'F32',
      {
        containerStatuses: [
          {
            name: 'web',
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 7, reason: 'Error' } },
          },
        ],
      },
      'start-failed',
      /CrashLoopBackOff, ended with exit code 7, 3 times/,
    ],
  ])(
    '%s ends with the pod, the container, the word of Kubernetes and a hint',
    async (_row, status, reason, sentence) => {
      const ended = await rolled('v1', status);
      expect(ended).toMatchObject({ kind: 'failed', reason, sentence: expect.stringMatching(sentence) });
      expect(ended).toMatchObject({ sentence: expect.stringMatching(/^web-2-0 \(container web\): /) });
    },
  );

  test('F29: where no pods are made at all it says what denied them', async () => {
    place.rollouts.behaviours.set(imageOf('v1'), 'starting');
    lease = await held(place.target({}, hurried()), 'run-1');
    await lease.apply(place.release('v1'), 'steady');
    await turns();
    const message = 'pods "web-2-x" is forbidden: exceeded quota: small';
    place.api.set(WEB, {
      'status.conditions': [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }],
    });
    expect(await lease.ready(never, () => {})).toMatchObject({ kind: 'failed', reason: 'quota-exceeded' });
  });

  test('F37: at the deadline tells how far it came', async () => {
    const late = new AbortController();
    const ended = rolled('v1', 'starting', late.signal);
    setTimeout(() => late.abort(), 300);
    expect(await ended).toMatchObject({
      kind: 'failed',
      reason: 'unhealthy',
      sentence: expect.stringMatching(/0 of 3 new pods available/),
    });
  });
});

describe('a rollout that is not', () => {
  test('F31, F33: what may pass is waited for, and shown', async () => {
    const lines: string[] = [];
    place.rollouts.behaviours.set(imageOf('v1'), waiting('ErrImagePull', '503 Service Unavailable'));
    lease = await held(place.target({}, hurried()), 'run-1');
    await lease.apply(place.release('v1'), 'steady');
    setTimeout(() => {
      place.rollouts.behaviours.set(imageOf('v1'), 'ready');
      place.rollouts.reconcile(WEB);
    }, 300);
    expect(await lease.ready(never, (line) => lines.push(line))).toEqual({ kind: 'ready', url: undefined });
    expect(lines.join('\n')).toMatch(/ErrImagePull, 503 Service Unavailable/);
  });

  test('F33: a container that restarted once is ready when it stays so for a while', async () => {
    const lines: string[] = [];
    lease = await held(place.target({}, hurried()), 'run-1');
    await settled(lease, place.release('v1'));
    const pod = '/api/v1/namespaces/shop/pods/web-2-0';
    place.api.set(pod, { 'status.containerStatuses.0.restartCount': 1 });
    expect(await lease.ready(never, (line) => lines.push(line))).toMatchObject({ kind: 'ready' });
    expect(lines.join()).toContain('some have restarted');
  });

  test('F34: crash loops of an old ReplicaSet are not its own', async () => {
    const crash = { name: 'web', restartCount: 9, state: { waiting: { reason: 'CrashLoopBackOff' } } };
    place.api.set('/api/v1/namespaces/shop/pods/web-1-0', { status: { containerStatuses: [crash] } });
    await expect(settled(lease, place.release('v1'))).resolves.toBeUndefined();
  });

  test('F25: watches that end, or whose place is gone, are taken up again', async () => {
    place.rollouts.behaviours.set(imageOf('v1'), 'starting');
    await lease.apply(place.release('v1'), 'steady');
    const ready = lease.ready(never, () => {});
    while (place.api.watches < 3) await turns();
    place.api.endWatches();
    while (place.api.watches < 3) await turns();
    place.api.expireWatches();
    while (place.api.watches < 3) await turns();
    place.rollouts.behaviours.set(imageOf('v1'), 'ready');
    place.rollouts.reconcile(WEB);
    expect(await ready).toMatchObject({ kind: 'ready' });
  });

  test('F25: what the controller has not seen yet is no success', async () => {
    await settled(lease, place.release('v1'));
    place.rollouts.paused = true;
    await lease.apply(place.release('v2'), 'steady');
    const late = new AbortController();
    setTimeout(() => late.abort(), 200);
    expect(await lease.ready(late.signal, () => {})).toMatchObject({ kind: 'failed', reason: 'unhealthy' });
  });
});

describe('while it is watched', () => {
  test('a later lease ends it as fenced', async () => {
    place.rollouts.behaviours.set(imageOf('v1'), 'starting');
    await lease.apply(place.release('v1'), 'steady');
    const ready = lease.ready(never, () => {});
    while (place.api.watches < 3) await turns();
    await held(place.target(), 'run-2', true);
    await expect(ready).rejects.toBeInstanceOf(Fenced);
  });

  test('F62: a hand that sets another image is told, and nothing is taken back blindly', async () => {
    place.rollouts.behaviours.set(imageOf('v1'), 'starting');
    await lease.apply(place.release('v1'), 'steady');
    const ready = lease.ready(never, () => {});
    while (place.api.watches < 3) await turns();
    place.api.set(WEB, { 'spec.template.spec.containers': [{ name: 'web', image: 'by-hand:1' }] });
    await expect(ready).rejects.toMatchObject({ code: 'target-drifted' });
  });

  test('F26: an API that is gone until the end is no verdict on the image', async () => {
    place.rollouts.behaviours.set(imageOf('v1'), 'starting');
    await lease.apply(place.release('v1'), 'steady');
    const late = new AbortController();
    const ready = lease.ready(late.signal, () => {});
    while (place.api.watches < 3) await turns();
    place.api.fault = () => 'reset';
    place.api.endWatches();
    setTimeout(() => late.abort(), 400);
    await expect(ready).rejects.toMatchObject({ code: 'target-unavailable' });
  });
});

describe('the evidence', () => {
  test('has the worst pod, its events and what the container before said last', async () => {
    const crash = {
      name: 'web',
      restartCount: 2,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 7, reason: 'Error' } },
    };
    place.rollouts.behaviours.set(imageOf('v1'), { containerStatuses: [crash] });
    await lease.apply(place.release('v1'), 'steady');
    await turns();
    const pod = '/api/v1/namespaces/shop/pods/web-2-0';
    const uid = place.api.at(pod, 'metadata.uid');
    place.api.put('/api/v1/namespaces/shop/events/e1', {
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off restarting\u001b[31m failed container',
      involvedObject: { uid },
      count: 4,
    });
    place.api.logs.set(
      `${pod}/log?previous`,
      '\u001b[31mstarting\u001b[0m\r\n::set-output name=a::b\npanic: no database\n',
    );
    const evidence = await lease.evidence();
    expect(evidence.summary).toBe('0 of 1 new pods are ready; the worst is web-2-0.');
    expect(evidence.log).toEqual([
      'event Warning BackOff (4 times): Back-off restarting [31m failed container',
      'starting',
      '::set-output name=a::b',
      'panic: no database',
    ]);
  });
});
