/** What one task of the comparison does: nothing. */
export const step = (): Promise<null> => Promise.resolve(null);
