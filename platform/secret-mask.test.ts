import fc from 'fast-check';
import { SecretMask, shortestSecret } from './secret-mask';

const value = 'pa$$ "word"/ü+1';
const mask = new SecretMask([value, '1234567890', 'short']);

describe('a mask', () => {
  it.each([
    ['as it is', value],
    ['in JSON', JSON.stringify({ a: value })],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ a: value }))],
    ['in the query of a URL', `https://a.test/?q=${encodeURIComponent(value)}`],
    ['in a form', new URLSearchParams({ q: value }).toString()],
    ['in the path of a URL', new URL(`https://a.test/${encodeURIComponent(value)}`).href],
    ['in base64', Buffer.from(value).toString('base64')],
    ['in base64url', Buffer.from(value).toString('base64url')],
    ['in HTTP Basic, after a name of any length', ['a', 'ab', 'abc'].map((name) => Buffer.from(`${name}:${value}`).toString('base64')).join(' ')],
    ['in hexadecimal digits', Buffer.from(value).toString('hex')],
    ['in hexadecimal digits in capitals', Buffer.from(value).toString('hex').toUpperCase()],
  ])('hides a secret %s', (_where, text) => {
    const masked = mask.text(`before ${text} after`);
    expect(masked).toMatch(/^before .*\*\*\*.* after$/);
    for (const form of [value, 'word', Buffer.from('word"/ü').toString('hex'), Buffer.from(value).toString('base64').slice(4, -4)]) expect(masked).not.toContain(form);
  });

  it.each([
    ['Go', 'a\\u003cb\\u0026c/dü😀\\"'],
    ['Python', 'a<b&c/d\\u00fc\\ud83d\\ude00\\"'],
    ['PHP', 'a<b&c\\/d\\u00fc\\ud83d\\ude00\\"'],
    ['a writer in capitals', 'a\\u003Cb\\u0026c/d\\u00FC\\uD83D\\uDE00\\"'],
  ])('hides a secret in JSON as %s writes it', (_writer, text) => {
    expect(JSON.parse(`"${text}"`)).toBe('a<b&c/dü😀"');
    expect(new SecretMask(['a<b&c/dü😀"']).text(`{"a":"${text}"}`)).toBe('{"a":"***"}');
  });

  it('hides any secret inside any text in base64, up to the characters that it shares with its neighbours', () => {
    fc.assert(fc.property(fc.string({ minLength: shortestSecret }), fc.string(), fc.string(), (secret, before, after) => {
      const bytes = Buffer.from(secret);
      const masked = new SecretMask([secret]).text(Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]).toString('base64'));
      expect(masked).toContain('***');
    }));
  });

  it('keeps the shape of JSON, hides keys, and numbers that are secrets', () => {
    expect(mask.json({ a: [value, 1], [value]: null, n: 1234567890, b: true })).toEqual({ a: ['***', 1], '***': null, n: '***', b: true });
  });

  it('gives JSON without secrets back as it is', () => {
    const harmless = { a: 'harmless', n: 12 };
    expect(mask.json(harmless)).toBe(harmless);
  });

  it('hides each line of a secret with several', () => {
    const key = '-----BEGIN KEY-----\nfirst-line-of-it\nsecond-line-of-it\n-----END KEY-----';
    expect(new SecretMask([key]).text('got second-line-of-it')).toBe('got ***');
    expect(new SecretMask([key]).text(JSON.stringify(key))).toBe('"***"');
  });

  it('hides the longer one of two secrets that begin alike', () => {
    expect(new SecretMask(['abcdefgh', 'abcdefgh-ijkl']).text('abcdefgh-ijkl abcdefgh')).toBe('*** ***');
  });

  it('leaves what is too short to be a secret', () => {
    expect(mask.text('short')).toBe('short');
  });

  it('learns', () => {
    const learning = new SecretMask();
    expect(learning.text('new-secret')).toBe('new-secret');
    learning.learn(['new-secret']);
    expect(learning.text('new-secret')).toBe('***');
  });
});
