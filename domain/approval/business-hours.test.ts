import fc from 'fast-check';
import { BusinessHours } from './business-hours';
import type { Calendar } from './request-schema';
import { dayMs, instantOf, wallTime } from './zoned-time';

const at = (text: string): number => Date.parse(text);
const iso = (moment: number | null): string | null => (moment === null ? null : new Date(moment).toISOString().replace('.000Z', 'Z'));
const kyiv: Calendar = { timeZone: 'Europe/Kyiv', holidays: ['2026-12-25'] };
const hour = 3_600_000;
const quarterMs = hour / 4;

describe('a time zone', () => {
  it.each([
    ['Europe/Kyiv', '2026-11-20T15:00:00Z', '2026-11-20T17:00'],
    ['America/New_York', '2026-07-01T12:00:00Z', '2026-07-01T08:00'],
    ['Asia/Kathmandu', '2026-01-01T00:00:00Z', '2026-01-01T05:45'],
    ['Pacific/Apia', '2011-12-30T12:00:00Z', '2011-12-31T02:00'],
    ['UTC', '1969-12-31T23:59:59Z', '1969-12-31T23:59:59'],
  ])('of %s shows at %s the time %s, and back', (zone, moment, wall) => {
    expect(wallTime(at(moment), zone)).toBe(at(`${wall}Z`));
    expect(instantOf(at(`${wall}Z`), zone)).toBe(at(moment));
  });

  it('has the first of two moments at which its clocks show the same, and shifts a time that they skip', () => {
    expect(iso(instantOf(at('2026-10-25T03:30:00Z'), 'Europe/Kyiv'))).toBe('2026-10-25T00:30:00Z');
    expect(iso(instantOf(at('2026-03-29T03:30:00Z'), 'Europe/Kyiv'))).toBe('2026-03-29T01:30:00Z');
  });
});

describe('the next business moment', () => {
  it.each([
    ['is the moment itself while it is open', '2026-11-20T10:00:00Z', '2026-11-20T10:00:00Z'],
    ['is the opening of the same day', '2026-11-20T03:00:00Z', '2026-11-20T07:00:00Z'],
    ['passes over a weekend', '2026-11-20T15:00:00Z', '2026-11-23T07:00:00Z'],
    ['passes over a holiday', '2026-12-24T15:00:00Z', '2026-12-28T07:00:00Z'],
  ])('%s', (_name, from, to) => {
    expect(iso(new BusinessHours(kyiv).next(at(from)))).toBe(to);
  });

  it('does not come where nobody ever works', () => {
    const never: Calendar = { timeZone: 'UTC', days: ['sun'], from: '03:10', to: '03:10' };
    expect(new BusinessHours(never).next(0)).toBeNull();
    expect(new BusinessHours(never).addTime(0, 1)).toBeNull();
    expect(new BusinessHours(never).addDays(0, 1)).toBeNull();
  });
});

describe('business time', () => {
  it('ends with the day when it is used up, and goes on the next open day when not', () => {
    const hours = new BusinessHours(kyiv);
    expect(iso(hours.addTime(at('2026-11-20T13:00:00Z'), 2 * hour))).toBe('2026-11-20T15:00:00Z');
    expect(iso(hours.addTime(at('2026-11-20T13:00:00Z'), 3 * hour))).toBe('2026-11-23T08:00:00Z');
  });

  it('is as long as it takes, also in a night in which the clocks change', () => {
    const nights: Calendar = { timeZone: 'Europe/Kyiv', days: ['sun'], from: '00:00', to: '24:00' };
    expect(iso(new BusinessHours(nights).addTime(at('2026-03-28T22:00:00Z'), 23 * hour))).toBe('2026-03-29T21:00:00Z');
    expect(iso(new BusinessHours(nights).addTime(at('2026-10-24T21:00:00Z'), 25 * hour))).toBe('2026-10-25T22:00:00Z');
  });

  it('has no day that a place left out when it crossed the date line', () => {
    const apia: Calendar = { timeZone: 'Pacific/Apia', days: ['thu', 'fri', 'sat'] };
    const [thursday, saturday] = [at('2011-12-29T09:00:00-10:00'), at('2011-12-31T09:00:00+14:00')];
    expect(new BusinessHours(apia).addTime(thursday, 9 * hour)).toBe(saturday + hour);
  });

  it('ends after ten years of working half an hour a week', () => {
    const rare: Calendar = { timeZone: 'America/New_York', days: ['tue'], from: '10:00', to: '10:30' };
    expect(iso(new BusinessHours(rare).addTime(at('2026-11-21T00:00:00Z'), 260 * hour))).toBe('2036-11-04T15:30:00Z');
  });

  it('is counted as somebody would who looks at the clock every quarter of an hour, in any zone', () => {
    const sample = fc.record({
      timeZone: fc.constantFrom('UTC', 'Europe/Kyiv', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
      day: fc.integer({ min: 0, max: 370 }), quarter: fc.nat(95), quarters: fc.integer({ min: 1, max: 100 }),
    });
    fc.assert(fc.property(sample, ({ timeZone, day, quarter, quarters }) => {
      const calendar: Calendar = { timeZone, days: ['mon', 'wed', 'sun'], from: '00:30', to: '06:00', holidays: ['2026-04-05'] };
      const start = at('2026-01-01T00:00:00Z') + day * dayMs + quarter * quarterMs;
      expect(new BusinessHours(calendar).addTime(start, quarters * quarterMs)).toBe(slowly(calendar, start, quarters));
    }), { numRuns: 100 });
  });
});

function slowly({ timeZone, holidays }: Calendar, start: number, quarters: number): number {
  let left = quarters;
  let moment = start;
  for (; left > 0; moment += quarterMs) {
    const wall = new Date(wallTime(moment, timeZone));
    const [date = '', time = ''] = wall.toISOString().split('T');
    if ([0, 1, 3].includes(wall.getUTCDay()) && !holidays?.includes(date) && time >= '00:30' && time < '06:00') left--;
  }
  return moment;
}

describe('business days', () => {
  it.each([
    ['keep the time of day', '2026-11-19T14:00:00Z', 2, '2026-11-23T14:00:00Z'],
    ['begin with the next opening', '2026-11-21T12:00:00Z', 1, '2026-11-24T07:00:00Z'],
    ['keep the time that clocks show over a change of the clocks', '2026-10-23T10:00:00Z', 1, '2026-10-26T11:00:00Z'],
    ['are ten years', '2026-11-19T14:00:00Z', 2_600, '2036-11-07T14:00:00Z'],
  ])('%s', (_name, from, days, to) => {
    expect(iso(new BusinessHours(kyiv).addDays(at(from), days))).toBe(to);
  });

  it('stay within the hours of a day whose clocks changed', () => {
    const sundays: Calendar = { timeZone: 'Europe/Kyiv', days: ['sun'], from: '03:00', to: '04:30' };
    expect(iso(new BusinessHours(sundays).addDays(at('2026-03-22T01:15:00Z'), 1))).toBe('2026-03-29T01:15:00Z');
  });
});
