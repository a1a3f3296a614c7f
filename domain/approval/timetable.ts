import { parseDuration } from '../duration';
import type { Fault } from '../pipeline/fault';
import { BusinessHours } from './business-hours';
import type { ApprovalRequest, Span } from './request-schema';
import { dayMs } from './zoned-time';

type OnDeadline = NonNullable<ApprovalRequest['onDeadline']>;

/**
 * Every moment that a request waits for, in milliseconds since 1970: worked out once, when it is made. So neither a
 * replay nor a new release of the time zones moves a deadline that people have been told.
 */
export interface Timetable {
  /** The deadline, and after it one for each link of the escalation. Empty where there is none. */
  deadlines: number[];
  onDeadline: OnDeadline;
  reminders: number[];
  /** What messages show times in. */
  timeZone: string;
}

type Timed = Pick<ApprovalRequest, 'deadline' | 'onDeadline' | 'escalation' | 'reminders' | 'calendar'>;

/** The moments of a request that is made at `openedAt`; or why there are none. */
export function timetableOf(request: Timed, openedAt: number): { timetable: Timetable; faults: Fault[] } {
  const clock = new Clock(request.calendar);
  const deadlines = deadlinesOf(request, openedAt, clock);
  const last = deadlines.at(-1) ?? Infinity;
  const reminders = request.reminders ? remindersOf(request.reminders, openedAt, clock).filter((at) => at < last) : [];
  return {
    timetable: { deadlines, onDeadline: request.onDeadline ?? 'expire', reminders, timeZone: request.calendar?.timeZone ?? 'UTC' },
    faults: deadlineFaults(deadlines, openedAt, request.deadline !== undefined),
  };
}

/** Adds up the spans; it ends early at a moment that never comes. */
function deadlinesOf({ deadline, escalation = [] }: Timed, openedAt: number, clock: Clock): number[] {
  const deadlines: number[] = [];
  let at: number | null = deadline === undefined ? null : clock.deadline(deadline, openedAt);
  for (const link of [...escalation, null]) {
    if (at === null) break;
    deadlines.push(at);
    at = link && clock.after(link.within, at);
  }
  return deadlines;
}

function remindersOf({ first, every, atMost = 10 }: NonNullable<Timed['reminders']>, openedAt: number, clock: Clock): number[] {
  const reminders: number[] = [];
  let at = clock.reminder(first, openedAt);
  while (at !== null && reminders.length < atMost) {
    reminders.push(at);
    at = every === undefined ? null : clock.reminder(every, at);
  }
  return reminders;
}

/** Ten years, leap days included. */
const furthestMs = 3_653 * dayMs;

function deadlineFaults(deadlines: number[], openedAt: number, wanted: boolean): Fault[] {
  const [first] = deadlines;
  if (!wanted) return [];
  if (first === undefined) return [deadlineFault('never comes')];
  if (first <= openedAt) return [deadlineFault('has passed already')];
  return first - openedAt > furthestMs ? [deadlineFault('is more than ten years away')] : [];
}

const deadlineFault = (problem: string): Fault => ({ code: 'approval.deadline', message: `the deadline ${problem}`, path: '/deadline' });

/** Spans by the clock or by the calendar. */
class Clock {
  private readonly hours: BusinessHours | undefined;

  constructor(calendar: Timed['calendar']) {
    this.hours = calendar && new BusinessHours(calendar);
  }

  after(span: Span, at: number): number | null {
    if (typeof span === 'string') return moment(at + (parseDuration(span) ?? Number.NaN));
    if ('businessTime' in span) return this.hours?.addTime(at, parseDuration(span.businessTime) ?? 0) ?? null;
    return this.hours?.addDays(at, span.businessDays) ?? null;
  }

  /** A duration, or the time itself. */
  deadline(deadline: NonNullable<Timed['deadline']>, at: number): number | null {
    const isTime = typeof deadline === 'string' && parseDuration(deadline) === null;
    return isTime ? moment(Date.parse(deadline)) : this.after(deadline, at);
  }

  /** Nobody is reminded at night: it waits for the next business hour. */
  reminder(span: Span, at: number): number | null {
    const due = this.after(span, at);
    return due === null || !this.hours ? due : this.hours.next(due);
  }
}

const moment = (at: number): number | null => (Number.isNaN(at) ? null : at);
