/** `npm run security`: what takes minutes and a program from outside, on the same servers as the tests. */
const { projects, testTimeout } = require('./jest.config.cjs');

const integration = projects.find(({ displayName }) => displayName === 'integration');
module.exports = { ...integration, displayName: 'security', testMatch: ['<rootDir>/test/security/**/*.check.ts'], testTimeout };
