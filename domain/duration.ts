/** The longest that a pipeline may name: ten years. */
export const longestDurationMs = 3_650 * 86_400_000;

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

const short = /^(\d{1,15}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;
/** ISO 8601 without years and months, whose length depends on the calendar. */
const iso = /^P(?!$)(?:(\d{1,9}(?:\.\d{1,3})?)W)?(?:(\d{1,9}(?:\.\d{1,3})?)D)?(?:T(?=\d)(?:(\d{1,9}(?:\.\d{1,3})?)H)?(?:(\d{1,9}(?:\.\d{1,3})?)M)?(?:(\d{1,12}(?:\.\d{1,3})?)S)?)?$/;
const isoUnitMs = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000];

/**
 * Milliseconds of a duration such as `500ms`, `30s`, `5m`, `2h`, `7d` or ISO 8601 (`PT1H30M`, `P2D`).
 * Null when the text is not one, is not a whole number of milliseconds, or is too long for a safe integer.
 */
export function parseDuration(text: string): number | null {
  const match = short.exec(text);
  const ms = match ? Number(match[1]) * (unitMs.get(match[2] ?? '') ?? Number.NaN) : parseIso(text);
  const rounded = Math.round(ms);
  return Number.isSafeInteger(rounded) && Math.abs(ms - rounded) < 1e-6 ? rounded : null;
}

function parseIso(text: string): number {
  const match = iso.exec(text);
  if (!match) return Number.NaN;
  return isoUnitMs.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit, 0);
}

/** The shortest exact form with one unit: `90s`, `2h`, `1500ms`. Takes whole milliseconds from 0. */
export function formatDuration(ms: number): string {
  const fitting = [...unitMs].reverse().find(([, size]) => ms >= size && ms % size === 0);
  const [unit, size] = fitting ?? ['ms', 1];
  return `${ms / size}${unit}`;
}
