/** A small runner: starts an action from its `action.yml` in the way GitHub's runner does. For the demonstration and for the tests. */
export type { Annotation } from './command-files.ts';
export { Job, type JobOptions, type StepOptions } from './job.ts';
export { killOrphans, SIGINT_GRACE_MS, SIGTERM_GRACE_MS } from './process.ts';
export type { StepResult } from './step.ts';
