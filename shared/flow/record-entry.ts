import {
  type EventKind,
  type EventLinks,
  FOREIGN_TARGET,
  type ImageRef,
  type JournalEntry,
  type Outcome,
  type Settled,
  type StreamState,
  userError,
} from '../model/index.ts';
import type { ForeignStatus, RecordRequest } from './record-request.ts';

/** A deploy that another tool made: what its step tells, and what was found out. */
export interface ForeignDeploy {
  readonly image: ImageRef;
  readonly commit: string;
  readonly version: string;
  readonly by: string;
  readonly kind: EventKind;
  readonly outcome: Outcome;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly links: Partial<EventLinks>;
}

/** What was found out beside the request. */
export interface Surroundings {
  /** `date`: committer date, ISO 8601 UTC; undefined where git does not know the commit. */
  readonly commit: { readonly id: string; readonly date: string | undefined };
  readonly by: string;
  /** Of this run. */
  readonly owner: string;
  readonly now: string;
}

/** Fills in what the request leaves open. Throws `input-invalid` where it needs an image that nobody named. */
export function foreignDeploy(
  request: RecordRequest,
  found: Surroundings,
  state: StreamState | undefined,
): ForeignDeploy {
  const { commit, by, owner, now } = found;
  const kind = request.kind ?? kindOf(state, request.image);
  const doubt = state?.in_doubt?.owner === owner ? state.in_doubt : undefined;
  return {
    image: imageOf(request, state),
    commit: commit.id,
    version: request.version ?? commit.date?.slice(0, 10).replaceAll('-', '') ?? commit.id.slice(0, 12),
    by,
    kind,
    outcome: outcomeOf(request.status, kind),
    startedAt: request.startedAt ?? doubt?.started ?? now,
    finishedAt: request.finishedAt ?? now,
    links: request.links,
  };
}

/** Kinds that may leave the image as it is. */
const WITHOUT_IMAGE: ReadonlySet<EventKind | undefined> = new Set<EventKind | undefined>(['config', 'flag', 'remove']);

function imageOf({ image, kind }: RecordRequest, state: StreamState | undefined): ImageRef {
  const known = image ?? (WITHOUT_IMAGE.has(kind) ? state?.live?.image : undefined);
  if (known !== undefined) return known;
  throw userError('input-invalid', 'The input `image` is needed to record what was deployed.', {
    remedy:
      'Give it by digest, `repository@sha256:…`; what a stream has live stands in for kinds config, flag and remove.',
  });
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

/** How it ended, as our own deploy would say it. */
export function foreignSettled(deploy: ForeignDeploy, state: StreamState | undefined): Settled {
  const { outcome, image, startedAt, finishedAt } = deploy;
  const before = state?.live?.image;
  const went = outcome === 'deployed' || outcome === 'rolled-back';
  return {
    outcome,
    reason: undefined,
    sentence: `Recorded for another tool: ${outcome}.`,
    live: went ? image : outcome === 'removed' ? undefined : before,
    previous: before,
    changed: outcome !== 'cancelled',
    url: undefined,
    evidence: undefined,
    checks: [],
    startedAt,
    finishedAt,
  };
}

/**
 * What a deploy is when nobody said it: going back to a digest that was good before is a rollback; the digest that runs
 * already, and everything new, is a deploy.
 */
function kindOf(state: StreamState | undefined, image: ImageRef | undefined): EventKind {
  if (state === undefined || image === undefined || state.live?.image.digest === image.digest) return 'deploy';
  return state.good.some((it) => it.image.digest === image.digest) ? 'rollback' : 'deploy';
}

/** CONTRACT's status of a foreign deploy, as the outcome that our own would have had. */
function outcomeOf(status: ForeignStatus, kind: EventKind): Outcome {
  if (status === 'cancelled') return 'cancelled';
  if (status === 'failure') return 'failed';
  if (kind === 'rollback') return 'rolled-back';
  return kind === 'remove' ? 'removed' : 'deployed';
}
