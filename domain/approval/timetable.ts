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
  const reminders = request.reminders ? remindersOf(request.reminders, openedAt, deadlines.at(-1) ?? openedAt + furthestMs, clock) : [];
  return {
    timetable: { deadlines, onDeadline: request.onDeadline ?? 'expire', reminders, timeZone: request.calendar?.timeZone ?? 'UTC' },
    faults: deadlineFaults(request, deadlines, openedAt),
  };
}

/** Ten years, leap days included: nothing is waited for longer, and no calendar is looked at further ahead. */
const furthestMs = 3_653 * dayMs;

/** Adds up the spans; it ends early at a moment that does not come in time. */
function deadlinesOf({ deadline, escalation = [] }: Timed, openedAt: number, clock: Clock): number[] {
  const deadlines: number[] = [];
  let at: number | null = deadline === undefined ? null : clock.deadline(deadline, openedAt);
  for (const link of [...escalation, null]) {
    if (at === null || at - openedAt > furthestMs) break;
    deadlines.push(at);
    at = link && clock.after(link.within, at);
  }
  return deadlines;
}

function remindersOf({ first, every, atMost = 10 }: NonNullable<Timed['reminders']>, openedAt: number, until: number, clock: Clock): number[] {
  const reminders: number[] = [];
  let at = clock.reminder(first, openedAt);
  while (at !== null && at < until && reminders.length < atMost) {
    reminders.push(at);
    at = every === undefined ? null : clock.reminder(every, at);
  }
  return reminders;
}

function deadlineFaults({ deadline, escalation = [] }: Timed, deadlines: number[], openedAt: number): Fault[] {
  const [first = Infinity] = deadlines;
  if (first <= openedAt) return [deadlineFault('has passed already', '/deadline')];
  if (deadline === undefined || deadlines.length > escalation.length) return [];
  return [deadlineFault('does not come within ten years', deadlines.length === 0 ? '/deadline' : `/escalation/${deadlines.length - 1}/within`)];
}

const deadlineFault = (problem: string, path: string): Fault => ({ code: 'approval.deadline', message: `the deadline ${problem}`, path });

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
