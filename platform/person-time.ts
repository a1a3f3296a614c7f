/** A time for people: `Tue 24 Nov 2026, 17:00 (Europe/Berlin)`. @param at milliseconds since 1970 */
export function personTime(at: number, timeZone: string): string {
  const parts = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone } as const;
  return `${new Intl.DateTimeFormat('en-GB', parts).format(at)} (${timeZone})`;
}
