import type { Calendar } from './request-schema';
import { dayMs, instantOf, startOfDay, wallTime } from './zoned-time';

/** From its first to its last moment; the last one is not within. */
interface Opening { from: number; to: number }

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
/** How far ahead an open day is looked for: ten years, and a few days for what ends on the last of them. */
const horizonDays = 3_660;

/**
 * The hours of a calendar, over holidays and changes of the clocks. All moments are milliseconds since 1970 in UTC.
 * Null is the answer where the calendar has not enough open time in the next ten years.
 */
export class BusinessHours {
  private readonly days: ReadonlySet<string>;
  private readonly holidays: ReadonlySet<string>;
  private readonly fromMs: number;
  private readonly toMs: number;

  constructor(private readonly calendar: Calendar) {
    this.days = new Set(calendar.days ?? ['mon', 'tue', 'wed', 'thu', 'fri']);
    this.holidays = new Set(calendar.holidays);
    this.fromMs = timeOfDayMs(calendar.from ?? '09:00');
    this.toMs = timeOfDayMs(calendar.to ?? '17:00');
  }

  /** The moment itself when it is open, else the next opening. */
  next(at: number): number | null {
    const { value: opening } = this.openings(at).next();
    return opening ? Math.max(at, opening.from) : null;
  }

  /** The moment at which the calendar has been open for so many milliseconds since `at`. */
  addTime(at: number, ms: number): number | null {
    let left = ms;
    for (const { from, to } of this.openings(at)) {
      const start = Math.max(at, from);
      if (left <= to - start) return start + left;
      left -= to - start;
    }
    return null;
  }

  /**
   * The same time of day so many business days later: Friday 16:00 and one day are Monday 16:00. What begins outside
   * of the hours begins at the next opening.
   */
  addDays(at: number, days: number): number | null {
    const start = this.next(at);
    if (start === null) return null;
    const wall = wallTime(start, this.calendar.timeZone);
    const timeOfDay = wall - startOfDay(wall);
    let passed = 0;
    for (const { from, to } of this.openings(start)) {
      if (passed++ < days) continue;
      const day = startOfDay(wallTime(from, this.calendar.timeZone));
      return Math.min(Math.max(instantOf(day + timeOfDay, this.calendar.timeZone), from), to);
    }
    return null;
  }

  /** The openings that end after `at`, in order. */
  private *openings(at: number): Generator<Opening, undefined> {
    const today = startOfDay(wallTime(at, this.calendar.timeZone));
    for (let day = 0; day < horizonDays; day++) {
      const opening = this.opening(today + day * dayMs);
      if (opening && opening.to > at) yield opening;
    }
  }

  private opening(day: number): Opening | null {
    const date = new Date(day);
    const weekday = weekdays[date.getUTCDay()];
    if (weekday === undefined || !this.days.has(weekday) || this.holidays.has(date.toISOString().slice(0, 10))) return null;
    const { timeZone } = this.calendar;
    const opening = { from: instantOf(day + this.fromMs, timeZone), to: instantOf(day + this.toMs, timeZone) };
    // A place that crosses the date line leaves a whole date out, and an hour that is skipped is no opening.
    const exists = startOfDay(wallTime(opening.from, timeZone)) === day && opening.from < opening.to;
    return exists ? opening : null;
  }
}

function timeOfDayMs(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return ((hours ?? 0) * 60 + (minutes ?? 0)) * 60_000;
}
