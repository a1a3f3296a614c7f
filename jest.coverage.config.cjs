const { projects } = require('./jest.config.cjs');

const unit = projects.find(({ displayName }) => displayName === 'unit');

/** `npm run coverage`: the rules of the product, which run without anything else, are tested branch by branch. */
module.exports = {
  ...unit,
  testMatch: ['<rootDir>/domain/**/*.test.ts'],
  maxWorkers: 2,
  testTimeout: 60_000,
  collectCoverage: true,
  collectCoverageFrom: ['domain/**/*.ts'],
  coverageDirectory: '<rootDir>/node_modules/.cache/coverage',
  coverageReporters: ['text-summary', 'json'],
  coverageThreshold: { global: { branches: 95 } },
};
