/** Tests are ES modules in TypeScript; esbuild strips the types, `npm run types` checks them. */
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/transform.mjs' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/examples'],
};

export default {
  watchman: false,
  // Most of the time of an acceptance test is spent waiting for processes that it has started.
  maxWorkers: 3,
  // Git and processes are real, and the machine may be busy.
  testTimeout: 30_000,
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    {
      ...common,
      displayName: 'acceptance',
      testMatch: ['<rootDir>/test/acceptance/**/*.test.ts'],
      // Runs only when there are tests of this project to run.
      globalSetup: '<rootDir>/test/support/library-setup.mjs',
      globalTeardown: '<rootDir>/test/support/library-teardown.mjs',
    },
  ],
};
