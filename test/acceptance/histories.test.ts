import { expect, test } from '@jest/globals';
import { type Met, meetAll } from '../support/histories/histories.ts';
import { LIBRARY } from '../support/runner.ts';

/*
 * A few random histories against the oracle; test/e2e/histories/run meets ten thousand. A seed that fails is replayed by
 * `SLIPWAY_SEED=<seed> SLIPWAY_HISTORIES=1 test/e2e/histories/run`.
 */

const FIRST = 64;
const COUNT = 65;

test('what is selected, left out and told is what an oracle finds that compares whole trees', async () => {
  const met: Met[] = [];
  const seeds = Array.from({ length: COUNT }, (_, index) => FIRST + index);
  await meetAll(seeds, { atOnce: 3, library: LIBRARY, done: (it) => met.push(it) });
  expect(met.filter(({ faults }) => faults.length > 0).map(({ seed, faults }) => [seed, ...faults].join('\n'))).toEqual(
    [],
  );
  expect(met.length).toBe(COUNT);
  // Neither all nor nothing, or the histories say little.
  const [selected, leftOut] = [sum(met, (it) => it.selected), sum(met, (it) => it.leftOut)];
  expect(Math.min(selected, leftOut)).toBeGreaterThan(COUNT / 2);
});

const sum = (met: readonly Met[], of: (it: Met) => number): number => met.reduce((total, it) => total + of(it), 0);
