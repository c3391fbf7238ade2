/** One after the other: each file has processes, a registry and a port of its own, and the machine is small. */
export default {
  rootDir: '../../..',
  watchman: false,
  maxWorkers: 1,
  testTimeout: 600_000,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/transform.mjs' },
  testMatch: ['<rootDir>/test/e2e/workflows/*.test.ts'],
};
