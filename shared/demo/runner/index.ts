/** A small runner: starts an action from its `action.yml` in the way GitHub's runner does. For the demonstration and for the tests. */
export { Job, type StepOptions } from './job.ts';
export type { StepResult } from './step.ts';
