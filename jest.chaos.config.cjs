/** `npm run chaos`: what is still true while parts of the system are killed, stopped or filled up. Minutes long, one scenario after the other. */
const { projects, testTimeout } = require('./jest.config.cjs');

const integration = projects.find(({ displayName }) => displayName === 'integration');
module.exports = { ...integration, displayName: 'chaos', testMatch: ['<rootDir>/test/chaos/*.check.ts'], maxWorkers: 1, testTimeout };
