import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { KeyRing } from './encryption';

const [older, newer] = [randomBytes(32), randomBytes(32)];

describe('a key ring', () => {
  it('opens what it sealed, whatever the bytes', () => {
    const ring = new KeyRing('secret', [newer]);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, context) => {
      expect(ring.open(ring.seal(bytes, context), context)).toEqual(Buffer.from(bytes));
    }));
  });

  it('seals the same bytes differently each time, and shows nothing of them', () => {
    const ring = new KeyRing('secret', [newer]);
    const [first, second] = [ring.seal(Buffer.from('plain text'), 'a'), ring.seal(Buffer.from('plain text'), 'a')];
    expect(first.bytes.equals(second.bytes)).toBe(false);
    expect(first.bytes.includes('plain')).toBe(false);
  });

  it('seals with the first key and opens with all', () => {
    const sealedBefore = new KeyRing('secret', [older]).seal(Buffer.from('x'), 'a');
    const both = new KeyRing('secret', [newer, older]);
    expect(both.open(sealedBefore, 'a').toString()).toBe('x');
    expect(both.seal(Buffer.from('x'), 'a').keyId).toBe(new KeyRing('secret', [newer]).currentId);
  });

  it('says which key is missing', () => {
    const sealed = new KeyRing('secret', [older]).seal(Buffer.from('x'), 'a');
    expect(() => new KeyRing('secret', [newer]).open(sealed, 'a')).toThrow(`Key ${sealed.keyId} is needed`);
    expect(() => new KeyRing('payload', []).seal(Buffer.from('x'), 'a')).toThrow('DATAMCP_PAYLOAD_KEYS');
  });

  it('opens nothing that was altered, shortened, moved elsewhere or sealed for another purpose', () => {
    const ring = new KeyRing('secret', [newer]);
    const sealed = ring.seal(Buffer.from('value'), 'NAME\n1');
    for (let place = 0; place < sealed.bytes.length; place += 1) {
      const altered = Buffer.from(sealed.bytes);
      altered[place] = (altered[place] ?? 0) ^ 1;
      expect(() => ring.open({ ...sealed, bytes: altered }, 'NAME\n1')).toThrow(expect.objectContaining({ code: 'decryption_failed' }));
    }
    for (const length of [0, 10, 30, 44]) expect(() => ring.open({ ...sealed, bytes: sealed.bytes.subarray(0, length) }, 'NAME\n1')).toThrow(expect.objectContaining({ code: 'decryption_failed' }));
    expect(() => ring.open(sealed, 'NAME\n2')).toThrow(expect.objectContaining({ code: 'decryption_failed' }));
    expect(() => new KeyRing('payload', [newer]).open(sealed, 'NAME\n1')).toThrow(expect.objectContaining({ code: 'decryption_failed' }));
  });
});
