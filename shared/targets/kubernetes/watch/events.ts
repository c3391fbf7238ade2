import { itemsOf, type KubeEvent, readEvent } from '../objects.ts';
import type { Site } from '../site.ts';

/** Events that are read of one object; the newest tell. */
const MOST = 50;

/** What happened to one object, oldest first. Events are kept for an hour by most clusters. */
export async function eventsOf(
  { cluster, ref }: Site,
  uid: string,
  signal?: AbortSignal,
): Promise<readonly KubeEvent[]> {
  const query = { fieldSelector: `involvedObject.uid=${uid}`, limit: '500' };
  const path = `/api/v1/namespaces/${ref.namespace}/events`;
  const list = await cluster.call(path, signal === undefined ? { query } : { query, signal });
  const events = itemsOf(list).map(readEvent);
  return events.sort((a, b) => timeOf(a) - timeOf(b)).slice(-MOST);
}

const timeOf = ({ lastTimestamp, eventTime, metadata }: KubeEvent): number =>
  Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '') || 0;
