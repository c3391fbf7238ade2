/** The door to the runner: inputs, outputs, log, summary, state and cancellation of one step. The only place that knows @actions/core. */
export { readRun, triggerOf } from './context.ts';
export { readInputs } from './inputs.ts';
export { formatReport, LARGEST_REPORT } from './report.ts';
export {
  type ActionFlow,
  type ActionResult,
  type PostFlow,
  type PostResult,
  runMain,
  runPost,
  type World,
} from './run.ts';
export { secretsIn } from './secrets.ts';
export {
  type AnyAction,
  choice,
  choices,
  count,
  defineAction,
  duration,
  flag,
  type InputValues,
  list,
  text,
  word,
} from './table.ts';
export { markdownBlock, markdownText, safeLines } from './text.ts';
