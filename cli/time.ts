const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');

/** A length of time for people: `340 ms`, `1.2 s`, `3 m 05 s`, `2 h 03 m`, `1 d 04 h`. */
export function humanDuration(ms: number): string {
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < minute) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} m ${two((ms % minute) / second)} s`;
  if (ms < day) return `${Math.floor(ms / hour)} h ${two((ms % hour) / minute)} m`;
  return `${Math.floor(ms / day)} d ${two((ms % day) / hour)} h`;
}

/** How long ago a moment was: `just now`, `12 s ago`, `3 h ago`; a future one reads `in 5 m`. */
export function humanAge(iso: string | null, nowMs: number): string {
  if (iso === null) return '';
  const distance = nowMs - Date.parse(iso);
  if (Number.isNaN(distance)) return iso;
  if (Math.abs(distance) < second) return 'just now';
  const length = coarse(Math.abs(distance));
  return distance < 0 ? `in ${length}` : `${length} ago`;
}

function coarse(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} m`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}

/** Milliseconds between two moments, up to now while the second has not come; null before the first. */
export function elapsedMs(startedAt: string | null, finishedAt: string | null, nowMs: number): number | null {
  if (startedAt === null) return null;
  return (finishedAt === null ? nowMs : Date.parse(finishedAt)) - Date.parse(startedAt);
}

/** {@link elapsedMs} for people; empty before the start. */
export function humanElapsed(startedAt: string | null, finishedAt: string | null, nowMs: number): string {
  const ms = elapsedMs(startedAt, finishedAt, nowMs);
  return ms === null ? '' : humanDuration(ms);
}
