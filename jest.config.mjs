/** One jest for the whole workspace: every package's tests share the parts that globalSetup starts. */
export default {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/packages', '<rootDir>/services', '<rootDir>/gateway', '<rootDir>/infra', '<rootDir>/e2e', '<rootDir>/bench'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testEnvironment: 'node',
  globalSetup: '<rootDir>/packages/testing/src/global-setup.ts',
  testTimeout: 30_000,
  // Two cores: more workers only make the parts fight for them.
  maxWorkers: 2,
}
