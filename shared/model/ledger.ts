import type { Release } from './deploy.ts';
import type { DeployEvent } from './event.ts';
import type { Commit, Digest, EnvironmentName, ServiceName } from './names.ts';
import type { Intent } from './target.ts';

/** Names one stream: the events of one service in one environment, in order. */
export interface StreamName {
  readonly environment: EnvironmentName;
  readonly service: ServiceName;
  /** `owner/repo`, where the ledger is shared by repositories; undefined otherwise. */
  readonly repository: string | undefined;
}

/** What a stream says now; it stands beside every event as `state.json`, so that no history is needed to read it. */
export interface StreamState {
  readonly v: 1;
  readonly environment: EnvironmentName;
  readonly service: ServiceName;
  readonly repository: string;
  /** Number of the newest event, from 1. */
  readonly seq: number;
  readonly live: Release | null;
  /** Releases that settled good, newest first, each digest once, live included; bounded by GOOD_RELEASES_KEPT. */
  readonly good: readonly Release[];
  readonly held: readonly Hold[];
  /** A started deploy without an end. */
  readonly in_doubt: InDoubt | null;
  /** Set when a rollback failed, or must not be done by a machine: automatic deploys stop. */
  readonly needs_human: { readonly event: string; readonly sentence: string } | null;
  /** ISO 8601 UTC of the newest event. */
  readonly updated: string;
}

/** How far back a rollback can reach. */
export const GOOD_RELEASES_KEPT = 20;
/** How many holds of digests a stream keeps; the oldest go first. */
export const HOLDS_KEPT = 50;

/** A digest (or, with null, the whole stream) that must not be deployed by itself. */
export interface Hold {
  readonly digest: Digest | null;
  readonly event: string;
  readonly since: string;
  readonly by: string;
  readonly reason: string;
}

/** What to go back to is not said again: while a deploy is in doubt, `live` of its stream is what ran before it. */
export interface InDoubt {
  readonly event: string;
  /** What its run was asked for; left out: `deploy`. */
  readonly mode?: Intent['mode'];
  /** Whether a failure may be taken back without a person; left out: it may. */
  readonly automatic?: boolean;
  readonly release: Release;
  readonly started: string;
  readonly owner: string;
  /** ISO 8601 UTC until when the owner may write, where the stream itself is the lease (a target without a store). */
  readonly expires?: string;
}

/** A stream as it was read: its newest commit in the ledger, and its state when that can be believed. */
export type StreamReading =
  | { readonly kind: 'missing' }
  | { readonly kind: 'believed'; readonly tip: Commit; readonly state: StreamState }
  | { readonly kind: 'unbelievable'; readonly tip: Commit; readonly why: string };

/** One event with its place in the ledger. */
export interface RecordedEvent {
  readonly event: DeployEvent;
  /** Commit of the ledger that holds it. */
  readonly at: Commit;
}

/**
 * What a rollback goes back to, `previous` of the contract: the newest release that settled good and is neither the one
 * that is left nor held.
 *
 * @param left what runs, or the release of a deploy in flight that the rollback shall stop
 */
export function previousGood(state: StreamState, left: Pick<Release, 'image'> | null | undefined): Release | undefined {
  return state.good.find(({ image }) => image.digest !== left?.image.digest && !hasHold(state, image.digest));
}

/** What keeps a digest from being deployed: its own hold, or that of the whole stream. */
export function holdOn(state: StreamState, digest: Digest): Hold | undefined {
  return state.held.find((hold) => hold.digest === digest) ?? state.held.find((hold) => hold.digest === null);
}

const hasHold = (state: StreamState, digest: Digest): boolean => state.held.some((hold) => hold.digest === digest);
