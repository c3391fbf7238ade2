import { expect, test } from '@jest/globals';
import { type Ending, startStorm } from '../../support/registry-storm.ts';

/** Seeds begin here, so that a seed of a message can be run alone: `SLIPWAY_STORM_SEED=17 SLIPWAY_STORM_RUNS=1`. */
const FIRST = Number(process.env['SLIPWAY_STORM_SEED'] ?? 1);
const RUNS = Number(process.env['SLIPWAY_STORM_RUNS'] ?? 50);
const PATIENCE_MS = 60_000 + RUNS * 1_000;

test(
  `seeds ${FIRST} to ${FIRST + RUNS - 1}: whatever goes wrong, a push ends with the right image under its tag, or with a named error and no tag`,
  async () => {
    const storm = await startStorm();
    const endings: Ending[] = [];
    try {
      for (let seed = FIRST; seed < FIRST + RUNS; seed += 1) endings.push(await storm.run(seed));
    } finally {
      await storm.close();
    }
    const count = (kind: string) => endings.filter((it) => it.kind === kind).length;
    const faults = endings.reduce((sum, it) => sum + it.faults, 0);
    const codes = [...new Set(endings.map(({ code }) => code ?? 'none'))].sort().join(', ');
    process.stdout.write(
      `seeds ${FIRST}-${FIRST + RUNS - 1}: ${faults} faults; ${count('good')} good, ${count('error')} errors without a tag, ` +
        `${count('late')} errors whose tag is right; codes ${codes}\n`,
    );
    if (RUNS >= 50) expect(count('good')).toBeGreaterThan(RUNS / 4);
    if (RUNS >= 50) expect(count('error')).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);
