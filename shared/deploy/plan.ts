import {
  type DeployPlan,
  type GateName,
  type GateResult,
  isOverridable,
  type PlanVerdict,
  previousGood,
  type Release,
  short,
  userError,
} from '../model/index.ts';
import { believed, type DeployFacts, isGated, type NewRelease } from './facts.ts';
import { type Gate, type GateAnswer, type GateFacts, passed } from './gates/gate.ts';
import { GATES } from './gates/list.ts';
import { stepsOf, warningsOf } from './plan-text.ts';
import { leftBehind, rollbackTarget } from './rollback-target.ts';

interface Judged {
  readonly results: readonly GateResult[];
  readonly verdict: PlanVerdict;
}

/**
 * Decides what a deploy does, before anything is written: a pure function, and the same value that `mode: plan` shows.
 * Every gate is asked, so that one look tells all that stands in the way; the first that stops gives the outcome.
 *
 * Throws `never-deployed` when there is neither a release nor a stream that one could be taken from,
 * `ledger-unbelievable` when a rollback has only a record that cannot be believed, and `config-invalid` for a freeze
 * that cannot be read.
 */
export function planDeploy(facts: DeployFacts): DeployPlan {
  if (facts.mode === 'rollback') return planRollback(facts);
  const release = facts.release ?? lastRelease(facts);
  const judged = isGated(facts.mode) ? askGates({ ...facts, release }) : { results: [], verdict: asked(facts) };
  return planOf(facts, release, judged);
}

function planRollback(facts: DeployFacts): DeployPlan {
  const state = believed(facts.record);
  if (state === undefined) throw nothingKnown(facts);
  const target = rollbackTarget(state, facts.to);
  if (target.kind === 'none') {
    const stop = stopped('gate-failed', 'nothing-to-roll-back-to', target.sentence);
    return planOf(facts, lastRelease(facts), { results: [], verdict: stop });
  }
  const { image, commit, version, target: settings } = target.release;
  const release = { image, commit, version, target: settings, by: facts.by };
  const judged = askGates({ ...facts, release });
  const runs = facts.shows.kind === 'digest' && facts.shows.digest === image.digest && state.in_doubt === null;
  if (judged.verdict.kind === 'go' && runs && state.live?.image.digest === image.digest) {
    const sentence = `${short(image.digest)} is what runs in ${facts.environment.name} already.`;
    return planOf(facts, release, { ...judged, verdict: stopped('unchanged', 'unchanged', sentence) });
  }
  return planOf(facts, release, judged);
}

/** What a person asks for by itself passes no gates; a removal of nothing is none. */
function asked({ mode, record, shows, service, environment }: DeployFacts): PlanVerdict {
  const runs = believed(record)?.live || shows.kind !== 'nothing';
  if (mode !== 'remove' || runs) return { kind: 'go' };
  return stopped('unchanged', 'unchanged', `${service} does not run in ${environment.name}.`);
}

function askGates(facts: GateFacts): Judged {
  const answers = GATES.map((gate) => ({ gate, answer: answerOf(gate, facts) }));
  const results = answers.map(({ gate, answer }) => resultOf(gate, answer, facts.overrides));
  const first = results.findIndex((it) => it.verdict === 'stopped');
  const answer = answers[first]?.answer;
  if (answer?.kind !== 'stopped') return { results, verdict: { kind: 'go' } };
  const { outcome, reason, sentence, record = false } = answer;
  return { results, verdict: { kind: 'stop', outcome, reason, sentence, record } };
}

/** A rollback is told what would stop a deploy; what a gate that it passes by has to say beside that is not about it. */
function answerOf(gate: Gate, facts: GateFacts): GateAnswer {
  const answer = gate.check(facts);
  if (facts.mode !== 'rollback' || gate.appliesToRollback) return answer;
  return passed(answer.kind === 'stopped' ? `${answer.sentence} ${EXEMPT}` : EXEMPT);
}

const EXEMPT = 'A rollback is exempt.';

function resultOf(gate: Gate, answer: GateAnswer, overrides: readonly GateName[]): GateResult {
  const { sentence } = answer;
  if (answer.kind === 'passed') return { gate: gate.name, verdict: 'passed', reason: undefined, sentence };
  const open = isOverridable(gate.name) && answer.final !== true && overrides.includes(gate.name);
  return { gate: gate.name, verdict: open ? 'overridden' : 'stopped', reason: answer.reason, sentence };
}

function stopped(
  outcome: 'unchanged' | 'gate-failed',
  reason: 'unchanged' | 'nothing-to-roll-back-to',
  sentence: string,
) {
  return { kind: 'stop', outcome, reason, sentence, record: false } as const;
}

function planOf(facts: DeployFacts, release: NewRelease, { results, verdict }: Judged): DeployPlan {
  const state = believed(facts.record);
  const live = state === undefined ? undefined : liveFor(facts, state);
  const previous = state === undefined ? undefined : previousGood(state, live);
  const plan = {
    service: facts.service,
    environment: facts.environment.name,
    class: facts.environment.class,
    mode: facts.mode,
    release,
    live,
    previous,
    gates: results,
    verdict,
    automatic: facts.settings?.rollback.automatic ?? true,
    scope: facts.scope ?? 'digest',
    because: facts.because,
  } as const;
  return { ...plan, steps: stepsOf(plan), warnings: warningsOf(facts, plan) };
}

function liveFor(facts: DeployFacts, state: NonNullable<ReturnType<typeof believed>>): Release | undefined {
  return facts.mode === 'rollback' ? leftBehind(state) : (state.live ?? undefined);
}

/** The release that a stream is about when none is given: what is live, else the newest that was. */
function lastRelease(facts: DeployFacts): NewRelease {
  const state = believed(facts.record);
  const last = state?.live ?? state?.good[0] ?? facts.release;
  if (last === undefined) throw nothingKnown(facts);
  return last;
}

function nothingKnown({ record, service, environment }: DeployFacts): Error {
  const stream = `${service} in ${environment.name}`;
  return record === 'unbelievable'
    ? userError('ledger-unbelievable', `The record of ${stream} cannot be believed, so nothing can be taken from it.`)
    : userError('never-deployed', `${stream} was never deployed.`);
}
