import { type Hold, short } from '../../model/index.ts';
import { believed } from '../facts.ts';
import { type Gate, type GateAnswer, passed } from './gate.ts';

/** What was rolled back here does not come back by itself. */
export const hold: Gate = {
  name: 'hold',
  overridable: true,
  appliesToRollback: false,
  check({ record, release }) {
    const holds = believed(record)?.held ?? [];
    const stream = holds.find((it) => it.digest === null);
    const digest = holds.find((it) => it.digest === release.image.digest);
    const found = stream ?? digest;
    return found === undefined ? passed(`${short(release.image.digest)} is not held.`) : stopped(found);
  },
};

function stopped(it: Hold): GateAnswer {
  const what = it.digest === null ? 'The whole stream' : short(it.digest);
  const sentence = `${what} is held since ${it.since} by ${it.by}: ${it.reason}`;
  return { kind: 'stopped', outcome: 'held', reason: 'held', sentence };
}
