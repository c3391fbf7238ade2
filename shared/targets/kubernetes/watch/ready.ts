import { isStatus } from '../../../io/kubernetes/index.ts';
import { Fenced, type Readiness, userError } from '../../../model/index.ts';
import { noteKey } from '../names.ts';
import {
  type KubeEvent,
  type Pod,
  readPod,
  readRevision,
  readWorkload,
  selectorQuery,
  type Workload,
} from '../objects.ts';
import { imageIn } from '../release-patch.ts';
import { findWorkload, type Site, sequenceOf } from '../site.ts';
import { eventsOf } from './events.ts';
import { Bell, Mirror } from './mirror.ts';
import { isReady, judge, lateSentence, type Progress, type Seen, Standing, type Verdict } from './rollout.ts';

/** How often time alone is looked at: graces run out without anything happening. */
const TICK_MS = 500;
/**
 * A process may be ready for a moment and end in the next: what is ready must be so a second time. Kubelets tell of an
 * end within about a second; what ran well before needs less doubt than what is new.
 */
const CONFIRM_MS = { steady: 1_500, 'one-wave': 300 };
/** Lines of progress come at most so often, and at least so often. */
const LINE_EVERY_MS = 1_000;
const REMIND_EVERY_MS = 30_000;
/** Pods whose events are read, and how often. */
const ASKED_PODS = 3;
const EVENTS_EVERY_MS = 3_000;

type Pace = keyof typeof CONFIRM_MS;

interface Following {
  readonly workloads: Mirror;
  readonly revisions: Mirror | undefined;
  readonly pods: Mirror;
}

/**
 * Watches what was applied until it is ready, or cannot become so. Throws {@link Fenced} when another lease has written the
 * workload, and `target-unavailable` when it could not be seen until the signal.
 */
export async function untilReady(
  site: Site,
  sequence: number,
  pace: Pace,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<Readiness> {
  const workload = await findWorkload(site);
  if (workload === undefined) return gone(site);
  // Nothing that it starts belongs to this deploy.
  if (site.ref.kind.revisions === undefined) return { kind: 'ready', url: undefined };
  const stop = new AbortController();
  const bell = new Bell();
  const following = follow(site, workload, bell, AbortSignal.any([stop.signal, signal]));
  try {
    return await watched(new Watching(site, sequence, workload, following, progress), pace, bell, signal);
  } finally {
    stop.abort();
  }
}

function follow(site: Site, { spec }: Workload, bell: Bell, signal: AbortSignal): Following {
  const { cluster, ref, deps } = site;
  const labelSelector = spec.selector ? selectorQuery(spec.selector) : '';
  const mirror = (path: string, query: Readonly<Record<string, string>>) => {
    const it = new Mirror(cluster, path, query, deps.clock, bell);
    void it.follow(signal);
    return it;
  };
  return {
    workloads: mirror(ref.listPath, { fieldSelector: `metadata.name=${ref.name}` }),
    revisions:
      ref.kind.revisions &&
      mirror(`/apis/apps/v1/namespaces/${ref.namespace}/${ref.kind.revisions}`, { labelSelector }),
    pods: mirror(`/api/v1/namespaces/${ref.namespace}/pods`, { labelSelector }),
  };
}

async function watched(watching: Watching, pace: Pace, bell: Bell, signal: AbortSignal): Promise<Readiness> {
  const { clock } = watching.site.deps;
  let confirmed = false;
  for (;;) {
    const verdict = await watching.look(signal);
    if (verdict?.kind === 'ready') {
      if (confirmed) return { kind: 'ready', url: undefined };
      confirmed = true;
      await clock.sleep(CONFIRM_MS[pace], signal);
      continue;
    }
    confirmed = false;
    if (verdict?.kind === 'failed') return { kind: 'failed', reason: verdict.code, sentence: verdict.sentence };
    if (signal.aborted) return watching.late(verdict);
    await bell.wait(TICK_MS, clock, signal);
  }
}

/** One rollout that is watched: what was said of it, and since when something stands. */
class Watching {
  readonly site: Site;
  readonly #sequence: number;
  readonly #image: string | undefined;
  readonly #following: Following;
  readonly #say: (line: string) => void;
  readonly #standing = new Standing();
  readonly #cleared = new Set<string>();
  #events = new Map<string, readonly KubeEvent[]>();
  #askedAt = Number.NEGATIVE_INFINITY;
  #line = '';
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(site: Site, sequence: number, workload: Workload, following: Following, say: (line: string) => void) {
    this.site = site;
    this.#sequence = sequence;
    this.#image = imageIn(site.ref.kind, workload, containerOf(site, workload));
    this.#following = following;
    this.#say = say;
  }

  /** undefined: not everything was listed yet. */
  async look(signal: AbortSignal): Promise<Verdict | undefined> {
    const { workloads, revisions, pods } = this.#following;
    const mirrors = this.#mirrors;
    for (const { refused } of mirrors) if (refused !== undefined) throw refused;
    if (!mirrors.every((it) => it.ready)) return undefined;
    const [object] = workloads.items;
    if (object === undefined) return { ...gone(this.site), code: 'target-refused', cause: undefined };
    const workload = readWorkload(object);
    this.#checkOurs(workload);
    const seen = {
      workload,
      revisions: (revisions?.items ?? []).map(readRevision),
      pods: pods.items.map(readPod),
      events: this.#events,
    };
    const progress = this.site.ref.kind.progress(seen);
    await this.#clearTheWay(seen, signal);
    await this.#askEvents(progress, signal);
    const now = this.site.deps.clock.now();
    const verdict = judge({ ...seen, events: this.#events }, progress, this.#standing, now);
    if (verdict.kind === 'waiting') this.#tell(verdict.line, now);
    return verdict;
  }

  /** The signal came first. What could not be seen is unknown; what could is not good. */
  async late(verdict: Verdict | undefined): Promise<Readiness> {
    const trouble = this.#mirrors.find((it) => it.trouble !== undefined)?.trouble;
    if (verdict?.kind !== 'waiting' || trouble !== undefined) {
      throw userError(
        'target-unavailable',
        `${this.site.ref.title} could not be watched: ${trouble ?? 'no answer in time'}.`,
      );
    }
    const probes = [...this.#events.values()].flat().filter((it) => it.reason === 'Unhealthy');
    const sentence = lateSentence(verdict, probes.map((it) => it.message).slice(-1));
    return { kind: 'failed', reason: verdict.cause?.code ?? 'unhealthy', sentence };
  }

  get #mirrors(): readonly Mirror[] {
    return Object.values(this.#following).filter((it): it is Mirror => it !== undefined);
  }

  async #clearTheWay(seen: Seen, signal: AbortSignal): Promise<void> {
    for (const { metadata } of this.site.ref.kind.inTheWay?.(seen) ?? []) {
      if (this.#cleared.has(metadata.uid) || signal.aborted) continue;
      this.#cleared.add(metadata.uid);
      this.#say(`${metadata.name} is of an earlier description and does not get well: it makes room`);
      await deletePod(this.site, metadata, signal);
    }
  }

  /** A later lease, or a hand, may have written it since. */
  #checkOurs(workload: Workload): void {
    if (sequenceOf(workload) > this.#sequence) throw new Fenced(undefined);
    const image = imageIn(this.site.ref.kind, workload, containerOf(this.site, workload));
    if (image === this.#image) return;
    throw userError('target-drifted', `Somebody has set ${this.site.ref.title} to ${image ?? 'nothing'} meanwhile.`);
  }

  /** Events say what the status of a pod does not (any more): probes, mounts, why a pull has failed. */
  async #askEvents({ pods }: Progress, signal: AbortSignal): Promise<void> {
    const now = this.site.deps.clock.now();
    const unwell = pods.filter((it) => !isReady(it)).slice(0, ASKED_PODS);
    if (unwell.length === 0 || now - this.#askedAt < EVENTS_EVERY_MS || signal.aborted) return;
    // At first a pod is only young.
    if (this.#askedAt === Number.NEGATIVE_INFINITY) {
      this.#askedAt = now;
      return;
    }
    this.#askedAt = now;
    const found = await Promise.all(unwell.map((pod) => this.#eventsOfPod(pod, signal)));
    this.#events = new Map(unwell.map((pod, index) => [pod.metadata.uid, found[index] ?? []]));
  }

  async #eventsOfPod({ metadata }: Pod, signal: AbortSignal): Promise<readonly KubeEvent[]> {
    try {
      return await eventsOf(this.site, metadata.uid, signal);
    } catch (error) {
      // They only explain: without the right to read them, or at the end of the time, the rest tells enough.
      if (signal.aborted || isStatus(error, 401, 403)) return [];
      throw error;
    }
  }

  #tell(line: string, now: number): void {
    const since = now - this.#saidAt;
    if (since < (line === this.#line ? REMIND_EVERY_MS : LINE_EVERY_MS)) return;
    this.#say(line);
    this.#line = line;
    this.#saidAt = now;
  }
}

/** Only the very pod that was looked at; one that is gone already is fine. */
async function deletePod({ cluster, ref }: Site, { name, uid }: Pod['metadata'], signal: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/${ref.namespace}/pods/${name}`;
  try {
    await cluster.call(path, { method: 'DELETE', body: { preconditions: { uid } }, signal });
  } catch (error) {
    if (!isStatus(error, 404, 409)) throw error;
  }
}

/** The container that gets the image: as configured, else as it was chosen when the release was applied. */
export const containerOf = ({ settings }: Site, { metadata }: Workload): string | undefined =>
  settings.container ?? metadata.annotations[noteKey('container')];

const gone = ({ ref }: Site) =>
  ({ kind: 'failed', reason: 'target-refused', sentence: `${ref.title} is not there any more.` }) as const;
