import { Transform, type Readable } from 'node:stream';
import { AppError } from '../../domain/errors';

/** Reads at most so many bytes of a stream and ends it. `complete` says whether that was all of it. */
export async function boundedBytes(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<{ bytes: Buffer; complete: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection.
    if (length > maxBytes) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), complete: length <= maxBytes };
}

/** The same stream, which fails with `output_too_large` beyond a size. */
export function boundedStream(stream: Readable, maxBytes: number, what: string): Readable {
  let length = 0;
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      done(length > maxBytes ? new AppError('output_too_large', `${what} is larger than ${maxBytes} bytes`) : null, chunk);
    },
  });
  stream.on('error', (error) => bounded.destroy(error));
  // Heard in any case: when it is given up before anyone reads it, its error would end the process.
  bounded.on('error', () => undefined);
  bounded.on('close', () => stream.destroy());
  return stream.pipe(bounded);
}
