const common = {
  rootDir: import.meta.dirname,
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testEnvironment: '<rootDir>/packages/testing/src/jest-environment.ts',
}

/** One jest for the whole workspace: all tests share the parts, all scenarios one running supergraph too. */
export default {
  projects: [
    {
      ...common,
      displayName: 'parts',
      roots: ['packages', 'services', 'gateway', 'infra', 'bench'].map((folder) => `<rootDir>/${folder}`),
      globalSetup: '<rootDir>/packages/testing/src/global-setup.ts',
    },
    {
      ...common,
      displayName: 'e2e',
      roots: ['<rootDir>/e2e'],
      globalSetup: '<rootDir>/e2e/global-setup.ts',
      globalTeardown: '<rootDir>/e2e/global-teardown.ts',
    },
  ],
  // For what hangs: how long a test takes says more about the machine than about the code.
  testTimeout: 600_000,
  // On two cores a third one uses what the others leave while they wait: 16 minutes instead of 19. A fourth was not tried.
  maxWorkers: 3,
}
