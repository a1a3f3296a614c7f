import { displayWidth, humanBytes, oneLine, safeText, truncate } from './text';

test('text of others loses escape sequences, control characters and text direction tricks', () => {
  expect(oneLine('\u001b[31mred\u001b[0m\u0007 a\r\nb\u202e')).toBe('red a b');
  expect([...safeText('\u001b]0;title\u0007a\n\tb\u009b2J')].filter((character) => /\p{Cc}/u.test(character))).toEqual(['\n', '\t']);
  expect(safeText('a\n\tb')).toBe('a\n\tb');
});

test('text is cut to columns, not to characters', () => {
  expect(truncate('hello', 5)).toBe('hello');
  expect(truncate('hello', 4)).toBe('hel…');
  expect(truncate('日本語', 5)).toBe('日本…');
  expect(truncate('日本語', 4)).toBe('日…');
  expect(truncate('x', 0)).toBe('');
});

test('a character of several code points is never cut in two', () => {
  const family = '👨‍👩‍👧';
  expect(truncate(`${family}abc`, 4)).toBe(`${family}a…`);
  expect(displayWidth(family)).toBe(2);
});

test.each([[0, '0 B'], [1023, '1023 B'], [1024, '1.0 KiB'], [1536, '1.5 KiB'], [5 * 1024 ** 3, '5.0 GiB']])('%d bytes read %s', (bytes, text) => {
  expect(humanBytes(bytes)).toBe(text);
});
