import { isPlainLine } from './plain-line';

it.each(['Publish?', 'Ціни за липень', "O'Brien <b>", 'Zoë 🦄', '👩‍💻 and a family', 'مرحبا'])('%j shows what it says', (text) => {
  expect(isPlainLine(text)).toBe(true);
});

it.each(['', '   ', 'two\nlines', 'a\r\nBcc: eve@example.org', 'a\tb', 'Pay \u202e000,1', 'an\u200bn', '\ufeffann', 'a\u2028b', 'a\u0007'])('%j may look like something else', (text) => {
  expect(isPlainLine(text)).toBe(false);
});
