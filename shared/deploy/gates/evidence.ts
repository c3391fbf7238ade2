import { type Gate, passed, refused } from './gate.ts';

/** Evidence that a digest must carry, beside having settled in the environment before. */
export const evidence: Gate = {
  name: 'evidence',
  overridable: true,
  appliesToRollback: false,
  check({ environment }) {
    const wanted = environment.require.map((it) => it.gate);
    if (wanted.length === 0) return passed('No evidence is required.');
    const names = wanted.join(', ');
    return refused('not-yet', `${environment.name} requires evidence (${names}), which this version cannot read.`);
  },
};
