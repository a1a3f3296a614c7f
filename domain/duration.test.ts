import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration';

describe('durations', () => {
  it.each([
    ['500ms', 500], ['30s', 30_000], ['5m', 300_000], ['2h', 7_200_000], ['7d', 604_800_000], ['0s', 0], ['1.5h', 5_400_000],
    ['0.001s', 1], ['PT1H30M', 5_400_000], ['P2D', 172_800_000], ['P1W', 604_800_000], ['PT0.5S', 500], ['P1DT12H', 129_600_000],
  ])('reads %s as %d milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', 's', '5 m', '-5m', '5M', '1h30m', 'P', 'PT', 'P1Y', 'P1M', '1e3s', '0.0001s', '0.5ms', '999999999999999d', '5m\n', '٣s'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  it.each([[0, '0ms'], [500, '500ms'], [90_000, '90s'], [7_200_000, '2h'], [1_500, '1500ms'], [604_800_000, '7d']])('writes %d as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('reads what it wrote', () => {
    fc.assert(fc.property(fc.nat(), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});
