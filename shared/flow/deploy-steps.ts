import type { Step } from '../deploy/index.ts';

/** What a person reads while a deploy goes on; steps that are bookkeeping stand in the debug log only. */
const WORDS: Readonly<Partial<Record<Step, string>>> = {
  acquire: 'taking the lease',
  'close-vanished': 'settling a deploy whose run has vanished',
  prepare: 'preparing what is new',
  apply: 'applying',
  ready: 'applied; waiting until it is ready',
  verify: 'verifying',
  evidence: 'not good: keeping the evidence',
  'revert-apply': 'going back to the release before',
  'revert-verify': 'verifying the release before',
  remove: 'taking it down',
  'record-finish': 'recording',
};

export const stepWords = (step: Step): string | undefined => WORDS[step];
