import { type Commit, type EnvironmentName, type Trigger, tagPrefix } from '../model/index.ts';
import { deployedIn } from './request.ts';

/** What the choice of a base depends on. */
export interface LadderFacts {
  /** The input `base`. */
  readonly base: string;
  readonly trigger: Trigger;
  readonly defaultBranch: string;
  /** First parent of the head, where the head is the merge commit that the server made for a pull request. */
  readonly firstParent: Commit | undefined;
}

/** How the one commit is found that every service is compared with. */
export type Ask =
  | { readonly rung: 'input'; readonly name: string }
  | { readonly rung: 'before'; readonly commit: Commit }
  | MergeBaseAsk
  | { readonly rung: 'first-parent'; readonly commit: Commit }
  /** `otherwise`: the commit that the group was put upon, for when the branch has the group already. */
  | { readonly rung: 'target-branch'; readonly branch: string; readonly otherwise: Commit | undefined }
  | { readonly rung: 'previous-tag'; readonly prefix: string }
  | { readonly rung: 'unknown'; readonly why: string };

interface MergeBaseAsk {
  readonly rung: 'merge-base';
  readonly branch: string;
  /** A commit of that branch, for when the branch is not there any more, or has the head by now. */
  readonly otherwise: Commit | undefined;
  /** The event tells of commits that the branch did not have: it is merged when the head is the merge base. */
  readonly ahead: boolean;
}

/**
 * `one`: the same base for all. `deployed`: for each service the commits that run in these environments; `otherwise` is
 * for services that go to no environment at all.
 */
export type BasePlan =
  | { readonly kind: 'one'; readonly ask: Ask }
  | { readonly kind: 'deployed'; readonly environments: 'every' | EnvironmentName; readonly otherwise: Ask };

/**
 * The base ladder: which commit a run is compared with. Each event has one rung and no second one, since a base that is
 * too near leaves changed services out; where the rung gives nothing, the base is unknown and everything counts as changed.
 */
export function planBase({ base, trigger, defaultBranch, firstParent }: LadderFacts): BasePlan {
  const environment = deployedIn(base);
  if (environment !== undefined) {
    const why = `the service does not go to ${environment}`;
    return { kind: 'deployed', environments: environment, otherwise: { rung: 'unknown', why } };
  }
  if (base !== 'auto') return one({ rung: 'input', name: base });
  switch (trigger.kind) {
    case 'push':
      return planPush(trigger, defaultBranch);
    case 'tag':
      return one(askTag(trigger.tag));
    case 'merge-group':
      return one({ rung: 'target-branch', branch: branchName(trigger.base.ref), otherwise: trigger.base.sha });
    case 'pull-request':
      if (firstParent !== undefined) return one({ rung: 'first-parent', commit: firstParent });
      return one(askMergeBase(branchName(trigger.base.ref), trigger.base.sha, true));
    case 'other':
      return everyEnvironment({ rung: 'unknown', why: `the event ${trigger.name} names no commit to compare with` });
  }
}

function planPush(
  { branch, before, commits = 0 }: Extract<Trigger, { kind: 'push' }>,
  defaultBranch: string,
): BasePlan {
  const since: Ask | undefined = before === undefined ? undefined : { rung: 'before', commit: before };
  if (branch === defaultBranch) {
    return everyEnvironment(since ?? { rung: 'unknown', why: `this is the first push of ${branch}` });
  }
  return one(since ?? askMergeBase(defaultBranch, undefined, commits > 0));
}

const askMergeBase = (branch: string, otherwise: Commit | undefined, ahead: boolean): Ask => ({
  rung: 'merge-base',
  branch,
  otherwise,
  ahead,
});

function askTag(tag: string): Ask {
  const prefix = tagPrefix(tag);
  if (prefix === undefined) return { rung: 'unknown', why: `the tag ${tag} does not end with a version` };
  return { rung: 'previous-tag', prefix };
}

const one = (ask: Ask): BasePlan => ({ kind: 'one', ask });
const everyEnvironment = (otherwise: Ask): BasePlan => ({ kind: 'deployed', environments: 'every', otherwise });
const branchName = (ref: string): string => ref.replace(/^refs\/heads\//, '');
