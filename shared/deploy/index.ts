/**
 * Deploying: the plan (gates, and what a rollback goes to) is a pure function of facts; the protocol carries it out
 * through the ports of a target and a journal, so that a run may die at any step and the next one settles what it left.
 */
export { finishCancelled } from './cancelled.ts';
export type { DeployDeps, Review, SettleDeps } from './deps.ts';
export {
  type Before,
  bareEnvironment,
  type DeployFacts,
  isGated,
  type NewRelease,
  type PlanSettings,
  type Shown,
  type StreamRecord,
} from './facts.ts';
export { planDeploy } from './plan.ts';
export { describePlan } from './plan-text.ts';
export { promotionSources } from './promotion-sources.ts';
export { runDeploy } from './protocol.ts';
export { settleVanished } from './settle.ts';
export { STEPS, type Step } from './steps.ts';
