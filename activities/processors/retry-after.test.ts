import { retryAfterMs } from './retry-after';

const now = Date.parse('2001-01-01T00:00:00Z');

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    ['Mon, 01 Jan 2001 00:00:30 GMT', 30_000],
    ['Sun, 31 Dec 2000 00:00:00 GMT', 0],
    ['99999999999999999999', 3_600_000],
    ['Fri, 01 Jan 2100 00:00:00 GMT', 3_600_000],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s means %s ms', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
