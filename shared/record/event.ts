import { createHash } from 'node:crypto';
import {
  type DeployEvent,
  type Digest,
  type EnvironmentClass,
  type EventKind,
  type EventPhase,
  type EventStatus,
  type Evidence,
  type HoldPolicy,
  type ImageRef,
  isSuccess,
  type JournalEntry,
  type Json,
  type Outcome,
  type Redact,
  type RunContext,
  type Settled,
  type StrategySettings,
  type StreamName,
} from '../model/index.ts';
import { boundEvent } from './bound.ts';
import { ownerOf } from './owner.ts';
import { streamLabel } from './refs.ts';

/** What every event of one run in one stream has in common. */
export interface EventFacts {
  readonly stream: StreamName;
  readonly run: RunContext;
  readonly class: EnvironmentClass;
  readonly team: string | undefined;
  readonly strategy: StrategySettings['kind'];
  /** First line of the message of the source commit, and its date (ISO 8601 UTC), where a checkout knew them. */
  readonly commitTitle: string | undefined;
  readonly commitDate: string | undefined;
  readonly hold: HoldPolicy;
  /** How long a start gives the right to write, in milliseconds, where the stream is the lease; undefined: the target keeps it. */
  readonly leaseMs: number | undefined;
}

/** What tells one event from the others of its run. */
export interface EventParts {
  readonly phase: EventPhase;
  readonly seq: number;
  readonly entry: JournalEntry;
  /** undefined for a start. */
  readonly settled: Settled | undefined;
  readonly annotations?: Readonly<Record<string, Json>>;
}

/**
 * The id of an event: the first 32 hex digits of the SHA-256 of (repository, service, environment, run, job, kind, digest).
 * Every attempt and phase of one deploy has the same.
 */
export function eventId(
  facts: Pick<EventFacts, 'stream' | 'run'>,
  kind: EventKind,
  digest: Digest | undefined,
): string {
  const { stream, run } = facts;
  const parts = [run.repository, stream.service, stream.environment, run.id, run.job, kind, digest ?? ''];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Makes an event: bounded, and without a secret in any text that came from outside. */
export function makeEvent(facts: EventFacts, parts: EventParts, redact: Redact): DeployEvent {
  const { entry, settled } = parts;
  const image = movesImage(entry) ? entry.release.image : undefined;
  return boundEvent({
    v: 1,
    id: eventId(facts, entry.kind, image?.digest),
    stream: streamLabel(facts.stream),
    seq: parts.seq,
    phase: parts.phase,
    kind: entry.kind,
    ...ending(entry, settled, redact),
    service: facts.stream.service,
    team: facts.team ?? null,
    env: { name: facts.stream.environment, class: facts.class, url: textOr(settled?.url, redact) },
    artifact: image === undefined ? null : { name: image.repository, digest: image.digest, purl: purlOf(image) },
    version: redact(entry.release.version),
    commit: commitOf(facts, entry, redact),
    prev: previousOf(entry),
    actor: { login: entry.release.by, type: entry.release.by.endsWith('[bot]') ? 'bot' : 'user' },
    strategy: { type: facts.strategy },
    times: { started: entry.startedAt, finished: settled?.finishedAt ?? null },
    run: runOf(facts.run),
    gates: { overridden: entry.overridden },
    links: linksOf(entry, redact),
    target: entry.release.target,
    lease: parts.phase === 'start' ? leaseOf(facts, entry) : null,
    hold: facts.hold,
    ...(entry.automatic === false ? { automatic_rollback: false } : {}),
    annotations: parts.annotations ?? {},
  });
}

/** The end of a deploy that another run started and did not finish: what was said at the start stays said. */
export function endEvent(
  facts: Pick<EventFacts, 'stream' | 'run'>,
  start: DeployEvent,
  end: { readonly seq: number; readonly settled: Settled },
  redact: Redact,
): DeployEvent {
  const { settled } = end;
  const { run, stream } = facts;
  return boundEvent({
    ...start,
    ...ending({ reason: undefined }, settled, redact),
    stream: streamLabel(stream),
    service: stream.service,
    seq: end.seq,
    phase: 'finish',
    env: { ...start.env, url: textOr(settled.url, redact) },
    times: { started: start.times.started, finished: settled.finishedAt },
    lease: null,
    annotations: { ...start.annotations, settled_by: run.url ?? ownerOf(run) },
  });
}

/** How an outcome stands in the record. CONTRACT, section 3. */
export function statusOf(outcome: Outcome): EventStatus {
  if (outcome === 'superseded' || outcome === 'cancelled' || outcome === 'unknown') return outcome;
  return isSuccess(outcome) ? 'success' : 'failure';
}

/** Package URL of an image: https://github.com/package-url/purl-spec, type `oci`. */
export function purlOf(image: ImageRef): string {
  const name = image.repository.split('/').at(-1) ?? image.repository;
  // The canonical form leaves `/` and `:` readable in a qualifier, but not in a version.
  const at = encodeURIComponent(image.repository).replaceAll('%2F', '/').replaceAll('%3A', ':');
  return `pkg:oci/${encodeURIComponent(name.toLowerCase())}@${encodeURIComponent(image.digest)}?repository_url=${at}`;
}

type Ending = Pick<DeployEvent, 'status' | 'outcome' | 'reason' | 'message' | 'changed' | 'verify' | 'evidence'>;

function ending(entry: Pick<JournalEntry, 'reason'>, settled: Settled | undefined, redact: Redact): Ending {
  const checks = (settled?.checks ?? []).map((check) => ({
    ...check,
    name: redact(check.name),
    seen: redact(check.seen),
  }));
  return {
    status: settled === undefined ? 'in_progress' : statusOf(settled.outcome),
    outcome: settled?.outcome ?? null,
    reason: settled?.reason ?? null,
    message: textOr(messageOf(entry, settled), redact),
    changed: settled?.changed ?? false,
    verify: { result: verdictOf(checks), checks },
    evidence: settled?.evidence === undefined ? null : redactEvidence(settled.evidence, redact),
  };
}

/** Why someone did it, unless it went wrong: then what went wrong. */
function messageOf(entry: Pick<JournalEntry, 'reason'>, settled: Settled | undefined): string | undefined {
  if (settled === undefined || isSuccess(settled.outcome)) return entry.reason ?? settled?.sentence;
  return settled.sentence;
}

const verdictOf = (checks: Evidence['checks']): DeployEvent['verify']['result'] =>
  checks.length === 0 ? 'none' : checks.every((check) => check.passed) ? 'passed' : 'failed';

const redactEvidence = (evidence: Evidence, redact: Redact): Evidence => ({
  summary: redact(evidence.summary),
  checks: evidence.checks.map((check) => ({ ...check, name: redact(check.name), seen: redact(check.seen) })),
  log: evidence.log.map(redact),
});

const textOr = (text: string | undefined, redact: Redact): string | null => (text === undefined ? null : redact(text));

/** Holds and releases of a whole stream move no image, and neither do settings and flags. */
export const movesImage = (entry: Pick<JournalEntry, 'kind' | 'scope'>): boolean =>
  entry.scope !== 'stream' && entry.kind !== 'config' && entry.kind !== 'flag';

function commitOf(facts: EventFacts, entry: JournalEntry, redact: Redact): DeployEvent['commit'] {
  return {
    sha: entry.release.commit,
    repo: facts.run.repository,
    ref: redact(facts.run.ref),
    title: textOr(facts.commitTitle, redact),
    date: facts.commitDate ?? null,
  };
}

function previousOf(entry: JournalEntry): DeployEvent['prev'] {
  const { live } = entry;
  if (live === undefined) return null;
  return { event_id: live.event, version: live.version, commit: live.commit, digest: live.image.digest };
}

function linksOf(entry: JournalEntry, redact: Redact): DeployEvent['links'] {
  const undone = entry.kind === 'rollback' ? (entry.live?.event ?? null) : null;
  const { remediates, incident, ...links } = entry.links;
  return {
    rolls_back: undone,
    supersedes: null,
    ...links,
    remediates: textOr(remediates ?? undefined, redact),
    incident: textOr(incident ?? undefined, redact),
  };
}

const runOf = (run: RunContext): DeployEvent['run'] => ({
  id: run.id,
  attempt: run.attempt,
  job: run.job,
  url: run.url ?? null,
  workflow_ref: run.workflowRef ?? null,
});

function leaseOf(facts: EventFacts, entry: JournalEntry): DeployEvent['lease'] {
  if (facts.leaseMs === undefined) return null;
  const expires = new Date(Date.parse(entry.startedAt) + facts.leaseMs).toISOString();
  return { owner: ownerOf(facts.run), expires };
}
