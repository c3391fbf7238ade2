import {
  type CheckResult,
  type Evidence,
  type Failure,
  Fenced,
  messageOf,
  type Settled,
  UserError,
} from '../model/index.ts';
import type { SettleDeps } from './deps.ts';
import type { Ending } from './endings.ts';
import { Cancelled } from './session.ts';

/*
 * What leaves the protocol, for the ledger, the target and people: redacted and bounded.
 */

/** Longest sentence, and longest text of one check or one line of a log, in characters. */
const LONGEST_SENTENCE = 1_000;
const LONGEST_LINE = 500;
/** Lines of a log that are kept, and checks. */
const LOG_KEPT = 50;
const CHECKS_KEPT = 20;

type Cleaner = Pick<SettleDeps, 'clock' | 'redact'>;

/** Adds the times; everything that came from outside is redacted and bounded. */
export function settledOf({ clock, redact }: Cleaner, ending: Ending, startedAt: string): Settled {
  return {
    ...ending,
    sentence: clip(redact(ending.sentence), LONGEST_SENTENCE),
    evidence: ending.evidence && clean(ending.evidence, redact),
    checks: cleanChecks(ending.checks, redact),
    startedAt,
    finishedAt: iso(clock.now()),
  };
}

/** Evidence without secrets, within its bounds; once more changes nothing. */
export function clean(evidence: Evidence, redact: SettleDeps['redact']): Evidence {
  return {
    summary: clip(redact(evidence.summary), LONGEST_SENTENCE),
    checks: cleanChecks(evidence.checks, redact),
    log: cleanLog(evidence.log, redact),
  };
}

/** A failure as it may be kept in the target. */
export function cleanFailure(failure: Failure, redact: SettleDeps['redact']): Failure {
  const { reason, sentence, evidence } = failure;
  return { reason, sentence: clip(redact(sentence), LONGEST_SENTENCE), evidence: evidence && clean(evidence, redact) };
}

/** A secret may stretch over lines (a key), so that the lines are redacted together. */
function cleanLog(log: readonly string[], redact: SettleDeps['redact']): readonly string[] {
  if (log.length === 0) return [];
  const lines = redact(log.slice(-LOG_KEPT).join('\n')).split('\n');
  return lines.map((line) => clip(line, LONGEST_LINE));
}

function cleanChecks(checks: readonly CheckResult[], redact: SettleDeps['redact']): readonly CheckResult[] {
  return checks.slice(0, CHECKS_KEPT).map((check) => ({
    ...check,
    name: clip(redact(check.name), LONGEST_LINE),
    seen: clip(redact(check.seen), LONGEST_LINE),
  }));
}

/** What was thrown, as a reason; a lost lease and a cancelled run are no failures of the deploy and go on their way. */
export function failureOf(thrown: unknown): Pick<Failure, 'reason' | 'sentence'> {
  if (thrown instanceof Fenced || thrown instanceof Cancelled) throw thrown;
  if (!(thrown instanceof UserError)) return { reason: 'internal-error', sentence: messageOf(thrown) };
  return { reason: thrown.code, sentence: thrown.problems[0]?.sentence ?? thrown.message };
}

export const iso = (ms: number): string => new Date(ms).toISOString();

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
