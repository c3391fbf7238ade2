import type {
  DeployEvent,
  RecordedEvent,
  StreamCommit,
  StreamName,
  StreamReading,
  StreamStore,
} from '../model/index.ts';
import { EVENT_FILE, readTip, type Tip } from './believe.ts';
import { timeOf, underName } from './fold-state.ts';
import { parseStreamRef, STREAM_PREFIX, streamRef } from './refs.ts';
import { parseEvent } from './schema.ts';
import { newestOf } from './stream-writer.ts';

/** Refs of streams, each with its commits, oldest first; as {@link StreamStore.histories} gives them. */
export type Histories = ReadonlyMap<string, readonly StreamCommit[]>;

/** What all streams that were asked for say now. */
export interface LedgerView {
  /** The streams that were found, by ref. */
  readonly streams: ReadonlyMap<string, StreamReading>;
  /**
   * One stream; while a renamed service has none of its own, the one that was written last under an earlier name, with
   * its state as it is under the new name.
   */
  reading(name: StreamName, aliases: readonly string[]): StreamReading;
}

/**
 * Reads where streams stand, in one fetch.
 *
 * @param names the streams, those of earlier names of services included; or all that there are
 * @param repository `owner/repo` that they must be of; in a shared ledger each name carries its own
 */
export async function readStreams(
  store: StreamStore,
  names: readonly StreamName[] | 'all',
  repository: string,
): Promise<LedgerView> {
  const found = await store.tips(names === 'all' ? [STREAM_PREFIX] : names.map(streamRef));
  const tips = new Map<string, Tip>();
  for (const [ref, commit] of found) {
    const name = parseStreamRef(ref);
    if (name === undefined) tips.set(ref, { kind: 'unbelievable', commit, why: 'its ref is none that Slipway makes' });
    else tips.set(ref, readTip(name, commit, repository));
  }
  return {
    streams: new Map([...tips].map(([ref, tip]) => [ref, readingOf(tip)])),
    reading: (name, aliases) => readName(tips, name, aliases),
  };
}

/** Every event of the ledger that can be read, oldest first. What cannot be read is left to `verify`, which names it. */
export async function readHistory(
  store: StreamStore,
  prefixes: readonly string[] = [STREAM_PREFIX],
): Promise<{ readonly histories: Histories; readonly events: readonly RecordedEvent[] }> {
  const histories = await store.histories(prefixes);
  return { histories, events: eventsOf(histories) };
}

export function eventsOf(histories: Histories): readonly RecordedEvent[] {
  const events = [...histories.values()].flat().flatMap((commit) => {
    const event = eventIn(commit);
    return event === undefined ? [] : [{ event, at: commit.id }];
  });
  return events.sort((a, b) => compare(timeOf(a.event), timeOf(b.event)) || a.event.seq - b.event.seq);
}

function eventIn(commit: StreamCommit): DeployEvent | undefined {
  const parsed = parseEvent(commit.files[EVENT_FILE]);
  return 'value' in parsed ? parsed.value : undefined;
}

function readName(tips: ReadonlyMap<string, Tip>, name: StreamName, aliases: readonly string[]): StreamReading {
  const own = tips.get(streamRef(name));
  if (own !== undefined) return readingOf(own);
  const earlier = aliases.map((service) => tips.get(streamRef({ ...name, service })));
  const newest = newestOf(earlier) ?? earlier.find((tip) => tip !== undefined);
  if (newest === undefined) return { kind: 'missing' };
  const reading = readingOf(newest);
  return reading.kind === 'believed' ? { ...reading, state: underName(reading.state, name.service) } : reading;
}

function readingOf(tip: Tip): StreamReading {
  if (tip.kind === 'unbelievable') return { kind: 'unbelievable', tip: tip.commit.id, why: tip.why };
  return { kind: 'believed', tip: tip.commit.id, state: tip.state };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
