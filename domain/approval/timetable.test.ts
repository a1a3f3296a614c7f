import type { Calendar } from './request-schema';
import { timetableOf } from './timetable';

const friday = Date.parse('2026-11-20T12:00:00Z');
const kyiv: Calendar = { timeZone: 'Europe/Kyiv' };
const iso = (moments: number[]): string[] => moments.map((at) => new Date(at).toISOString().slice(0, 16));

describe('the deadline of a request', () => {
  it.each<[string, Parameters<typeof timetableOf>[0], string[]]>([
    ['is a duration by the clock', { deadline: '48h' }, ['2026-11-22T12:00']],
    ['is a moment', { deadline: '2026-11-27T17:00:00+02:00' }, ['2026-11-27T15:00']],
    ['is business time', { deadline: { businessTime: '5h' }, calendar: kyiv }, ['2026-11-23T09:00']],
    ['is some business days', { deadline: { businessDays: 2 }, calendar: kyiv }, ['2026-11-24T12:00']],
    ['is in ten years', { deadline: '3653d' }, ['2036-11-20T12:00']],
    ['is none', {}, []],
    ['is followed by one for each link of the escalation', { deadline: '1d', onDeadline: 'escalate', calendar: kyiv, escalation: [{ to: { users: ['dora'] }, within: { businessDays: 1 } }, { to: { users: ['eve'] }, within: '2h' }] }, ['2026-11-21T12:00', '2026-11-24T07:00', '2026-11-24T09:00']],
  ])('%s', (_name, request, deadlines) => {
    const { timetable, faults } = timetableOf(request, friday);
    expect(iso(timetable.deadlines)).toEqual(deadlines);
    expect(faults).toEqual([]);
  });

  it.each<[string, Parameters<typeof timetableOf>[0], string]>([
    ['has passed', { deadline: '2026-11-20T12:00:00Z' }, 'has passed already'],
    ['is too far away', { deadline: '2037-01-01T00:00:00Z' }, 'does not come within ten years'],
    ['never comes', { deadline: { businessDays: 1 }, calendar: { timeZone: 'UTC', days: ['mon'], from: '10:00', to: '10:00' } }, 'does not come within ten years'],
    ['never comes, in time', { deadline: { businessTime: '1h' }, calendar: { timeZone: 'UTC', days: ['mon'], from: '10:00', to: '10:00' } }, 'does not come within ten years'],
    ['has no calendar to be counted by', { deadline: { businessTime: '1h' } }, 'does not come within ten years'],
    ['has no days to be counted by', { deadline: { businessDays: 1 } }, 'does not come within ten years'],
    ['is no time', { deadline: 'soon' }, 'does not come within ten years'],
  ])('is a fault when it %s', (_name, request, problem) => {
    expect(timetableOf(request, friday).faults).toEqual([{ code: 'approval.deadline', message: `the deadline ${problem}`, path: '/deadline' }]);
  });

  it('is a fault of the escalation when only the one after it does not come', () => {
    const escalation = [{ to: { users: ['dora'] }, within: '1d' }, { to: { users: ['eve'] }, within: '3653d' }];
    expect(timetableOf({ deadline: '1d', escalation }, friday).faults).toEqual([{ code: 'approval.deadline', message: 'the deadline does not come within ten years', path: '/escalation/1/within' }]);
  });

  it('says what happens then, and in which time zone it is told', () => {
    expect(timetableOf({ deadline: '1d', onDeadline: 'cancel', calendar: kyiv }, friday).timetable).toMatchObject({ onDeadline: 'cancel', timeZone: 'Europe/Kyiv' });
    expect(timetableOf({}, friday).timetable).toMatchObject({ onDeadline: 'expire', timeZone: 'UTC' });
  });
});

describe('the reminders of a request', () => {
  const reminders = (request: Parameters<typeof timetableOf>[0]): string[] => iso(timetableOf(request, friday).timetable.reminders);

  it('repeat until the last deadline', () => {
    expect(reminders({ deadline: '3d', reminders: { first: '1d', every: '12h' } })).toEqual(['2026-11-21T12:00', '2026-11-22T00:00', '2026-11-22T12:00', '2026-11-23T00:00']);
  });

  it('are ten at most, or as many as are asked for, without a deadline too', () => {
    expect(reminders({ reminders: { first: '1h', every: '1h' } })).toHaveLength(10);
    expect(reminders({ reminders: { first: '1h', every: '1h', atMost: 2 } })).toEqual(['2026-11-20T13:00', '2026-11-20T14:00']);
    expect(reminders({ reminders: { first: '1h' } })).toEqual(['2026-11-20T13:00']);
  });

  it('are looked for no further than ten years ahead: a calendar with a minute a week keeps nobody busy', () => {
    const rare: Calendar = { timeZone: 'Europe/Kyiv', days: ['mon'], from: '09:00', to: '09:01' };
    expect(reminders({ calendar: rare, reminders: { first: { businessTime: '8h' }, every: { businessTime: '8h' }, atMost: 100 } })).toEqual(['2036-02-04T07:00']);
  });

  it('wait for business hours', () => {
    expect(reminders({ calendar: kyiv, reminders: { first: '8h', every: { businessDays: 1 }, atMost: 2 } })).toEqual(['2026-11-23T07:00', '2026-11-24T07:00']);
    expect(reminders({ reminders: { first: 'soon' } })).toEqual([]);
  });
});
