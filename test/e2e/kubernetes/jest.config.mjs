/** One worker: the cluster has one node, and the machine may have two processors. */
export default {
  rootDir: '../../..',
  watchman: false,
  maxWorkers: 1,
  testTimeout: 180_000,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/transform.mjs' },
  testMatch: ['<rootDir>/test/e2e/kubernetes/*.test.ts'],
  globalSetup: '<rootDir>/test/support/library-setup.mjs',
  globalTeardown: '<rootDir>/test/support/library-teardown.mjs',
};
