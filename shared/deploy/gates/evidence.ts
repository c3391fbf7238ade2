import { notYet } from '../../model/index.ts';
import { type Gate, passed, refusedBy } from './gate.ts';

/** Evidence that a digest must carry, beside having settled in the environment before. */
export const evidence: Gate = {
  name: 'evidence',
  appliesToRollback: false,
  check({ environment }) {
    const wanted = environment.require.map((it) => it.gate);
    if (wanted.length === 0) return passed('No evidence is required.');
    return refusedBy(notYet({ key: `environments.${environment.name}.require`, value: wanted.join(', ') }));
  },
};
