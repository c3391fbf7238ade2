import { createHash } from 'node:crypto';
import {
  backoffMs,
  type Clock,
  type Commit,
  canonicalJson,
  isCommit,
  isRecord,
  parseJson,
  type Random,
  type RecordedEvent,
  type StreamCommit,
  type StreamState,
  type StreamStore,
  userError,
} from '../model/index.ts';
import { EVENT_FILE, readTip, wrongEvent } from './believe.ts';
import { timeOf } from './fold-state.ts';
import { eventsOf, type Histories } from './ledger.ts';
import { LEDGER_BRANCH, parseStreamRef, STREAM_PREFIX } from './refs.ts';
import { parseEvent } from './schema.ts';
import { type Finding, verify } from './verify.ts';

/**
 * The ledger folded into one branch that can be protected. Because refs of streams cannot be, it is an anchor: what was
 * folded once stays, and a stream that was rewritten afterwards shows.
 *
 * - `events/<environment>/<YYYY-MM>.jsonl`: one line an event, `{"at":"<commit>","event":{…}}`, only ever appended to
 * - `state.json`: ref of each stream → its state
 * - `heads.json`: ref of each stream → the commit it was folded up to
 * - `root`: hash over the sorted heads and the root before
 */
export interface FoldedLedger {
  /** Path → text: the whole tree of the branch. */
  readonly files: Readonly<Record<string, string>>;
  readonly heads: Readonly<Record<string, Commit>>;
  readonly root: string;
  /** What is wrong with the ledger now. */
  readonly findings: readonly Finding[];
  /** Number of events that this fold added. */
  readonly added: number;
}

const HEADS = 'heads.json';
const ROOT = 'root';
const STATE = 'state.json';
const EVENTS = /^events\/[^/]+\/\d{4}-\d{2}\.jsonl$/;
/** How often the fold is tried while another one writes. */
const FOLD_ATTEMPTS = 4;
const FOLD_PAUSES = { first: 1_000, longest: 4_000 };

/** What an earlier fold left, as far as it counts for the next one. */
type Folded = Pick<FoldedLedger, 'files' | 'heads' | 'root'>;

/**
 * Folds all streams. Folding the same streams again changes nothing, root included.
 *
 * @param previous what the branch holds; undefined for the first fold
 * @param repository `owner/repo` of unshared streams
 */
export function foldLedger(histories: Histories, previous: Folded | undefined, repository: string): FoldedLedger {
  const before = previous?.heads ?? {};
  const heads = { ...before, ...headsOf(histories) };
  const freshOf = (ref: string, commits: readonly StreamCommit[]) =>
    after(commits, before[ref]).filter((commit) => belongs(ref, commit, repository));
  const fresh = eventsOf(new Map([...histories].map(([ref, commits]) => [ref, freshOf(ref, commits)])));
  const { files, added } = appendEvents(previous?.files ?? {}, fresh);
  const root = same(heads, before) ? (previous?.root ?? rootOf(heads, '')) : rootOf(heads, previous?.root ?? '');
  return {
    files: {
      ...files,
      [STATE]: `${JSON.stringify(statesOf(histories, repository), null, 1)}\n`,
      [HEADS]: `${JSON.stringify(sorted(heads), null, 1)}\n`,
      [ROOT]: `${root}\n`,
    },
    heads,
    root,
    findings: [...verify(histories, repository), ...compareHeads(histories, before)],
    added,
  };
}

/** Reads what an earlier fold wrote; undefined when the branch is not there. Throws `ledger-unbelievable` when it is no fold. */
export function readFolded(tip: StreamCommit | undefined): Folded | undefined {
  if (tip === undefined) return undefined;
  const heads = parseHeads(tip.files[HEADS]);
  const root = (tip.files[ROOT] ?? '').trim();
  if (heads === undefined || !/^[0-9a-f]{64}$/.test(root)) {
    throw userError('ledger-unbelievable', `${LEDGER_BRANCH} at ${tip.id} is not what a fold writes.`, {
      remedy: 'Bring back its last good commit; if there is none, delete the branch: the next fold makes it anew.',
    });
  }
  const files = Object.fromEntries(Object.entries(tip.files).filter(([path]) => EVENTS.test(path)));
  return { files, heads, root };
}

/**
 * Folds the ledger and pushes the branch, unless nothing is new. Only one writer is meant; when another was faster, its
 * fold is taken up. Throws `ledger-unavailable`, `ledger-unbelievable`.
 */
export async function publishFold(
  deps: { readonly store: StreamStore; readonly clock: Clock; readonly random: Random },
  repository: string,
): Promise<FoldedLedger> {
  const { store, clock } = deps;
  for (let tried = 0; tried < FOLD_ATTEMPTS; tried += 1) {
    if (tried > 0) await clock.sleep(backoffMs(FOLD_PAUSES, tried, deps.random));
    const tip = (await store.tips([LEDGER_BRANCH])).get(LEDGER_BRANCH);
    const folded = foldLedger(await store.histories([STREAM_PREFIX]), readFolded(tip), repository);
    if (tip !== undefined && same(folded.files, tip.files)) return folded;
    const change = {
      parent: tip?.id,
      files: folded.files,
      message: `Fold ${folded.added} events\n\nRoot: ${folded.root}\n`,
      date: new Date(clock.now()).toISOString(),
    };
    if ((await store.append(LEDGER_BRANCH, change)).kind === 'appended') return folded;
  }
  throw userError('ledger-unavailable', `${LEDGER_BRANCH} moved ${FOLD_ATTEMPTS} times while it was folded.`, {
    remedy: 'Run one fold at a time: give the job a concurrency group.',
  });
}

function headsOf(histories: Histories): Record<string, Commit> {
  const heads: Record<string, Commit> = {};
  for (const [ref, commits] of histories) {
    const tip = commits.at(-1);
    if (tip !== undefined) heads[ref] = tip.id;
  }
  return heads;
}

/** The commits that are not folded yet: all, when the one that was folded last is not among them. */
function after(commits: readonly StreamCommit[], head: Commit | undefined): readonly StreamCommit[] {
  return commits.slice(commits.findIndex((commit) => commit.id === head) + 1);
}

function compareHeads(histories: Histories, before: Readonly<Record<string, Commit>>): readonly Finding[] {
  return Object.entries(before).flatMap(([ref, head]) => {
    const commits = histories.get(ref);
    if (commits?.some((commit) => commit.id === head)) return [];
    const what =
      commits === undefined
        ? `The stream is gone; it was folded up to ${head}.`
        : `The stream was rewritten: ${head}, up to which it was folded, is not in it any more.`;
    return [{ stream: ref, at: commits?.at(-1)?.id ?? head, event: undefined, what }];
  });
}

/** Appends each event to the file of its month; one that is there already (of a rewritten stream) is not written twice. */
function appendEvents(
  files: Readonly<Record<string, string>>,
  events: readonly RecordedEvent[],
): { readonly files: Readonly<Record<string, string>>; readonly added: number } {
  const lines = new Map<string, string[]>();
  const known = new Map<string, ReadonlySet<string>>();
  for (const it of events) {
    const path = `events/${it.event.env.name}/${timeOf(it.event).slice(0, 7)}.jsonl`;
    const before = known.get(path) ?? commitsIn(files[path] ?? '');
    known.set(path, before);
    if (before.has(it.at)) continue;
    const file = lines.get(path) ?? [];
    file.push(canonicalJson({ at: it.at, event: it.event }));
    lines.set(path, file);
  }
  const grown = [...lines].map(([path, added]) => [path, `${files[path] ?? ''}${added.join('\n')}\n`] as const);
  const added = [...lines.values()].reduce((count, it) => count + it.length, 0);
  return { files: { ...files, ...Object.fromEntries(grown) }, added };
}

const commitsIn = (jsonl: string): ReadonlySet<string> =>
  new Set([...jsonl.matchAll(/^\{"at":"([0-9a-f]+)"/gm)].map((match) => match[1] ?? ''));

/** Only what belongs to its stream becomes a line: its environment is a folder's name. */
function belongs(ref: string, commit: StreamCommit, repository: string): boolean {
  const name = parseStreamRef(ref);
  const parsed = parseEvent(commit.files[EVENT_FILE]);
  return (
    name !== undefined &&
    'value' in parsed &&
    wrongEvent(name, parsed.value, name.repository ?? repository) === undefined
  );
}

function statesOf(histories: Histories, repository: string): Readonly<Record<string, StreamState>> {
  const states: Record<string, StreamState> = {};
  for (const [ref, commits] of histories) {
    const name = parseStreamRef(ref);
    const commit = commits.at(-1);
    if (name === undefined || commit === undefined) continue;
    const tip = readTip(name, commit, repository);
    if (tip.kind === 'believed') states[ref] = tip.state;
  }
  return sorted(states);
}

function rootOf(heads: Readonly<Record<string, Commit>>, before: string): string {
  return createHash('sha256').update(canonicalJson(heads)).update('\n').update(before).digest('hex');
}

function parseHeads(text: string | undefined): Record<string, Commit> | undefined {
  const data = parseJson(text ?? '');
  if (!isRecord(data)) return undefined;
  const heads: Record<string, Commit> = {};
  for (const [ref, head] of Object.entries(data)) {
    if (typeof head !== 'string' || !isCommit(head)) return undefined;
    heads[ref] = head;
  }
  return heads;
}

const sorted = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

const same = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  canonicalJson(a) === canonicalJson(b);
