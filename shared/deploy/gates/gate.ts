import type { GateName, PlanVerdict, ReasonCode, UserError } from '../../model/index.ts';
import type { DeployFacts, NewRelease } from '../facts.ts';

/** The facts, with the release that they come to. */
export type GateFacts = DeployFacts & { readonly release: NewRelease };

type Stop = Extract<PlanVerdict, { kind: 'stop' }>;

/** What a gate says before overrides are looked at. */
export type GateAnswer =
  | { readonly kind: 'passed'; readonly sentence: string }
  | {
      readonly kind: 'stopped';
      readonly outcome: Stop['outcome'];
      readonly reason: ReasonCode;
      readonly sentence: string;
      /** Whether the stop is written to the ledger all the same. */
      readonly record?: boolean;
      /** Set where `override` does not pass this stop, though it passes others of the gate. */
      readonly final?: boolean;
    };

/** One thing that must hold before anything is written: a pure function of the facts. */
export interface Gate {
  readonly name: GateName;
  /** Whether it can stop a rollback, which goes back on purpose to what was good here. */
  readonly appliesToRollback: boolean;
  check(facts: GateFacts): GateAnswer;
}

export const passed = (sentence: string): GateAnswer => ({ kind: 'passed', sentence });

export const refused = (reason: ReasonCode, sentence: string): GateAnswer => ({
  kind: 'stopped',
  outcome: 'gate-failed',
  reason,
  sentence,
});

/** Refused for what an error says that would be thrown otherwise. */
export const refusedBy = ({ code, problems, message }: UserError): GateAnswer =>
  refused(code, problems[0]?.sentence ?? message);
