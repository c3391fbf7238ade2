import { type Hold, short } from '../../model/index.ts';
import { believed } from '../facts.ts';
import { type Gate, type GateAnswer, passed } from './gate.ts';

/** What was rolled back here does not come back by itself. */
export const hold: Gate = {
  name: 'hold',
  check({ record, mode, release }) {
    const holds = believed(record)?.held ?? [];
    const stream = holds.find((it) => it.digest === null);
    const digest = holds.find((it) => it.digest === release.image.digest);
    const found = stream ?? digest;
    if (found === undefined) return passed(`${short(release.image.digest)} is not held.`);
    if (mode === 'rollback') return passed(`${said(found)} The rollback was asked for, so it goes on.`);
    return stopped(found);
  },
};

function stopped(it: Hold): GateAnswer {
  return { kind: 'stopped', outcome: 'held', reason: 'held', sentence: said(it) };
}

function said(it: Hold): string {
  const what = it.digest === null ? 'The whole stream' : short(it.digest);
  return `${what} is held since ${it.since} by ${it.by}: ${it.reason}`;
}
