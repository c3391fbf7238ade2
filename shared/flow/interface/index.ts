/** What each action promises: the source of its `action.yml`, its README, and the types of its code. */
import type { AnyAction } from '../../io/runner/index.ts';
import { boardAction } from './board.ts';
import { buildAction } from './build.ts';
import { deployAction } from './deploy.ts';
import { detectAction } from './detect.ts';
import { recordAction } from './record.ts';
import { summaryAction } from './summary.ts';

export { boardAction, buildAction, deployAction, detectAction, recordAction, summaryAction };
export const ACTIONS: readonly AnyAction[] = [
  detectAction,
  buildAction,
  deployAction,
  recordAction,
  boardAction,
  summaryAction,
];
