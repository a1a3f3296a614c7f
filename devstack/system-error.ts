/** Whether an error of the operating system has that code (`ENOENT`, …). Not by `instanceof`: errors of Node's own modules may be of another realm. */
export const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
