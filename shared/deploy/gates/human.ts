import { believed } from '../facts.ts';
import { type Gate, passed, refused } from './gate.ts';

/** After a rollback that failed only a person goes on; a rollback that someone asks for is that person. */
export const human: Gate = {
  name: 'human',
  check({ record, mode }) {
    const waiting = believed(record)?.needs_human;
    if (!waiting) return passed('No one needs to decide anything.');
    if (mode === 'rollback') return passed(`A person was needed, and asked for this rollback: ${waiting.sentence}`);
    return refused('needs-human', `A person must decide since event ${waiting.event}: ${waiting.sentence}`);
  },
};
