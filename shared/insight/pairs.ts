import type { DeployEvent } from '../model/index.ts';

/** One deploy as the ledger tells it: its start and its finish joined. */
export interface Deploy {
  /** The finish where there is one, with the time of the start; else the start. */
  readonly event: DeployEvent;
  /** Started, and no end is recorded: it may be running, or its run may have vanished. */
  readonly inDoubt: boolean;
}

/**
 * Joins start and finish of each (id, attempt). The finish wins; of several finishes the last one recorded wins, because
 * a later run settles what an earlier one left open. Events may come in any order and more than once.
 *
 * @returns one deploy for each attempt, in the order of their streams: by stream, then by place in it
 */
export function pairEvents(events: readonly DeployEvent[]): readonly Deploy[] {
  const attempts = new Map<string, DeployEvent[]>();
  for (const event of events) {
    const key = `${event.id}/${event.run.attempt}`;
    const known = attempts.get(key);
    if (known === undefined) attempts.set(key, [event]);
    else known.push(event);
  }
  return [...attempts.values()].flatMap(join).sort(byPlace);
}

/** Names the stream of an event, also where repositories share a ledger. */
export const streamOf = (event: DeployEvent): string =>
  JSON.stringify([event.commit.repo, event.env.name, event.service]);

function join(attempt: readonly DeployEvent[]): Deploy[] {
  const ordered = [...attempt].sort((a, b) => a.seq - b.seq);
  const finish = ordered.findLast((event) => event.phase !== 'start');
  const event = finish ?? ordered.at(-1);
  if (event === undefined) return [];
  const started = ordered.map((it) => it.times.started).reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a));
  return [{ event: { ...event, times: { ...event.times, started } }, inDoubt: finish === undefined }];
}

function byPlace(a: Deploy, b: Deploy): number {
  const [streamA, streamB] = [streamOf(a.event), streamOf(b.event)];
  if (streamA !== streamB) return streamA < streamB ? -1 : 1;
  return a.event.seq - b.event.seq || a.event.run.attempt - b.event.run.attempt;
}
