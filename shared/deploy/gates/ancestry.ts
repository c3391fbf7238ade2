import { type Release, short } from '../../model/index.ts';
import { believed, type NewRelease, type Shown } from '../facts.ts';
import { type Gate, type GateAnswer, passed, refused } from './gate.ts';

/**
 * An older commit must not overtake a newer one. Source commits of deploys are compared, never an image's label: one
 * digest can serve many commits, and a revert brings an old digest with a new commit.
 */
export const ancestry: Gate = {
  name: 'ancestry',
  appliesToRollback: false,
  check({ record, release, ancestry: relation, shows }) {
    const live = believed(record)?.live ?? undefined;
    if (live === undefined || relation === undefined) return passed('Nothing is live, so nothing can be overtaken.');
    const stop = notAfter(release, live, relation);
    if (stop !== undefined) return stop;
    if (runsAlready(release, live, shows)) return unchanged(release, live);
    return passed(`${short(release.commit)} ${relation === 'same' ? 'is the commit that' : 'follows what'} is live.`);
  },
};

/** The image is live by the ledger, and the target does not show another one. */
function runsAlready(release: NewRelease, live: Release, shows: Shown): boolean {
  const digest = release.image.digest;
  return (
    live.image.digest === digest &&
    (shows.kind === 'not-looked' || (shows.kind === 'digest' && shows.digest === digest))
  );
}

function notAfter(release: NewRelease, live: Release, relation: string): GateAnswer | undefined {
  const [mine, theirs] = [short(release.commit), `${live.version} (${short(live.commit)}, by ${live.by})`];
  switch (relation) {
    case 'behind': {
      const sentence = `${mine} is older than what is live: ${theirs}.`;
      return { kind: 'stopped', outcome: 'superseded', reason: 'superseded', sentence };
    }
    case 'diverged':
      return refused('diverged', `${mine} and what is live, ${theirs}, have gone separate ways.`);
    case 'unknown':
      return refused('ancestry-unknown', `Git does not know whether ${mine} follows what is live: ${theirs}.`);
    default:
      return undefined;
  }
}

/** With a new commit it is recorded all the same: the next detection compares with that one. */
function unchanged(release: NewRelease, live: Release): GateAnswer {
  const record = release.commit !== live.commit;
  const since = `${short(release.image.digest)} is live since ${live.since}`;
  const sentence = record ? `${since}; only its commit moves on to ${short(release.commit)}.` : `${since}.`;
  return { kind: 'stopped', outcome: 'unchanged', reason: 'unchanged', sentence, record, final: true };
}
