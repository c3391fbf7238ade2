/** Builders are processes of their own that all tests share, so they take turns. */
export default {
  rootDir: '../../..',
  watchman: false,
  maxWorkers: 1,
  testTimeout: 180_000,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/transform.mjs' },
  testMatch: ['<rootDir>/test/e2e/builder/*.test.ts'],
  globalSetup: '<rootDir>/test/support/library-setup.mjs',
  globalTeardown: '<rootDir>/test/support/library-teardown.mjs',
};
