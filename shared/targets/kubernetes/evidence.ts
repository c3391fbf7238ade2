import { stripVTControlCharacters } from 'node:util';
import { isStatus } from '../../io/kubernetes/index.ts';
import { type Evidence, oneLine } from '../../model/index.ts';
import {
  type ContainerStatus,
  itemsOf,
  type KubeEvent,
  type Pod,
  readPod,
  readRevision,
  selectorQuery,
  type Workload,
} from './objects.ts';
import { findWorkload, type Site } from './site.ts';
import { causeOf } from './watch/causes.ts';
import { eventsOf } from './watch/events.ts';
import { isReady } from './watch/rollout.ts';

/** Lines of the log and of events that are kept; what is read of a log, in bytes. */
const LOG_LINES = 40;
const EVENT_LINES = 10;
const LOG_BYTES = 64 * 1024;
const LONGEST_LINE = 400;

/** What can be seen of the newest pods: the worst of them, its events, and the last lines of what has crashed. */
export async function evidenceOf(site: Site): Promise<Pick<Evidence, 'summary' | 'log'>> {
  const workload = await findWorkload(site);
  if (workload === undefined) return { summary: `${site.ref.title} is not there.`, log: [] };
  const pods = await newestPods(site, workload);
  const worst = worstOf(pods);
  if (worst === undefined) return { summary: blockedBy(workload) ?? 'It has no pod of the new description.', log: [] };
  const events = await orNothing(eventsOf(site, worst.metadata.uid));
  const ready = pods.filter(isReady).length;
  // What is wrong was said when the rollout was given up.
  const summary = `${ready} of ${pods.length} new pods are ready; the worst is ${worst.metadata.name}.`;
  return { summary, log: [...events.slice(-EVENT_LINES).map(eventLine), ...(await logOf(site, worst))] };
}

async function newestPods(site: Site, workload: Workload): Promise<readonly Pod[]> {
  const { cluster, ref } = site;
  const query = { labelSelector: workload.spec.selector ? selectorQuery(workload.spec.selector) : '' };
  const [pods, revisions] = await Promise.all([
    cluster.call(`/api/v1/namespaces/${ref.namespace}/pods`, { query }),
    ref.kind.revisions && cluster.call(`/apis/apps/v1/namespaces/${ref.namespace}/${ref.kind.revisions}`, { query }),
  ]);
  return ref.kind.progress({
    workload,
    pods: itemsOf(pods).map(readPod),
    revisions: revisions === undefined ? [] : itemsOf(revisions).map(readRevision),
    events: new Map(),
  }).pods;
}

/** One that has something wrong before one that is only not ready; the one with most crashes first. */
function worstOf(pods: readonly Pod[]): Pod | undefined {
  const rank = (pod: Pod) => (isReady(pod) ? 0 : 1 + (causeOf(pod, [])?.crashes ?? 0) + (causeOf(pod, []) ? 1 : 0));
  return [...pods].sort((a, b) => rank(b) - rank(a))[0];
}

function blockedBy({ status }: Workload): string | undefined {
  const failure = (status.conditions ?? []).find((it) => it.type === 'ReplicaFailure' && it.status === 'True');
  return failure && oneLine(failure.message, LONGEST_LINE);
}

const eventLine = ({ type, reason, message, count }: KubeEvent): string =>
  `event ${type} ${reason}${count ? ` (${count} times)` : ''}: ${oneLine(message, LONGEST_LINE)}`;

async function logOf({ cluster, ref }: Site, pod: Pod): Promise<readonly string[]> {
  const status = unwell(pod);
  if (status === undefined) return [];
  // After a crash the next container has only begun: what the one before said last is what counts.
  const previous = status.state?.terminated === undefined && status.restartCount > 0;
  const query = {
    container: status.name,
    tailLines: String(LOG_LINES),
    limitBytes: String(LOG_BYTES),
    ...(previous ? { previous: 'true' } : {}),
  };
  const path = `/api/v1/namespaces/${ref.namespace}/pods/${pod.metadata.name}/log`;
  try {
    return linesOf(await cluster.text(path, query));
  } catch (error) {
    // A container that never started has none; a missing right to read logs is told, and stops nothing.
    if (isStatus(error, 400, 404)) return [];
    if (isStatus(error, 401, 403)) return [`(the log could not be read: ${oneLine(error.said, LONGEST_LINE)})`];
    throw error;
  }
}

function unwell({ status }: Pod): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = status;
  const init = initContainerStatuses.find((it) => it.state?.terminated?.exitCode !== 0 && !it.ready);
  const crashed = containerStatuses.find((it) => it.restartCount > 0 || it.state?.terminated);
  return init ?? crashed ?? containerStatuses.find((it) => !it.ready) ?? containerStatuses[0];
}

/** Text without colours and control characters. */
function linesOf(text: string): readonly string[] {
  const lines = stripVTControlCharacters(text).split(/\r\n|\n|\r/);
  return lines
    .map((line) => line.replace(/\p{Cc}/gu, ' ').trimEnd())
    .filter((line) => line !== '')
    .slice(-LOG_LINES);
}

async function orNothing(events: Promise<readonly KubeEvent[]>): Promise<readonly KubeEvent[]> {
  return events.catch((error: unknown) => {
    if (isStatus(error, 401, 403)) return [];
    throw error;
  });
}
