import { short } from '../../model/index.ts';
import { type Before, believed } from '../facts.ts';
import { type Gate, passed, refused } from './gate.ts';

/**
 * The digest must have settled in every environment before, must not be held there, and must not be in doubt there.
 * A record alone is not enough where the target can be looked at: it must show what the record says is live.
 * Commits are no help: one that is built twice gives two digests.
 */
export const promotion: Gate = {
  name: 'promotion',
  appliesToRollback: false,
  check({ before, release }) {
    if (before.length === 0) return passed('No environment comes before this one.');
    const digest = release.image.digest;
    for (const it of before) {
      const missing = whyNot(it, digest);
      if (missing !== undefined) return refused('promotion-missing', missing);
    }
    return passed(`${short(digest)} settled in ${before.map(placeName).join(' and ')}.`);
  },
};

function whyNot(it: Before, digest: string): string | undefined {
  const name = `${short(digest)} has not settled in ${it.environment}`;
  const state = believed(it.record);
  if (state === undefined) {
    return it.record === 'missing'
      ? `${name}: nothing was ever deployed there.`
      : `${name} as far as can be told: the record there cannot be believed.`;
  }
  const doubt = state.in_doubt;
  if (doubt?.release.image.digest === digest) {
    return `${short(digest)} is in doubt in ${it.environment}: its deploy by ${doubt.owner} has no end yet.`;
  }
  const held = state.held.find((hold) => hold.digest === digest);
  if (held !== undefined) return `${short(digest)} is held in ${it.environment} since ${held.since}: ${held.reason}`;
  if (!state.good.some((good) => good.image.digest === digest) && state.live?.image.digest !== digest) {
    const live = state.live === null ? 'nothing' : `${state.live.version} (${short(state.live.image.digest)})`;
    return `${name}: ${live} is live there.`;
  }
  return contradiction(it);
}

/** A forged or stale record is told by the target: it runs neither what the record says nor what is on its way there. */
function contradiction({ environment, record, shows }: Before): string | undefined {
  const state = believed(record);
  const live = state?.live?.image.digest;
  if (shows.kind === 'not-looked' || live === undefined) return undefined;
  if (shows.kind === 'digest' && (shows.digest === live || shows.digest === state?.in_doubt?.release.image.digest)) {
    return undefined;
  }
  const runs = shows.kind === 'nothing' ? 'nothing' : short(shows.digest);
  return `The record says that ${short(live)} is live in ${environment}, but the target there runs ${runs}.`;
}

/** Where it settled, and whether anybody looked. */
function placeName({ environment, shows }: Before): string {
  return shows.kind === 'not-looked' ? `${environment} (by the record; ${shows.why})` : environment;
}
