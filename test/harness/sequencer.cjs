const { default: TestSequencer } = require('@jest/test-sequencer');

/** Tests on real servers first: the short ones fill both processes to the end, where one long file would run alone. */
module.exports = class LongFirst extends TestSequencer {
  sort(tests) {
    const isLong = ({ context }) => context.config.displayName?.name === 'integration';
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
