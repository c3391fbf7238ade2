import type { PlannedCommit } from '../growth.ts';

/** A commit and all that it comes from. */
export function ancestry(commits: readonly PlannedCommit[], from: number): ReadonlySet<number> {
  const found = new Set([from]);
  for (const at of found) for (const parent of commits[at]?.parents ?? []) found.add(parent);
  return found;
}

/** The best common ancestors: those that no other common one comes from. Several where lines were merged crosswise. */
export function mergeBases(commits: readonly PlannedCommit[], a: number, b: number): readonly number[] {
  const others = ancestry(commits, b);
  return tipsOf(
    commits,
    [...ancestry(commits, a)].filter((it) => others.has(it)),
  );
}

/** Those commits that are in the history of no other of them. */
export function tipsOf(commits: readonly PlannedCommit[], all: readonly number[]): readonly number[] {
  return all.filter((it) => !all.some((other) => other !== it && ancestry(commits, other).has(it)));
}
