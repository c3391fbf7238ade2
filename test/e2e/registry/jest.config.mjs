import { jestOf } from '../jest-of.mjs';

/** The storm is the one of the unit tests, with more seeds; it has registries of its own. */
export default jestOf('registry', {
  maxWorkers: 2,
  testTimeout: 120_000,
  testMatch: ['<rootDir>/test/e2e/registry/*.test.ts', '<rootDir>/test/unit/registry/storm.test.ts'],
});
