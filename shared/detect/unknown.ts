import { UserError } from '../model/index.ts';

/** Why a checkout cannot tell (`base-unknown`), as the middle of a sentence; any other error is thrown on. */
export function whyUnknown(thrown: unknown): string {
  if (!(thrown instanceof UserError) || thrown.code !== 'base-unknown') throw thrown;
  return thrown.problems.map(({ sentence }) => sentence.replace(/\.$/, '')).join('; ');
}
