import type { ReasonCode } from '../../../model/index.ts';
import type { ContainerStatus, KubeEvent, Pod } from '../objects.ts';

/**
 * Why a pod is not well.
 *
 * `permanent`: it will not pass by itself. `counted`: a crash, which counts. `passing`: it may pass, and is waited for.
 */
export interface Cause {
  readonly kind: 'permanent' | 'counted' | 'passing';
  readonly code: ReasonCode;
  /** The word of Kubernetes: `ErrImagePull`, `CrashLoopBackOff`. */
  readonly reason: string;
  readonly pod: string;
  readonly container: string | undefined;
  /** What Kubernetes says, one line; text from outside. */
  readonly message: string;
  /** What the reader may do about it. */
  readonly hint: string;
  /** How often it has crashed. */
  readonly crashes: number;
}

type Told = Omit<Cause, 'pod' | 'container' | 'crashes' | 'message'>;

/** What a container is waiting with that no waiting helps against (kubelet: pkg/kubelet/images and kuberuntime errors). */
const HOPELESS: Readonly<Record<string, Told>> = {
  InvalidImageName: {
    kind: 'permanent',
    code: 'image-invalid',
    reason: 'InvalidImageName',
    hint: 'The name of the image is not valid.',
  },
  ErrImageNeverPull: {
    kind: 'permanent',
    code: 'image-not-found',
    reason: 'ErrImageNeverPull',
    hint: 'The image is not on the node, and imagePullPolicy is Never.',
  },
  CreateContainerConfigError: {
    kind: 'permanent',
    code: 'pod-config-invalid',
    reason: 'CreateContainerConfigError',
    hint: 'A ConfigMap, a Secret or a key of one that the container needs is not there.',
  },
  CreateContainerError: {
    kind: 'permanent',
    code: 'pod-config-invalid',
    reason: 'CreateContainerError',
    hint: 'The container cannot be made as the pod describes it.',
  },
  RunContainerError: {
    kind: 'permanent',
    code: 'start-failed',
    reason: 'RunContainerError',
    hint: 'The container cannot be started: look at its command, its mounts and its security context.',
  },
};

const PULLING: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'RegistryUnavailable',
  'ImageInspectError',
]);

/** Registries fail in passing with these words; they are looked for first, since a 503 may say `not found` beside it. */
const PASSING_PULL =
  /\b(?:429|too ?many ?requests|rate limit|50[0234]|timeout|timed out|deadline exceeded|connection (?:refused|reset)|i\/o|EOF|temporary failure|server misbehaving|unavailable|no route to host|pull QPS)/i;
const DENIED_PULL =
  /\b(?:401|403|unauthorized|forbidden|denied|authentication required|no basic auth|authorization failed)/i;
const MISSING_PULL = /\b(?:404|not found|manifest unknown|name unknown|does not exist|no such image|NAME_UNKNOWN)/i;
const UNFIT_PULL =
  /no match for platform|no matching manifest|exec format error|x509|invalid (?:reference|tar|checksum)/i;

/** Why a pull failed, by what the runtime said: words of containerd, CRI-O and of registries. */
export function pullCause(reason: string, text: string): Told {
  if (PASSING_PULL.test(text)) {
    return {
      kind: 'passing',
      code: 'registry-unavailable',
      reason,
      hint: 'The registry fails in passing; it is tried again.',
    };
  }
  if (DENIED_PULL.test(text)) {
    const hint = 'The node may not pull it: look at imagePullSecrets and at the rights of the registry.';
    return { kind: 'permanent', code: 'registry-denied', reason, hint };
  }
  if (MISSING_PULL.test(text)) {
    return {
      kind: 'permanent',
      code: 'image-not-found',
      reason,
      hint: 'The registry does not have it, as the node sees it.',
    };
  }
  if (UNFIT_PULL.test(text)) {
    return { kind: 'permanent', code: 'image-invalid', reason, hint: 'The node cannot use it: look at its platforms.' };
  }
  return { kind: 'passing', code: 'registry-unavailable', reason, hint: 'The pull fails; it is tried again.' };
}

/** An end of a container that was no crash of the program: the runtime could not start it. */
const NOT_STARTABLE =
  /executable file not found|no such file or directory|permission denied|exec format error|not a directory/i;

/** The one thing that is wrong with a pod, the worst first; undefined: nothing that is known of. */
export function causeOf(pod: Pod, events: readonly KubeEvent[]): Cause | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status;
  const found = [...initContainerStatuses, ...containerStatuses]
    .map((it) => causeOfContainer(pod, it, events))
    .filter((it) => it !== undefined);
  return found.sort((a, b) => RANK[a.kind] - RANK[b.kind])[0] ?? causeOfPod(pod, events);
}

const RANK = { permanent: 0, counted: 1, passing: 2 } as const;

function causeOfContainer(pod: Pod, status: ContainerStatus, events: readonly KubeEvent[]): Cause | undefined {
  const waiting = status.state?.waiting;
  const told = waiting && waitingCause(waiting, status, events);
  if (told) return caused(pod, status, told.told, told.message);
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  const crashed = ended && (ended.exitCode !== 0 || (status.restartCount > 0 && !status.ready));
  return crashed ? crashCause(pod, status) : undefined;
}

interface Said {
  readonly told: Told;
  readonly message: string;
}

function waitingCause(
  { reason, message }: { readonly reason: string; readonly message: string },
  status: ContainerStatus,
  events: readonly KubeEvent[],
): Said | undefined {
  if (PULLING.has(reason)) {
    // Backing off, older kubelets do not say why any more: the event of the failed pull does.
    const said = [message, ...events.filter((it) => it.reason === 'Failed').map((it) => it.message)];
    const text =
      said.find((it) => /failed to|error|: /i.test(it.replace(/^Back-off pulling image "[^"]*"/, ''))) ?? message;
    return { told: pullCause(reason, text), message: text };
  }
  const hopeless = HOPELESS[reason];
  if (hopeless === undefined) return undefined;
  // What a restart may mend (a Secret that is about to come) is waited for by the caller's grace.
  return { told: hopeless, message: message || (status.lastState?.terminated?.message ?? '') };
}

function crashCause(pod: Pod, status: ContainerStatus): Cause | undefined {
  const { state, lastState, restartCount } = status;
  const ended = state?.terminated ?? lastState?.terminated;
  if (!ended) return undefined;
  const crashes = restartCount + (state?.terminated ? 1 : 0);
  const back = state?.waiting?.reason || ended.reason || 'Error';
  const how = ended.signal ? `signal ${ended.signal}` : `exit code ${ended.exitCode}`;
  const startError =
    ended.reason === 'StartError' || ended.reason === 'ContainerCannotRun' || NOT_STARTABLE.test(ended.message);
  if (startError && ended.message !== '') {
    const hint = 'The container cannot be started: look at its command and its entrypoint.';
    return caused(
      pod,
      status,
      { kind: 'permanent', code: 'start-failed', reason: ended.reason, hint },
      ended.message,
      crashes,
    );
  }
  const hint =
    ended.reason === 'OOMKilled'
      ? 'It used more memory than its limit allows.'
      : 'It ends by itself: its last lines say why.';
  const told: Told = {
    kind: 'counted',
    code: 'start-failed',
    reason: ended.reason === 'OOMKilled' ? 'OOMKilled' : back,
    hint,
  };
  return caused(pod, status, told, `ended with ${how}, ${crashes} times`, crashes);
}

/** Before there are containers: no node for it, a volume that cannot be mounted, a pod that was evicted. */
function causeOfPod(pod: Pod, events: readonly KubeEvent[]): Cause | undefined {
  const { conditions = [], phase, reason = '', message = '' } = pod.status;
  const scheduled = conditions.find((it) => it.type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    const hint = 'No node takes it now; an autoscaler may add one.';
    return caused(
      pod,
      undefined,
      { kind: 'passing', code: 'unschedulable', reason: scheduled.reason, hint },
      scheduled.message,
    );
  }
  if (phase === 'Failed' && reason !== '') {
    return caused(
      pod,
      undefined,
      { kind: 'passing', code: 'start-failed', reason, hint: 'Another pod takes its place.' },
      message,
    );
  }
  const mount = events.findLast((it) => it.reason === 'FailedMount' || it.reason === 'FailedAttachVolume');
  if (mount !== undefined) {
    const permanent = /(?:configmap|secret) ".*" not found|references non-existent (?:config|secret) key/i.test(
      mount.message,
    );
    const hint = 'A volume of the pod cannot be mounted.';
    const kind = permanent ? 'permanent' : 'passing';
    return caused(pod, undefined, { kind, code: 'pod-config-invalid', reason: mount.reason, hint }, mount.message);
  }
  const sandbox = events.findLast((it) => it.reason === 'FailedCreatePodSandBox');
  if (sandbox === undefined) return undefined;
  const told: Told = {
    kind: 'passing',
    code: 'start-failed',
    reason: sandbox.reason,
    hint: "The node's network is not ready.",
  };
  return caused(pod, undefined, told, sandbox.message);
}

function caused(pod: Pod, status: ContainerStatus | undefined, told: Told, message: string, crashes = 0): Cause {
  return { ...told, pod: pod.metadata.name, container: status?.name, message, crashes };
}

/** What keeps a controller from making pods at all (conditions `ReplicaFailure`, events `FailedCreate`). */
export function creationCause(message: string): Told {
  if (/exceeded quota|forbidden: .*quota/i.test(message)) {
    return {
      kind: 'permanent',
      code: 'quota-exceeded',
      reason: 'FailedCreate',
      hint: 'The quota of the namespace is used up.',
    };
  }
  if (/failed calling webhook/i.test(message)) {
    return {
      kind: 'passing',
      code: 'admission-denied',
      reason: 'FailedCreate',
      hint: 'An admission webhook does not answer.',
    };
  }
  const hint =
    'The cluster does not admit the pod: a policy, a limit range, a webhook or a service account that is missing.';
  return { kind: 'permanent', code: 'admission-denied', reason: 'FailedCreate', hint };
}
