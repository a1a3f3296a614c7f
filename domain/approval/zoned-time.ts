/**
 * Clock and calendar of a time zone. A wall time is what the clocks there show, as the milliseconds at which it would
 * be in UTC. The rules of time zones come with Node and change: who needs the same answer again, as workflows do,
 * keeps it.
 */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  // Sweden writes dates as ISO 8601 has them.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  formats.set(zone, format);
  return format;
}

export const dayMs = 86_400_000;

/** What the clocks show at a moment. @throws RangeError for a time zone that does not exist */
export function wallTime(at: number, zone: string): number {
  const seconds = Date.parse(`${formatOf(zone).format(at).replace(' ', 'T')}Z`);
  return seconds + (at - Math.floor(at / 1_000) * 1_000);
}

/**
 * The moment at which the clocks show this. Where they show it twice it is the first time; where they skip it, it is
 * as much after the gap as it lies within (`compatible` in the standard of ECMAScript's Temporal).
 */
export function instantOf(wall: number, zone: string): number {
  // No place is a day away from UTC, so that these are the offsets before and after a change of the clocks near by.
  const before = wallTime(wall - dayMs, zone) - (wall - dayMs);
  const after = wallTime(wall + dayMs, zone) - (wall + dayMs);
  if (before === after) return wall - before;
  const fitting = [wall - before, wall - after].filter((at) => wallTime(at, zone) === wall);
  return fitting.length > 0 ? Math.min(...fitting) : wall - before;
}

export const startOfDay = (wall: number): number => Math.floor(wall / dayMs) * dayMs;
