import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What an artifact is made of: text, bytes, a stream, or a file whose content is copied. */
export type ArtifactSource = string | Buffer | Readable | { file: string };

export interface ArtifactContent {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

const workFolder = 'work';

/**
 * Contents of artifacts in one folder that all workers and the API share. A content is named by its hash and never
 * changes, so a late attempt cannot alter what another one has saved, and equal contents are kept once.
 */
export class ArtifactFiles {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = resolve(folder);
  }

  /** Where a content is: for programs that need a path. The file is read-only. */
  path(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }

  /** Some or all of a content; `start` and `end` are byte positions, both included. */
  read(sha256: string, range: { start?: number; end?: number } = {}): Readable {
    return createReadStream(this.path(sha256), range);
  }

  /**
   * Keeps a content. It is on disk when this returns: written beside, flushed, then renamed, so that nobody ever sees
   * half of one.
   */
  async write(source: ArtifactSource, signal?: AbortSignal): Promise<ArtifactContent> {
    const work = join(this.folder, workFolder);
    await mkdir(work, { recursive: true });
    const temporary = join(work, randomUUID());
    try {
      const content = await writeHashed(temporary, streamOf(source), signal);
      const target = this.path(content.sha256);
      await mkdir(join(target, '..'), { recursive: true });
      await chmod(temporary, 0o444);
      await rename(temporary, target);
      await flushFolder(join(target, '..'));
      return content;
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** A new empty folder of this process for the time of one attempt; who asks for it removes it. */
  async makeScratch(): Promise<string> {
    const scratch = join(this.folder, workFolder, randomUUID());
    await mkdir(scratch, { recursive: true });
    return scratch;
  }

  /** Removes what killed processes left behind: unfinished writes and scratch folders older than `ageMs` milliseconds. */
  async removeLeftovers(ageMs: number, now: Date): Promise<number> {
    const work = join(this.folder, workFolder);
    const names = await readdir(work).catch(() => []);
    const old = await Promise.all(names.map(async (name) => {
      const found = await stat(join(work, name)).catch(() => undefined);
      return found !== undefined && now.getTime() - found.mtimeMs > ageMs ? [join(work, name)] : [];
    }));
    await Promise.all(old.flat().map((path) => rm(path, { recursive: true, force: true })));
    return old.flat().length;
  }
}

function streamOf(source: ArtifactSource): Readable {
  if (typeof source === 'string' || Buffer.isBuffer(source)) return Readable.from([Buffer.from(source)]);
  return source instanceof Readable ? source : createReadStream(source.file);
}

async function writeHashed(path: string, source: Readable, signal?: AbortSignal): Promise<ArtifactContent> {
  const hash = createHash('sha256');
  let bytes = 0;
  const measured = async function* (chunks: AsyncIterable<Buffer | string>) {
    for await (const chunk of chunks) {
      const buffer = Buffer.from(chunk);
      hash.update(buffer);
      bytes += buffer.length;
      yield buffer;
    }
  };
  await pipeline(source, measured, createWriteStream(path, { flush: true }), signal ? { signal } : {});
  return { bytes, sha256: hash.digest('hex') };
}

/** A rename survives a power cut only once its folder is flushed too. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
