import fc from 'fast-check';
import { utf8Bytes } from './bytes';

it('the bytes of a text are those of its encoding', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => utf8Bytes(text) === Buffer.byteLength(text)));
  expect(utf8Bytes('aé€😀\ud800')).toBe(1 + 2 + 3 + 4 + 3);
});
