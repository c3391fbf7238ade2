import { clip, type DeployEvent, type Evidence, type Json } from '../model/index.ts';

/** The longest event, in bytes of its JSON: it fits into an output, a payload and a commit. */
export const EVENT_BYTES = 32 * 1024;
/** Left free, so that the writer can still say how an event joins the one before it. */
const RESERVED_BYTES = 1024;
/** The longest texts of an event, in characters. */
const TEXT_LIMITS = {
  title: 200,
  message: 600,
  summary: 600,
  logLine: 400,
  seen: 300,
  name: 100,
  version: 128,
  url: 1_000,
  ref: 500,
} as const;
const LOG_LINES = 50;
const CHECKS = 30;
const OVERRIDDEN = 10;

/**
 * The event with every text and list within its limit, and as a whole within {@link EVENT_BYTES}. What goes first is
 * what is only evidence; `annotations.cut` names what went.
 */
export function boundEvent(event: DeployEvent): DeployEvent {
  return CUTS.reduce(
    (kept, cut) => (byteLength(kept) <= EVENT_BYTES - RESERVED_BYTES ? kept : cut(kept)),
    clipTexts(event),
  );
}

const byteLength = (event: DeployEvent): number => Buffer.byteLength(JSON.stringify(event));

/** From what is missed least to what is missed most; after the last an event is small whatever it was. */
const CUTS: readonly ((event: DeployEvent) => DeployEvent)[] = [
  ...[20, 5, 0].map((lines) => (event: DeployEvent) => shortenEvidence(event, lines)),
  (event) => note({ ...event, verify: { ...event.verify, checks: event.verify.checks.slice(0, 3) } }, 'verify.checks'),
  (event) => note({ ...event, annotations: cutNotes(event) }, 'annotations'),
  (event) => note({ ...event, target: null }, 'target'),
];

function shortenEvidence(event: DeployEvent, lines: number): DeployEvent {
  if (event.evidence === null) return event;
  const evidence = { ...event.evidence, checks: event.evidence.checks.slice(0, 3), log: lastLines(event, lines) };
  return note({ ...event, evidence }, 'evidence');
}

const lastLines = (event: DeployEvent, lines: number): readonly string[] => keepLast(event.evidence?.log ?? [], lines);

/** The newest lines tell most; the first line then says how many are not there. */
function keepLast(log: readonly string[], lines: number): readonly string[] {
  if (log.length <= lines) return log;
  const kept = lines < 2 ? [] : log.slice(-(lines - 1));
  return [`(${log.length - kept.length} earlier lines were cut)`, ...kept];
}

function clipTexts(event: DeployEvent): DeployEvent {
  const maybe = (text: string | null, limit: number) => (text === null ? null : clip(text, limit));
  return {
    ...event,
    message: maybe(event.message, TEXT_LIMITS.message),
    team: maybe(event.team, TEXT_LIMITS.name),
    version: clip(event.version, TEXT_LIMITS.version),
    env: { ...event.env, url: maybe(event.env.url, TEXT_LIMITS.url) },
    commit: {
      ...event.commit,
      ref: clip(event.commit.ref, TEXT_LIMITS.ref),
      title: maybe(event.commit.title, TEXT_LIMITS.title),
    },
    actor: { ...event.actor, login: clip(event.actor.login, TEXT_LIMITS.name) },
    verify: { ...event.verify, checks: clipChecks(event.verify.checks) },
    evidence: event.evidence === null ? null : clipEvidence(event.evidence),
    prev: event.prev === null ? null : { ...event.prev, version: clip(event.prev.version, TEXT_LIMITS.version) },
    gates: { overridden: event.gates.overridden.slice(0, OVERRIDDEN).map((it) => clip(it, TEXT_LIMITS.name)) },
    links: {
      rolls_back: maybe(event.links.rolls_back, TEXT_LIMITS.name),
      remediates: maybe(event.links.remediates, TEXT_LIMITS.url),
      incident: maybe(event.links.incident, TEXT_LIMITS.url),
      supersedes: maybe(event.links.supersedes, TEXT_LIMITS.name),
    },
  };
}

function clipEvidence(evidence: Evidence): Evidence {
  return {
    summary: clip(evidence.summary, TEXT_LIMITS.summary),
    checks: clipChecks(evidence.checks),
    log: keepLast(evidence.log, LOG_LINES).map((line) => clip(line, TEXT_LIMITS.logLine)),
  };
}

const clipChecks = (checks: Evidence['checks']): Evidence['checks'] =>
  checks.slice(0, CHECKS).map((check) => ({
    ...check,
    name: clip(check.name, TEXT_LIMITS.name),
    seen: clip(check.seen, TEXT_LIMITS.seen),
  }));

function note(event: DeployEvent, what: string): DeployEvent {
  const before = event.annotations['cut'];
  const cut: readonly Json[] = Array.isArray(before) ? before : [];
  return { ...event, annotations: { ...event.annotations, cut: [...new Set([...cut, what])] } };
}

function cutNotes(event: DeployEvent): DeployEvent['annotations'] {
  const { cut, settled_by } = event.annotations;
  return { ...(cut === undefined ? {} : { cut }), ...(settled_by === undefined ? {} : { settled_by }) };
}
