import { isDigest, previousGood, type Release, type StreamState, short } from '../model/index.ts';

/** Where a rollback goes, or why there is nowhere to go. */
type RollbackTarget =
  | { readonly kind: 'found'; readonly release: Release }
  | { readonly kind: 'none'; readonly sentence: string };

/**
 * What a rollback leaves: the live release, or the one in flight. With a deploy in flight a rollback means to stop that
 * one, so that it goes back to what is live, not to the release before.
 */
export function leftBehind(state: StreamState): Release | undefined {
  const flying = state.in_doubt?.release;
  const live = state.live ?? undefined;
  return flying !== undefined && flying.image.digest !== live?.image.digest ? flying : live;
}

/**
 * Reads the input `to` against the stream. A digest or an event that a person names is taken even when it is held: a hold
 * keeps a digest from coming back by itself.
 */
export function rollbackTarget(state: StreamState, to: string | undefined): RollbackTarget {
  if (to === undefined || to === 'previous') {
    const release = previousGood(state, leftBehind(state));
    const place = `${state.service} in ${state.environment}`;
    return release === undefined
      ? { kind: 'none', sentence: `${place} has no other image that settled good and is not held.` }
      : { kind: 'found', release };
  }
  const release = state.good.find((it) => it.event === to || it.image.digest === to);
  if (release !== undefined) return { kind: 'found', release };
  const named = isDigest(to) ? `The digest ${short(to)}` : `The event ${to}`;
  return {
    kind: 'none',
    sentence: `${named} is none of the ${state.good.length} that settled good for ${state.service} in ${state.environment}.`,
  };
}
