import { believed } from '../facts.ts';
import { type Gate, passed, refused } from './gate.ts';

/** After a rollback that failed only a person goes on: the one who asks for the next rollback. */
export const human: Gate = {
  name: 'human',
  appliesToRollback: false,
  check({ record }) {
    const waiting = believed(record)?.needs_human;
    if (!waiting) return passed('No one needs to decide anything.');
    return refused('needs-human', `A person must decide since event ${waiting.event}: ${waiting.sentence}`);
  },
};
