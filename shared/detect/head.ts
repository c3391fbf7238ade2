import { type Checkout, type Commit, type RunContext, type Trigger, userError } from '../model/index.ts';

/** The commit whose services are asked about. */
export interface Head {
  readonly commit: Commit;
  /** Set when the head is the merge commit that the server made for a pull request: the target branch as it was then. */
  readonly firstParent: Commit | undefined;
}

/** Finds the head: the commit that was asked for, else that of the event. Throws `input-invalid`. */
export async function findHead(checkout: Checkout, run: RunContext, asked: string | undefined): Promise<Head> {
  return asked === undefined ? await eventHead(checkout, run) : await askedHead(checkout, run, asked);
}

async function askedHead(checkout: Checkout, run: RunContext, name: string): Promise<Head> {
  const commit = await checkout.resolve(name);
  if (commit === undefined) {
    throw userError('input-invalid', `\`head\`: git knows no commit ${JSON.stringify(name)}.`);
  }
  return { commit, firstParent: await firstParentOf(checkout, run, commit) };
}

async function eventHead(checkout: Checkout, run: RunContext): Promise<Head> {
  const { trigger, sha } = run;
  if (trigger.kind === 'merge-group') return { commit: trigger.head.sha ?? sha, firstParent: undefined };
  // The id of an annotated tag is not that of its commit.
  if (trigger.kind === 'tag') return { commit: (await checkout.resolve(sha)) ?? sha, firstParent: undefined };
  if (trigger.kind !== 'pull-request') return { commit: sha, firstParent: undefined };
  const head = trigger.head.sha;
  // With `ref: ${{ github.event.pull_request.head.sha }}` the checkout has the branch itself, not the merge.
  if (head !== undefined && (await checkout.resolve('HEAD')) === head) return { commit: head, firstParent: undefined };
  const firstParent = await firstParentOf(checkout, run, sha);
  return { commit: firstParent === undefined ? (head ?? sha) : sha, firstParent };
}

/**
 * First parent of the merge commit of a pull request; undefined when the commit is not that. Not every merge is: for
 * `pull_request_target` the run's commit is the tip of the target branch, which may be the merge of another pull request.
 */
async function firstParentOf(checkout: Checkout, run: RunContext, commit: Commit): Promise<Commit | undefined> {
  if (run.trigger.kind !== 'pull-request') return undefined;
  const parents = (await checkout.facts(commit))?.parents ?? [];
  return parents.length === 2 && isMergeOf(run, run.trigger, commit, parents[1]) ? parents[0] : undefined;
}

function isMergeOf(
  run: RunContext,
  pull: Extract<Trigger, { kind: 'pull-request' }>,
  commit: Commit,
  secondParent: Commit | undefined,
): boolean {
  if (pull.head.sha !== undefined) return secondParent === pull.head.sha;
  return commit === run.sha && run.ref === `refs/pull/${pull.number}/merge`;
}
