import { at } from './cells';

/**
 * Small numbers as text: one letter each, with a count where it repeats (`s1200i3p40`). A few bytes where neighbours are
 * alike, at worst one byte each.
 * @param letters the letter of each number, in order
 */
export function encodeRunLengths(codes: Uint8Array, letters: string): string {
  const runs: string[] = [];
  for (let start = 0, end = 0; start < codes.length; start = end) {
    while (end < codes.length && codes[end] === codes[start]) end++;
    const length = end - start;
    runs.push(letters.charAt(at(codes, start)) + (length > 1 ? String(length) : ''));
  }
  return runs.join('');
}

/** Reads what `encodeRunLengths` wrote with the same letters. */
export function decodeRunLengths(text: string, letters: string): number[] {
  const codes: number[] = [];
  for (const [, letter = '', count] of text.matchAll(/([a-z])(\d*)/g)) {
    const code = letters.indexOf(letter);
    for (let left = Number(count || 1); left > 0; left--) codes.push(code);
  }
  return codes;
}
