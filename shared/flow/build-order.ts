import type { CommitOrder } from '../build/index.ts';
import type { SourceFacts } from '../image/index.ts';
import type { Checkout } from '../model/index.ts';

/** Commits of a branch that are looked at for a newer image. */
const MOST_SUCCESSORS = 10_000;

/**
 * The order of commits on the branch that the moving tags of a run follow: its own, and for a release the default branch.
 * Of a pull request only the newest merge commit follows the one of the run: what else came in was there on its branch.
 */
export function commitOrder(source: SourceFacts, checkout: Checkout): CommitOrder {
  const { trigger, defaultBranch, commit } = source;
  const ref = trigger.kind === 'tag' ? `refs/heads/${defaultBranch}` : source.ref;
  const limit = trigger.kind === 'pull-request' ? 1 : MOST_SUCCESSORS;
  return {
    successors: () => checkout.successors(ref, commit, limit),
    dateOf: async (it) => {
      const facts = await checkout.facts(it);
      return facts && Date.parse(facts.date);
    },
  };
}
