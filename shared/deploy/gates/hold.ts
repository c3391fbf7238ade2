import { type Hold, holdOn, short } from '../../model/index.ts';
import { believed } from '../facts.ts';
import { type Gate, type GateAnswer, passed } from './gate.ts';

/** What was rolled back here does not come back by itself. */
export const hold: Gate = {
  name: 'hold',
  appliesToRollback: false,
  check({ record, release }) {
    const state = believed(record);
    const found = state && holdOn(state, release.image.digest);
    return found === undefined ? passed(`${short(release.image.digest)} is not held.`) : stopped(found);
  },
};

function stopped(it: Hold): GateAnswer {
  const what = it.digest === null ? 'The whole stream' : short(it.digest);
  const sentence = `${what} is held since ${it.since} by ${it.by}: ${it.reason}`;
  return { kind: 'stopped', outcome: 'held', reason: 'held', sentence };
}
