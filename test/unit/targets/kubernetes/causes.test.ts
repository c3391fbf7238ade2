import { describe, expect, test } from '@jest/globals';
import { readEvent, readPod } from '../../../../shared/targets/kubernetes/objects.ts';
import { causeOf, creationCause } from '../../../../shared/targets/kubernetes/watch/causes.ts';

interface Row {
  readonly name: string;
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly terminated?: object;
  readonly last?: object;
  readonly restarts?: number;
  readonly init?: boolean;
  readonly conditions?: readonly object[];
  readonly events?: readonly { readonly reason: string; readonly message: string }[];
  readonly is: object | undefined;
}

const BACK_OFF = 'Back-off pulling image "registry.example/web@sha256:aa"';
const ROWS: readonly Row[] = [
  { name: 'a pod that only starts', waiting: { reason: 'ContainerCreating' }, is: undefined },
  { name: 'a pod that runs', is: undefined },
  {
    name: 'F30: an image that is not there',
    waiting: { reason: 'ErrImagePull', message: 'failed to resolve reference "x": x: not found' },
    is: { kind: 'permanent', code: 'image-not-found', reason: 'ErrImagePull', container: 'web' },
  },
  {
    name: 'F30: seen late, told by the event',
    waiting: { reason: 'ImagePullBackOff', message: BACK_OFF },
    events: [
      { reason: 'Failed', message: 'Failed to pull image "x": rpc error: code = NotFound desc = manifest unknown' },
    ],
    is: { kind: 'permanent', code: 'image-not-found', reason: 'ImagePullBackOff' },
  },
  {
    name: 'F30: seen late, told by newer kubelets',
    waiting: { reason: 'ImagePullBackOff', message: `${BACK_OFF}: ErrImagePull: failed to pull: 401 Unauthorized` },
    is: { kind: 'permanent', code: 'registry-denied' },
  },
  {
    name: 'F30: a registry that wants a login',
    waiting: {
      reason: 'ErrImagePull',
      message: 'pull access denied, repository does not exist or may require authorization',
    },
    is: { kind: 'permanent', code: 'registry-denied' },
  },
  {
    name: 'F31: a registry that is overloaded',
    waiting: { reason: 'ErrImagePull', message: 'unexpected status from HEAD request: 503 Service Unavailable' },
    is: { kind: 'passing', code: 'registry-unavailable' },
  },
  {
    name: 'F31: a registry that counts pulls',
    waiting: {
      reason: 'ErrImagePull',
      message: '429 Too Many Requests: toomanyrequests: You have reached your pull rate limit, denied',
    },
    is: { kind: 'passing', code: 'registry-unavailable' },
  },
  {
    name: 'F31: a registry that is not reached',
    waiting: { reason: 'ErrImagePull', message: 'dial tcp 10.0.0.1:443: i/o timeout' },
    is: { kind: 'passing' },
  },
  {
    name: 'F31: a back-off of which nothing is known',
    waiting: { reason: 'ImagePullBackOff', message: BACK_OFF },
    is: { kind: 'passing' },
  },
  {
    name: 'an image for other machines',
    waiting: { reason: 'ErrImagePull', message: 'no match for platform in manifest sha256:aa' },
    is: { kind: 'permanent', code: 'image-invalid' },
  },
  {
    name: 'an image without a valid name',
    waiting: { reason: 'InvalidImageName' },
    is: { kind: 'permanent', code: 'image-invalid' },
  },
  {
    name: 'an image that may not be pulled',
    waiting: { reason: 'ErrImageNeverPull' },
    is: { kind: 'permanent', code: 'image-not-found' },
  },
  {
    name: 'F35: a Secret that is missing',
    waiting: { reason: 'CreateContainerConfigError', message: 'secret "db" not found' },
    is: { kind: 'permanent', code: 'pod-config-invalid', message: 'secret "db" not found' },
  },
  {
    name: 'F35: a command that is not in the image',
    waiting: { reason: 'RunContainerError', message: 'exec: "/srv": stat /srv: no such file or directory' },
    is: { kind: 'permanent', code: 'start-failed' },
  },
  {
    name: 'F35: a command that is not in the image, later',
    waiting: { reason: 'CrashLoopBackOff' },
    last: { exitCode: 128, reason: 'StartError', message: 'exec: "/srv": executable file not found in $PATH' },
    restarts: 2,
    is: { kind: 'permanent', code: 'start-failed', reason: 'StartError' },
  },
  {
    name: 'F32: a crash loop',
    waiting: { reason: 'CrashLoopBackOff' },
    last: { exitCode: 1, reason: 'Error' },
    restarts: 3,
    is: { kind: 'counted', code: 'start-failed', reason: 'CrashLoopBackOff', crashes: 3 },
  },
  {
    name: 'F33: one crash',
    terminated: { exitCode: 1, reason: 'Error' },
    is: { kind: 'counted', crashes: 1 },
  },
  {
    name: 'F35: too little memory',
    waiting: { reason: 'CrashLoopBackOff' },
    last: { exitCode: 137, reason: 'OOMKilled' },
    restarts: 1,
    is: { kind: 'counted', reason: 'OOMKilled', hint: expect.stringContaining('memory') },
  },
  {
    name: 'F35: an init container that fails',
    init: true,
    terminated: { exitCode: 3, reason: 'Error' },
    restarts: 1,
    is: { kind: 'counted', container: 'migrate', crashes: 2 },
  },
  {
    name: 'F36: no node for it',
    conditions: [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' },
    ],
    is: { kind: 'passing', code: 'unschedulable' },
  },
  {
    name: 'F35: a volume of a Secret that is missing',
    waiting: { reason: 'ContainerCreating' },
    events: [{ reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "tls" : secret "tls" not found' }],
    is: { kind: 'permanent', code: 'pod-config-invalid', reason: 'FailedMount' },
  },
  {
    name: 'F35: a volume that is slow to come',
    waiting: { reason: 'ContainerCreating' },
    events: [{ reason: 'FailedAttachVolume', message: 'Multi-Attach error for volume "data"' }],
    is: { kind: 'passing', code: 'pod-config-invalid' },
  },
];

describe('why a pod is not well', () => {
  test.each(ROWS.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const cause = causeOf(podOf(row), eventsOf(row));
    if (row.is === undefined) expect(cause).toBeUndefined();
    else expect(cause).toMatchObject({ pod: 'web-1', ...row.is });
  });

  test.each([
    ['pods "web-1" is forbidden: exceeded quota: small, requested: pods=1', 'permanent', 'quota-exceeded'],
    ['admission webhook "policy.example" denied the request: no latest', 'permanent', 'admission-denied'],
    ['Internal error occurred: failed calling webhook "p": context deadline exceeded', 'passing', 'admission-denied'],
    [
      'pods "web-1" is forbidden: error looking up service account shop/web: not found',
      'permanent',
      'admission-denied',
    ],
  ])('F29: no pods at all: %s', (message, kind, code) => {
    expect(creationCause(message)).toMatchObject({ kind, code });
  });
});

function podOf({ conditions, init = false, ...row }: Row) {
  const field = init ? 'initContainerStatuses' : 'containerStatuses';
  const statuses = conditions === undefined ? { [field]: [statusOf(row, init ? 'migrate' : 'web')] } : { conditions };
  return readPod({ metadata: { name: 'web-1' }, status: statuses });
}

function statusOf({ waiting, terminated, last, restarts = 0 }: Omit<Row, 'init' | 'conditions'>, name: string) {
  const state = waiting ? { waiting } : terminated ? { terminated } : { running: {} };
  return { name, restartCount: restarts, state, lastState: { terminated: last } };
}

const eventsOf = ({ events = [] }: Row) =>
  events.map((it) => readEvent({ ...it, type: 'Warning', metadata: { name: 'e' }, involvedObject: {} }));
