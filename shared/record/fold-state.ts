import {
  type DeployEvent,
  type Digest,
  FOREIGN_TARGET,
  GOOD_RELEASES_KEPT,
  HOLDS_KEPT,
  type Hold,
  type InDoubt,
  type Release,
  type StreamState,
} from '../model/index.ts';
import { ownerOf } from './owner.ts';

/**
 * What a stream says after one more event: the one rule by which states are written, replayed and checked.
 * To apply the newest event once more changes nothing but `seq`, so that a state can be checked against its own event.
 */
export function applyEvent(state: StreamState | undefined, event: DeployEvent): StreamState {
  const next = { ...(state ?? emptyState(event)), seq: event.seq, updated: timeOf(event) };
  if (event.phase === 'start') return { ...next, in_doubt: inDoubtOf(event) };
  return settle(endDoubt(next, event), event);
}

/** When an event happened: its end, or its start where it has none yet. */
export const timeOf = (event: DeployEvent): string => event.times.finished ?? event.times.started;

/** The state of a stream that goes on under another name after a rename; the numbering goes on as well. */
export const underName = (state: StreamState, service: string): StreamState => ({ ...state, service });

function emptyState(event: DeployEvent): StreamState {
  return {
    v: 1,
    environment: event.env.name,
    service: event.service,
    repository: event.commit.repo,
    seq: event.seq,
    live: null,
    good: [],
    held: [],
    in_doubt: null,
    needs_human: null,
    updated: timeOf(event),
  };
}

function settle(state: StreamState, event: DeployEvent): StreamState {
  if (event.kind === 'hold') return withHold(state, event, event.artifact?.digest ?? null);
  if (event.kind === 'release') return withoutHolds(state, event.artifact?.digest);
  if (event.kind === 'config' || event.kind === 'flag') return state;
  switch (event.outcome) {
    case 'deployed':
      return event.kind === 'rollback' ? goneBack(state, event) : deployed(state, event);
    case 'rolled-back':
      return goneBack(state, event);
    case 'rolled-back-after-failure':
      return heldAfterFailure(state, event);
    case 'unchanged':
      return moved(state, event);
    case 'removed':
      return { ...state, live: null, needs_human: null };
    default:
      return needsHuman(state, event);
  }
}

/** A deploy that settled good ends the holds of digests: that of another, and that of its own when a person overrode it. */
function deployed(state: StreamState, event: DeployEvent): StreamState {
  const live = releaseOf(event);
  if (live === null) return state;
  const held = state.held.filter((hold) => hold.digest === null);
  return { ...state, live, good: withGood(state, live), held, needs_human: null };
}

/**
 * Someone went back. What was left is held, and older holds stay: going back further does not make good what was bad.
 * Only the release gone back to is not held any more, because a person named it.
 */
function goneBack(state: StreamState, event: DeployEvent): StreamState {
  const live = releaseOf(event);
  if (live === null) return state;
  const held = state.held.filter((hold) => hold.digest !== live.image.digest);
  const back = { ...state, live, good: withGood(state, live), held, needs_human: null };
  const left = event.prev?.digest ?? null;
  return left === null || left === live.image.digest ? back : withPolicy(back, event, left);
}

/** The deploy took itself back: what it tried is held, and what ran before runs again. */
function heldAfterFailure(state: StreamState, event: DeployEvent): StreamState {
  const digest = event.artifact?.digest;
  const before = state.good.find((it) => it.image.digest === event.prev?.digest);
  const back = { ...state, live: sameDigest(state.live, event.prev?.digest) ? state.live : (before ?? state.live) };
  return digest === undefined || sameDigest(back.live, digest) ? back : withPolicy(back, event, digest);
}

/** The image that is live serves a newer commit: the base of the next detection moves, the image does not. */
function moved(state: StreamState, event: DeployEvent): StreamState {
  const { live } = state;
  if (live === null || !sameDigest(live, event.artifact?.digest)) return state;
  const now = { ...live, commit: event.commit.sha };
  return { ...state, live: now, good: state.good.map((it) => (sameImage(it, now) ? now : it)) };
}

function needsHuman(state: StreamState, event: DeployEvent): StreamState {
  if (event.outcome !== 'rollback-failed' && event.reason !== 'needs-human') return state;
  return { ...state, needs_human: { event: event.id, sentence: event.message ?? '' } };
}

/** An end settles its own start, and that of a vanished deploy which it says it supersedes; nobody else's. */
function endDoubt(state: StreamState, event: DeployEvent): StreamState {
  const doubted = state.in_doubt?.event;
  const ends = doubted !== undefined && (doubted === event.id || doubted === event.links.supersedes);
  return ends ? { ...state, in_doubt: null } : state;
}

function inDoubtOf(event: DeployEvent): InDoubt | null {
  const release = releaseOf(event);
  if (release === null) return null;
  const { run, lease } = event;
  return {
    event: event.id,
    ...(event.kind === 'rollback' || event.kind === 'remove' ? { mode: event.kind } : {}),
    ...(event.automatic_rollback === false ? { automatic: false } : {}),
    release,
    started: event.times.started,
    owner: lease?.owner ?? ownerOf({ ...run, repository: event.commit.repo }),
    ...(lease === null ? {} : { expires: lease.expires }),
  };
}

function releaseOf(event: DeployEvent): Release | null {
  if (event.artifact === null) return null;
  return {
    image: { repository: event.artifact.name, digest: event.artifact.digest },
    commit: event.commit.sha,
    version: event.version,
    event: event.id,
    since: timeOf(event),
    by: event.actor.login,
    target: event.target ?? FOREIGN_TARGET,
  };
}

function withGood(state: StreamState, release: Release): readonly Release[] {
  return [release, ...state.good.filter((it) => !sameImage(it, release))].slice(0, GOOD_RELEASES_KEPT);
}

function withPolicy(state: StreamState, event: DeployEvent, left: Digest): StreamState {
  if (event.hold === 'none') return state;
  return withHold(state, event, event.hold === 'stream' ? null : left);
}

function withHold(state: StreamState, event: DeployEvent, digest: Digest | null): StreamState {
  const hold: Hold = {
    digest,
    event: event.id,
    since: timeOf(event),
    by: event.actor.login,
    reason: event.message ?? event.outcome ?? event.kind,
  };
  const held = [hold, ...state.held.filter((it) => it.digest !== digest)];
  // The hold of the whole stream is never the one that goes.
  return { ...state, held: held.filter((it, place) => place < HOLDS_KEPT || it.digest === null) };
}

/** Ending the hold of a digest lets that digest in, so a hold of the whole stream goes too; without a digest all go. */
function withoutHolds(state: StreamState, digest: Digest | undefined): StreamState {
  const held = digest === undefined ? [] : state.held.filter((it) => it.digest !== null && it.digest !== digest);
  return { ...state, held };
}

const sameDigest = (release: Release | null, digest: Digest | null | undefined): boolean =>
  release !== null && release.image.digest === digest;

const sameImage = (release: Release, other: Release | null): boolean => sameDigest(other, release.image.digest);
