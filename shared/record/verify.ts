import {
  type Commit,
  canonicalJson,
  type DeployEvent,
  type StreamCommit,
  type StreamName,
  type StreamState,
} from '../model/index.ts';
import { EVENT_FILE, STATE_FILE, withoutTraces, wrongEvent } from './believe.ts';
import { applyEvent, timeOf, underName } from './fold-state.ts';
import type { Histories } from './ledger.ts';
import { parseStreamRef, streamRef } from './refs.ts';
import { parseEvent, parseState } from './schema.ts';

/** Something in the ledger that Slipway did not write so. */
export interface Finding {
  /** Ref of the stream. */
  readonly stream: string;
  /** Commit of the ledger; undefined where it is about the whole stream. */
  readonly at: Commit | undefined;
  /** Id of the event, where it could be read. */
  readonly event: string | undefined;
  /** A sentence for people. */
  readonly what: string;
}

/** How far the clocks of two runners may lie apart before it counts as a wrong order. Milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** So many findings are enough to know that a stream is broken. */
const FINDINGS_PER_STREAM = 20;

/**
 * Checks whole streams: one chain of parents each, every event parses and belongs there, `state.json` is what a replay
 * gives, numbers have no gap, (id, attempt, phase) is unique, times go forward. Without a finding the ledger is as it was written.
 *
 * @param repository `owner/repo` that unshared streams must be of; undefined: any, but one in each stream
 */
export function verify(histories: Histories, repository: string | undefined): readonly Finding[] {
  return [...histories].flatMap(([ref, commits]) => {
    const name = parseStreamRef(ref);
    if (name === undefined)
      return [{ stream: ref, at: undefined, event: undefined, what: 'The ref is none that Slipway makes.' }];
    return verifyStream(name, commits, { histories, repository: name.repository ?? repository });
  });
}

/** For people: `refs/slipway/v1/production/checkout at 1f0c…: …` */
export function formatFinding(it: Finding): string {
  const at = it.at === undefined ? '' : ` at ${it.at.slice(0, 12)}`;
  const event = it.event === undefined ? '' : ` (event ${it.event})`;
  return `${it.stream}${at}${event}: ${it.what}`;
}

interface Surroundings {
  readonly histories: Histories;
  readonly repository: string | undefined;
}

/** Where the check of one stream has got to. */
interface Walk {
  readonly before: DeployEvent | undefined;
  readonly state: StreamState | undefined;
  readonly parent: Commit | undefined;
  /** (id, attempt, phase) of all events so far. */
  readonly keys: Set<string>;
  readonly findings: Finding[];
}

function verifyStream(name: StreamName, commits: readonly StreamCommit[], around: Surroundings): readonly Finding[] {
  const start: Walk = { before: undefined, state: undefined, parent: undefined, keys: new Set(), findings: [] };
  const end = commits.reduce((walk, commit) => step(name, commit, walk, around), start);
  return end.findings.slice(0, FINDINGS_PER_STREAM);
}

function step(name: StreamName, commit: StreamCommit, walk: Walk, around: Surroundings): Walk {
  const parsed = parseEvent(commit.files[EVENT_FILE]);
  const event = 'value' in parsed ? parsed.value : undefined;
  const say = (what: string): Finding => ({ stream: streamRef(name), at: commit.id, event: event?.id, what });
  const chain =
    commit.parent === walk.parent ? [] : ['Its parent is not the event before it: the history was rewritten.'];
  if (event === undefined || !('value' in parsed)) {
    const why = 'why' in parsed ? parsed.why : '';
    walk.findings.push(...[...chain, sentence(why)].map(say));
    return { ...walk, parent: commit.id };
  }
  const base = baseOf(event, commit, walk, around);
  const wrong = [
    ...chain,
    ...base.wrong,
    ...wrongPlace(name, event, walk, base.state, around),
    ...wrongState(commit, event, base.state),
  ];
  walk.findings.push(...wrong.map(say));
  walk.keys.add(keyOf(event));
  return {
    ...walk,
    before: event,
    // What was written counts from here on, so that one wrong state is one finding.
    state: writtenState(commit) ?? applyEvent(base.state, event),
    parent: commit.id,
  };
}

interface BaseState {
  readonly state: StreamState | undefined;
  readonly wrong: readonly string[];
}

/** The state that an event was applied to: the one before it, unless it says that it continues another stream or starts anew. */
function baseOf(event: DeployEvent, commit: StreamCommit, walk: Walk, around: Surroundings): BaseState {
  if (event.annotations['restarts'] !== undefined) return { state: undefined, wrong: [] };
  if (event.annotations['restored'] !== undefined) return restoredBase(event, commit, walk);
  const from = event.annotations['continues'];
  if (typeof from !== 'string' || walk.before !== undefined) return { state: walk.state, wrong: [] };
  const [ref = '', at = ''] = from.split('@');
  const found = around.histories.get(ref)?.find((it) => it.id === at);
  const state = found === undefined ? undefined : writtenState(found);
  if (state === undefined) return { state: undefined, wrong: [`It continues ${from}, which is not there.`] };
  return { state: underName(state, event.service), wrong: [] };
}

/** The state before came from the target, and is seen in what its event made of it; the record never gets shorter by it. */
function restoredBase(event: DeployEvent, commit: StreamCommit, walk: Walk): BaseState {
  const written = writtenState(commit);
  if (written === undefined) return { state: undefined, wrong: [] };
  const isOlder = walk.state !== undefined && event.seq <= walk.state.seq;
  const wrong = isOlder ? ['It goes on from a state that is older than the event before it.'] : [];
  return { state: { ...withoutTraces(written, event), seq: event.seq - 1 }, wrong };
}

function wrongPlace(
  name: StreamName,
  event: DeployEvent,
  walk: Walk,
  state: StreamState | undefined,
  around: Surroundings,
): readonly string[] {
  const wrong: string[] = [];
  const misplaced = wrongEvent(name, event, around.repository ?? walk.before?.commit.repo);
  if (misplaced !== undefined) wrong.push(sentence(misplaced));
  const due = (state?.seq ?? 0) + 1;
  if (event.seq !== due)
    wrong.push(`Its number is ${event.seq}, where ${due} is due: an event is missing or was put in.`);
  if (walk.keys.has(keyOf(event)))
    wrong.push(`Attempt ${event.run.attempt}, phase ${event.phase} of it is there twice.`);
  if (walk.before !== undefined && Date.parse(timeOf(event)) < Date.parse(timeOf(walk.before)) - CLOCK_SKEW_MS) {
    wrong.push(`Its time ${timeOf(event)} is before that of the event before it, ${timeOf(walk.before)}.`);
  }
  return wrong;
}

function wrongState(commit: StreamCommit, event: DeployEvent, base: StreamState | undefined): readonly string[] {
  const parsed = parseState(commit.files[STATE_FILE]);
  if ('why' in parsed) return [sentence(parsed.why)];
  const replayed = canonicalJson(applyEvent(base, event));
  return canonicalJson(parsed.value) === replayed ? [] : ['Its state.json is not what the events up to it give.'];
}

function writtenState(commit: StreamCommit): StreamState | undefined {
  const parsed = parseState(commit.files[STATE_FILE]);
  return 'value' in parsed ? parsed.value : undefined;
}

const keyOf = (event: DeployEvent): string => `${event.id} ${event.run.attempt} ${event.phase}`;

const sentence = (why: string): string => `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
