import type { Commit } from './names.ts';

/** The run that an action is part of, read once from the runner's environment and event file. */
export interface RunContext {
  /** `owner/repo` */
  readonly repository: string;
  /** The commit of the run (`GITHUB_SHA`). */
  readonly sha: Commit;
  /** Full ref, such as `refs/heads/main`. */
  readonly ref: string;
  readonly defaultBranch: string;
  readonly trigger: Trigger;
  readonly id: string;
  /** From 1; grows with each re-run. */
  readonly attempt: number;
  readonly job: string;
  /** undefined outside a server. */
  readonly url: string | undefined;
  readonly workflowRef: string | undefined;
  readonly actor: string;
  readonly serverUrl: string;
  readonly apiUrl: string;
}

/** The event that started the run, as far as detection and tags need it. Ids of commits are checked; undefined: not given. */
export type Trigger =
  | {
      readonly kind: 'push';
      readonly branch: string;
      /** undefined for a new branch (the event says zeros). */
      readonly before: Commit | undefined;
      readonly forced: boolean;
      /** Commits that no branch had before this push, as far as the event lists them. */
      readonly commits?: number;
    }
  | { readonly kind: 'tag'; readonly tag: string }
  | {
      readonly kind: 'pull-request';
      readonly number: number;
      readonly base: { readonly ref: string; readonly sha: Commit | undefined };
      readonly head: { readonly ref: string; readonly sha: Commit | undefined };
      /** From a fork: the token can only read. */
      readonly fork: boolean;
      /** How many files it changes, as the event counts them. */
      readonly changedFiles?: number;
    }
  | {
      readonly kind: 'merge-group';
      readonly base: { readonly ref: string; readonly sha: Commit | undefined };
      readonly head: { readonly sha: Commit | undefined };
    }
  /** workflow_dispatch, schedule, workflow_run, repository_dispatch and whatever comes. */
  | { readonly kind: 'other'; readonly name: string };

/**
 * Whether what a run builds is meant to run: it is about the default branch or a tag, and is nothing that is still to be
 * decided, such as a pull request (of whatever event) or a merge group.
 */
export function isShipping({ trigger, ref, defaultBranch }: RunContext): boolean {
  if (trigger.kind === 'tag') return true;
  const isDecided = trigger.kind === 'push' || (trigger.kind === 'other' && !trigger.name.startsWith('pull_request'));
  return isDecided && ref === `refs/heads/${defaultBranch}`;
}
