import type { Dice } from './dice.ts';
import { changed, type Growth, merged, type PlannedCommit } from './growth.ts';

/** A commit by its number, or an id that no repository has. */
export type At = number | 'lost';

export interface Tag {
  /** What stands before the version; undefined: there is no version in it. */
  readonly prefix: string | undefined;
  readonly name: string;
  readonly at: number;
  readonly annotated: boolean;
}

/** The event of a run, as the server tells of it. Commits are numbers here and become ids in the event file. */
export type Event =
  | {
      readonly kind: 'push';
      readonly branch: string;
      readonly before: At | 'zeros';
      readonly forced: boolean;
      readonly fresh: number;
    }
  | { readonly kind: 'tag'; readonly tag: Tag }
  | { readonly kind: 'pull-request'; readonly base: number; readonly head: number }
  | { readonly kind: 'merge-group'; readonly base: number }
  | { readonly kind: 'dispatch' };

/** What a run is about. */
export interface Occasion {
  readonly event: Event;
  /** GITHUB_SHA. */
  readonly sha: number;
  readonly checkedOut: number;
  /** How many commits deep the checkout is; 0: it has the whole history. */
  readonly depth: number;
  readonly inputs: {
    readonly base: 'auto' | { readonly deployed: string } | At;
    readonly environments: readonly string[];
  };
}

/** A history with the run that is asked about. */
export interface Story extends Growth {
  readonly tags: readonly Tag[];
  readonly occasion: Occasion;
}

export const MAIN = 'main';

/** Makes one run happen in a history; some add commits of their own, such as the merge of a pull request. */
export function happen(dice: Dice, growth: Growth): Story {
  const commits = [...growth.commits];
  const branches = new Map(growth.branches);
  const tags = tagsOf(dice, commits);
  const main = branches.get(MAIN) ?? 0;
  const add = (commit: PlannedCommit): number => commits.push(commit) - 1;
  const say = (event: Event, sha: number, checkedOut = sha): Story => {
    const inputs = { base: baseInput(dice, commits), environments: dice.percent(8) ? ['production'] : [] };
    return {
      commits,
      branches,
      tags,
      occasion: { event, sha, checkedOut, depth: dice.percent(30) ? dice.pick([1, 1, 1, 2, 3]) : 0, inputs },
    };
  };
  const before = (): At | 'zeros' =>
    dice.weighted<At | 'zeros'>([
      [88, near(dice, commits, main)],
      [6, 'lost'],
      [6, 'zeros'],
    ]);
  return dice.weighted<() => Story>([
    [45, () => say({ kind: 'push', branch: MAIN, before: before(), forced: dice.percent(10), fresh: 1 }, main)],
    [10, () => longLived(dice, commits, branches, say)],
    [8, () => newBranch(dice, commits, branches, add, say)],
    [15, () => pullRequest(dice, commits, branches, add, say)],
    [8, () => tagged(dice, tags, say, main)],
    [8, () => group(dice, commits, branches, add, say)],
    [6, () => say({ kind: 'dispatch' }, main)],
  ])();
}

type Say = (event: Event, sha: number, checkedOut?: number) => Story;
type Add = (commit: PlannedCommit) => number;

/** A commit, more often a close one: nothing differs only between neighbours. */
export function near(dice: Dice, commits: readonly PlannedCommit[], from: number): number {
  let at = from;
  for (let steps = dice.below(3); steps > 0; steps--) at = commits[at]?.parents[0] ?? at;
  return dice.percent(80) ? at : dice.below(commits.length);
}

function longLived(dice: Dice, commits: readonly PlannedCommit[], branches: Map<string, number>, say: Say): Story {
  const tip = dice.below(commits.length);
  branches.set('release', tip);
  return say(
    { kind: 'push', branch: 'release', before: near(dice, commits, tip), forced: dice.percent(20), fresh: 1 },
    tip,
  );
}

function newBranch(dice: Dice, commits: PlannedCommit[], branches: Map<string, number>, add: Add, say: Say): Story {
  const from = near(dice, commits, dice.below(commits.length));
  const fresh = dice.below(3);
  let tip = from;
  for (let left = fresh; left > 0; left--) tip = add(changed(dice, commits[tip]?.tree ?? new Map(), [tip]));
  branches.set('topic', tip);
  // A run that is started again when the branch has been merged.
  if (dice.percent(15)) branches.set(MAIN, add(merged(dice, commits, [branches.get(MAIN) ?? 0, tip])));
  return say({ kind: 'push', branch: 'topic', before: 'zeros', forced: false, fresh }, tip);
}

function pullRequest(dice: Dice, commits: PlannedCommit[], branches: Map<string, number>, add: Add, say: Say): Story {
  const base = branches.get(MAIN) ?? 0;
  const from = near(dice, commits, base);
  const head = add(changed(dice, commits[from]?.tree ?? new Map(), [from]));
  branches.set('topic', head);
  const sha = add(merged(dice, commits, [base, head]));
  // The target branch goes on while the run waits.
  if (dice.percent(20)) branches.set(MAIN, add(changed(dice, commits[base]?.tree ?? new Map(), [base])));
  return say({ kind: 'pull-request', base, head }, sha, dice.percent(35) ? head : sha);
}

function tagged(dice: Dice, tags: Tag[], say: Say, main: number): Story {
  const { prefix, name } = dice.pick([
    { prefix: 'v', name: 'v9.0.0' },
    { prefix: 'a/v', name: 'a/v9.0.0-rc.1' },
    { prefix: 'other-', name: 'other-9' },
    { prefix: undefined, name: 'nightly' },
  ]);
  const tag = { prefix, name, at: main, annotated: dice.percent(40) };
  tags.push(tag);
  return say({ kind: 'tag', tag }, main);
}

function group(dice: Dice, commits: PlannedCommit[], branches: Map<string, number>, add: Add, say: Say): Story {
  const main = branches.get(MAIN) ?? 0;
  let head = main;
  let base = main;
  for (let left = dice.between(1, 2); left > 0; left--) {
    base = head;
    head = add(changed(dice, commits[head]?.tree ?? new Map(), [head]));
  }
  branches.set('gh-readonly-queue/main/1', head);
  if (dice.percent(15)) branches.set(MAIN, head);
  return say({ kind: 'merge-group', base }, head);
}

function tagsOf(dice: Dice, commits: readonly PlannedCommit[]): Tag[] {
  return Array.from({ length: dice.below(6) }, (_, index) => {
    const prefix = dice.pick(['v', 'a/v', 'other-', 'vendor-']);
    const at = dice.below(commits.length);
    return { prefix, name: `${prefix}${index}.${dice.below(3)}.0`, at, annotated: dice.percent(40) };
  });
}

function baseInput(dice: Dice, commits: readonly PlannedCommit[]): Occasion['inputs']['base'] {
  return dice.weighted<() => Occasion['inputs']['base']>([
    [88, () => 'auto'],
    [5, () => dice.below(commits.length)],
    [1, () => 'lost'],
    [6, () => ({ deployed: 'production' })],
  ])();
}
