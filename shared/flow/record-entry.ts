import {
  type EventKind,
  type EventLinks,
  FOREIGN_TARGET,
  type ImageRef,
  type JournalEntry,
  type Outcome,
  type StreamState,
} from '../model/index.ts';

/** A deploy that another tool made, as its step tells it. */
export interface ForeignDeploy {
  readonly image: ImageRef;
  readonly commit: string;
  readonly version: string;
  readonly by: string;
  readonly kind: EventKind;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly links: Partial<EventLinks>;
}

export function foreignEntry(deploy: ForeignDeploy, state: StreamState | undefined): JournalEntry {
  const { image, commit, version, by, kind, startedAt, links } = deploy;
  return {
    kind,
    release: { image, commit, version, by, target: FOREIGN_TARGET },
    live: state?.live ?? undefined,
    overridden: [],
    reason: undefined,
    links,
    startedAt,
  };
}

/**
 * What a deploy is when nobody said it: going back to a digest that was good before is a rollback; the digest that runs
 * already, and everything new, is a deploy.
 */
export function kindOf(state: StreamState | undefined, image: ImageRef | undefined): EventKind {
  if (state === undefined || image === undefined || state.live?.image.digest === image.digest) return 'deploy';
  return state.good.some((it) => it.image.digest === image.digest) ? 'rollback' : 'deploy';
}

/** CONTRACT's status of a foreign deploy, as the outcome that our own would have had. */
export function outcomeOf(status: 'success' | 'failure' | 'cancelled', kind: EventKind): Outcome {
  if (status === 'cancelled') return 'cancelled';
  if (status === 'failure') return 'failed';
  if (kind === 'rollback') return 'rolled-back';
  return kind === 'remove' ? 'removed' : 'deployed';
}
