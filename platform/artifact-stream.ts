import { createHash } from 'node:crypto';
import { pipeline, Transform, type Readable } from 'node:stream';

export interface StreamRules {
  /** What the bytes must add up to, when all of them are read. Lower-case hex. */
  sha256?: string;
  /** What the reader is told when they do not. */
  damaged: () => Error;
  /** What the reader is told when the source breaks off. */
  explain: (error: unknown) => Error;
}

/** Hands bytes on, and fails at their end when they are not those that were asked for. */
export function checkedStream(source: Readable, { sha256, damaged, explain }: StreamRules): Readable {
  const hash = createHash('sha256');
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (sha256 !== undefined) hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      done(sha256 === undefined || hash.digest('hex') === sha256 ? null : damaged());
    },
  });
  // Heard before the pipeline hears it, which would hand it on as it is.
  source.once('error', (error) => checked.destroy(explain(error)));
  return pipeline(source, checked, () => undefined);
}
