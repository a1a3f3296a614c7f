/** Packages that ship ES modules only, and so must pass through the transform. */
const esmOnly = ['@marcbachmann/cel-js', 'uuid', 'postal-mime', 'log-update', 'ansi-escapes', 'cli-cursor', 'restore-cursor', 'onetime', 'mimic-function', 'slice-ansi', 'string-width', 'strip-ansi', 'wrap-ansi', 'ansi-regex', 'ansi-styles', 'is-fullwidth-code-point', 'get-east-asian-width', 'environment', 'eventsource-parser', 're2js'];

const common = {
  rootDir: __dirname,
  testEnvironment: '<rootDir>/test/harness/node-environment.cjs',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.datamcp/'],
  transform: {
    '\\.m?[jt]s$': ['@swc/jest', {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
};

module.exports = {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/{domain,platform,cli,activities,api,devstack,workflows}/**/*.test.ts'],
      setupFiles: ['<rootDir>/test/harness/random.cjs'],
    },
    {
      ...common,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      globalSetup: '<rootDir>/test/harness/global-setup.ts',
      globalTeardown: '<rootDir>/test/harness/global-teardown.ts',
      coveragePathIgnorePatterns: ['<rootDir>/'],
    },
  ],
  testSequencer: '<rootDir>/test/harness/sequencer.cjs',
  // On two cores: tests on real servers wait for them part of their time.
  maxWorkers: 3,
  // What test files leave behind in a process makes the later ones slow.
  workerIdleMemoryLimit: '900MB',
  testTimeout: 120_000,
  // With --coverage: the rules of the product are tested branch by branch by tests that need nothing else.
  collectCoverageFrom: ['domain/**/*.ts'],
  coverageDirectory: '<rootDir>/node_modules/.cache/coverage',
  coverageReporters: ['text-summary', 'json'],
  coverageThreshold: { global: { branches: 95 } },
};
