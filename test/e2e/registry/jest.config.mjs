/** The storm is the one of the unit tests, with more seeds. */
export default {
  rootDir: '../../..',
  watchman: false,
  maxWorkers: 2,
  testTimeout: 120_000,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/transform.mjs' },
  testMatch: ['<rootDir>/test/e2e/registry/*.test.ts', '<rootDir>/test/unit/registry/storm.test.ts'],
};
