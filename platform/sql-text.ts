/** A string in SQL, whatever it holds. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** A value in SQL, whatever it holds: for texts that we write. What users write takes parameters. */
export const literal = (value: string | number | boolean): string => (typeof value === 'string' ? quote(value) : String(value));
/** A name in SQL, whatever it holds. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
