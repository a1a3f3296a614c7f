import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { boundedBytes, boundedStream } from './bounded-body';

describe('a bounded body', () => {
  it('gives the begin of what is longer, and says so', async () => {
    expect(await boundedBytes(Readable.from([Buffer.from('ab'), Buffer.from('cd')]), 3)).toEqual({ bytes: Buffer.from('abc'), complete: false });
    expect(await boundedBytes(Readable.from([Buffer.from('ab')]), 2)).toEqual({ bytes: Buffer.from('ab'), complete: true });
  });

  it('passes a stream on up to its size', async () => {
    expect(await text(boundedStream(Readable.from([Buffer.from('abc')]), 3, 'it'))).toBe('abc');
    await expect(text(boundedStream(Readable.from([Buffer.from('abcd')]), 3, 'it'))).rejects.toMatchObject({ code: 'output_too_large' });
  });

  it('can be given up before anyone reads it', async () => {
    const source = new Readable({ read() {} });
    source.on('error', () => undefined);
    const bounded = boundedStream(source, 3, 'it');
    source.destroy(new Error('given up'));
    await turn();
    expect(bounded.destroyed).toBe(true);
  });
});
