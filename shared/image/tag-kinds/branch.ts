import type { SourceFacts } from '../facts.ts';
import type { TagKind } from './kind.ts';

/** The branch, or `pr-<number>`. */
export const branch: TagKind = {
  template: '{{branch}}',
  variables: {
    branch: { follows: 'branch', valueOf: branchOf },
    pr: {
      follows: 'branch',
      valueOf: ({ trigger }) => (trigger.kind === 'pull-request' ? `${trigger.number}` : undefined),
    },
  },
};

/** A pull request has no branch of the repository's: its number stands in. */
export function branchOf({ trigger, ref }: Pick<SourceFacts, 'trigger' | 'ref'>): string | undefined {
  if (trigger.kind === 'pull-request') return `pr-${trigger.number}`;
  if (trigger.kind === 'push') return trigger.branch;
  return trigger.kind === 'other' ? /^refs\/heads\/(.+)$/.exec(ref)?.[1] : undefined;
}
