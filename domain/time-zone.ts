/** Whether this is an IANA time zone. Node takes names in any case; elsewhere they are files, and their names begin with capitals. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name.split('/').every((part) => /^[A-Z]/.test(part));
  } catch {
    return false;
  }
}
