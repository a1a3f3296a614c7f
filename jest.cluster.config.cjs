/** `npm run cluster`: the end-to-end tests of runs and of a deployment, and what a task costs, on a real Temporal server. */
const { projects, testTimeout } = require('./jest.config.cjs');

const integration = projects.find(({ displayName }) => displayName === 'integration');
module.exports = {
  ...integration,
  displayName: 'cluster',
  testMatch: ['<rootDir>/test/runs/*.test.ts', '<rootDir>/test/faults/worker.test.ts', '<rootDir>/test/deploy/deployment.test.ts'],
  maxWorkers: 1,
  testTimeout,
};
