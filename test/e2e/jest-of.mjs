/**
 * The settings of jest for one end-to-end suite. What it starts (builders, a cluster, registries) is shared by its tests, so
 * they take turns.
 */
export const jestOf = (suite, more = {}) => ({
  rootDir: '../../..',
  watchman: false,
  maxWorkers: 1,
  testTimeout: 180_000,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/transform.mjs' },
  testMatch: [`<rootDir>/test/e2e/${suite}/*.test.ts`],
  ...more,
});

/** For suites whose tests start the bundles: the library is copied once, to a folder of its own. */
export const WITH_LIBRARY = {
  globalSetup: '<rootDir>/test/support/library-setup.mjs',
  globalTeardown: '<rootDir>/test/support/library-teardown.mjs',
};
