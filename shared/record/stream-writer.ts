import {
  backoffMs,
  type Clock,
  type Commit,
  canonicalJson,
  clip,
  type DeployEvent,
  type Random,
  Refused,
  type StreamChange,
  type StreamName,
  type StreamState,
  type StreamStore,
  UserError,
  userError,
} from '../model/index.ts';
import { EVENT_FILE, readTip, STATE_FILE, type Tip } from './believe.ts';
import { applyEvent, timeOf, underName } from './fold-state.ts';
import { keptOf, lostSince } from './kept.ts';
import { streamLabel, streamRef } from './refs.ts';
import { parseEvent } from './schema.ts';

/** How often a write is tried: each time on what the stream says then. */
const WRITE_ATTEMPTS = 6;
/** The pauses between two tries, so that writers do not meet again. */
const PAUSES = { first: 200, longest: 5_000 };
const LONGEST_WHY = 300;

/** Where a stream stands: what the next event is appended to. */
export interface Position {
  readonly tip: Commit | undefined;
  readonly state: StreamState | undefined;
  readonly newest: DeployEvent | undefined;
  /** What the next event must say about its place, so that a replay can follow: a rename, a record that was not believed. */
  readonly joint: Joint | undefined;
}

/**
 * `continues`: `<ref>@<commit>` of the stream under its earlier name. `restarts`: why the record before is not believed.
 * `restored`: the same, where the stream goes on from what the target keeps.
 */
type Joint = { readonly continues: string } | { readonly restarts: string } | { readonly restored: string };

/** What is to be written, decided on a position. `stands`: it is there already. `fenced`: another run took over. */
export type Draft =
  | { readonly kind: 'append'; readonly event: DeployEvent }
  | { readonly kind: 'stands' }
  | { readonly kind: 'fenced' };

export interface StreamWriter {
  readonly position: Position;
  /** What was found when the stream was first read; undefined until then. */
  readonly first: Position | undefined;
  /** Events of the stream and of its earlier names, oldest first; what cannot be parsed is left out. */
  history(): Promise<readonly DeployEvent[]>;
  /**
   * Appends by compare-and-set what `decide` makes of the position. When the stream moved, or it is not known whether a
   * push arrived, the stream is read again and `decide` asked again. Throws `ledger-unavailable` after {@link WRITE_ATTEMPTS}.
   */
  write(decide: (position: Position, retry: boolean) => Promise<Draft>): Promise<Draft['kind']>;
}

interface StreamWriterDeps {
  readonly store: StreamStore;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Reads a stream, or the one of an earlier name of the service when it has none yet. Throws `ledger-unavailable`.
 *
 * @param kept what the target keeps of it, which counts where the ledger has lost something
 */
export async function openStream(
  deps: StreamWriterDeps,
  stream: StreamName,
  aliases: readonly string[],
  repository: string,
  kept?: StreamState,
): Promise<StreamWriter> {
  const writer = unreadStream(deps, stream, aliases, repository, kept);
  await writer.read();
  return writer;
}

/** The same before it was read: the first write reads it. For a rollback, which goes on when the ledger cannot be had. */
export function unreadStream(
  deps: StreamWriterDeps,
  stream: StreamName,
  aliases: readonly string[],
  repository: string,
  kept?: StreamState,
): StreamWriter & { read(): Promise<void> } {
  const { store } = deps;
  const names = [stream, ...aliases.map((service) => ({ ...stream, service }))];
  const refs = names.map(streamRef);
  const ref = streamRef(stream);
  let position: Position = { tip: undefined, state: undefined, newest: undefined, joint: undefined };
  let first: Position | undefined;
  let known = false;

  const read = async () => {
    position = positionOf(await readTips(store, names, repository), stream, keptOf(kept, stream, aliases, repository));
    first ??= position;
    known = true;
  };
  const attempt = async (decide: (position: Position) => Promise<Draft>): Promise<Draft['kind'] | undefined> => {
    if (!known) await read();
    // Decided and appended on the same position, also when another write of this process goes on meanwhile.
    const base = position;
    const draft = await decide(base);
    if (draft.kind !== 'append') return draft.kind;
    known = false;
    const { change, next } = changeOf(base, draft.event);
    const result = await store.append(ref, change);
    if (result.kind === 'moved') return undefined;
    position = { ...next, tip: result.id };
    known = true;
    return 'append';
  };
  return {
    read,
    get position() {
      return position;
    },
    get first() {
      return first;
    },
    history: async () => eventsOf(await store.histories(refs), refs),
    write: (decide) => persist(deps, streamLabel(stream), (retry) => attempt((it) => decide(it, retry))),
  };
}

async function persist(
  deps: StreamWriterDeps,
  label: string,
  attempt: (retry: boolean) => Promise<Draft['kind'] | undefined>,
): Promise<Draft['kind']> {
  let cause: unknown;
  for (let tried = 0; tried < WRITE_ATTEMPTS; tried += 1) {
    if (tried > 0) await deps.clock.sleep(backoffMs(PAUSES, tried, deps.random));
    try {
      const done = await attempt(tried > 0);
      if (done !== undefined) return done;
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'ledger-unavailable') throw error;
      // The remote said no, and would say it again: a rollback need not wait for that.
      if (error.cause instanceof Refused) throw error;
      cause = error;
    }
  }
  if (cause instanceof UserError) throw cause;
  const sentence = `The stream ${label} of ${deps.store.name} moved ${WRITE_ATTEMPTS} times while an event was appended.`;
  throw userError('ledger-unavailable', sentence, { remedy: 'Run the job again; look for what else writes to it.' });
}

async function readTips(
  store: StreamStore,
  names: readonly StreamName[],
  repository: string,
): Promise<(Tip | undefined)[]> {
  const found = await store.tips(names.map(streamRef));
  return names.map((name) => {
    const commit = found.get(streamRef(name));
    return commit === undefined ? undefined : readTip(name, commit, repository);
  });
}

/** The stream's own tip counts; without one that of the earlier name that was written last. */
function positionOf(
  [own, ...earlier]: readonly (Tip | undefined)[],
  stream: StreamName,
  kept: StreamState | undefined,
): Position {
  const before = newestOf(own === undefined ? earlier : [own]);
  const lost = lostSince(before ?? readingOf(own), kept);
  const restored = { tip: own?.commit.id, state: kept, newest: undefined };
  if (lost !== undefined) return { ...restored, joint: { restored: clip(lost, LONGEST_WHY) } };
  const empty = { ...restored, state: undefined };
  if (own?.kind === 'unbelievable') return { ...empty, joint: { restarts: clip(own.why, LONGEST_WHY) } };
  if (before === undefined) return { ...empty, joint: undefined };
  const found = { newest: before.event, state: before.state };
  if (before === own) return { ...found, tip: before.commit.id, joint: undefined };
  const from = streamRef({ ...stream, service: before.state.service });
  const joint = { continues: `${from}@${before.commit.id}` };
  return { ...found, tip: undefined, state: underName(before.state, stream.service), joint };
}

/** A stream that has no believed record under any name. */
const readingOf = (own: Tip | undefined) =>
  own?.kind === 'unbelievable'
    ? ({ kind: 'unbelievable', tip: own.commit.id, why: own.why } as const)
    : ({ kind: 'missing' } as const);

type Believed = Extract<Tip, { kind: 'believed' }>;

/** The believed tip that was written last, of several earlier names. */
export function newestOf(tips: readonly (Tip | undefined)[]): Believed | undefined {
  const believed = tips.filter((tip): tip is Believed => tip?.kind === 'believed');
  return believed.reduce<Believed | undefined>(
    (newest, tip) => (newest === undefined || tip.state.updated > newest.state.updated ? tip : newest),
    undefined,
  );
}

function changeOf(position: Position, draft: DeployEvent): { readonly change: StreamChange; readonly next: Position } {
  const event = joined(draft, position.joint);
  const state = applyEvent(position.state, event);
  const change = {
    parent: position.tip,
    files: { [EVENT_FILE]: `${canonicalJson(event)}\n`, [STATE_FILE]: `${canonicalJson(state)}\n` },
    message: messageOf(event),
    date: timeOf(event),
  };
  return { change, next: { tip: undefined, state, newest: event, joint: undefined } };
}

/** A draft may be made from an earlier event of the stream, whose joint is not its own. */
function joined(draft: DeployEvent, joint: Joint | undefined): DeployEvent {
  const { continues: _continues, restarts: _restarts, restored: _restored, ...annotations } = draft.annotations;
  return { ...draft, annotations: { ...annotations, ...joint } };
}

function messageOf(event: DeployEvent): string {
  const version = event.version.replace(/\s+/g, ' ');
  const subject = `${event.kind} ${event.service} to ${event.env.name}: ${version} ${event.outcome ?? event.status}`;
  return `${subject}\n\nEvent-Id: ${event.id}\nAttempt: ${event.run.attempt}\nPhase: ${event.phase}\n`;
}

function eventsOf(
  histories: ReadonlyMap<string, readonly { readonly files: Readonly<Record<string, string>> }[]>,
  refs: readonly string[],
): readonly DeployEvent[] {
  // Earlier names first: the stream itself goes on where they end.
  const commits = [...refs].reverse().flatMap((ref) => histories.get(ref) ?? []);
  return commits.flatMap((commit) => {
    const parsed = parseEvent(commit.files[EVENT_FILE]);
    return 'value' in parsed ? [parsed.value] : [];
  });
}
