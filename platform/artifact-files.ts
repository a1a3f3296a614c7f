import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArtifactBucket } from './artifact-bucket';
import { ArtifactCache } from './artifact-cache';
import type { ArtifactContent, ArtifactContents } from './artifact-contents';
import { folderError } from './artifact-errors';
import { ArtifactFolder } from './artifact-folder';
import type { Config } from './config';
import { removeFolder } from './folder-removal';

/** What an artifact is made of: text, bytes, a stream, or a file whose content is copied. */
export type ArtifactSource = string | Buffer | Readable | { file: string };

/** A file in the work folder whose hash is known; whoever took it in removes it. */
export interface ReceivedFile extends ArtifactContent {
  file: string;
}

const workFolder = 'work';
const megabyte = 1024 ** 2;

type ArtifactSettings = Pick<Config,
  'DATAMCP_ARTIFACTS' | 'DATAMCP_ARTIFACTS_CACHE_DIR' | 'DATAMCP_ARTIFACTS_CACHE_MB' | 'DATAMCP_ARTIFACTS_KEY_ID' | 'DATAMCP_ARTIFACTS_SECRET_KEY'>;

/** The artifact store that the configuration names. It is reached when it is first used. */
export function artifactFiles(config: ArtifactSettings): ArtifactFiles {
  const location = config.DATAMCP_ARTIFACTS;
  switch (location.kind) {
    case 'folder': {
      const folder = resolve(location.folder);
      return new ArtifactFiles(new ArtifactFolder(folder), folder);
    }
    case 'bucket': {
      const folder = resolve(config.DATAMCP_ARTIFACTS_CACHE_DIR);
      const { DATAMCP_ARTIFACTS_KEY_ID: accessKeyId, DATAMCP_ARTIFACTS_SECRET_KEY: secretAccessKey } = config;
      const credentials = accessKeyId !== undefined && secretAccessKey !== undefined ? { accessKeyId, secretAccessKey } : undefined;
      return new ArtifactFiles(new ArtifactBucket(location, credentials, new ArtifactCache(folder, config.DATAMCP_ARTIFACTS_CACHE_MB * megabyte)), folder);
    }
  }
}

/** The contents of artifacts, and the files of this process on their way to and from them. */
export class ArtifactFiles {
  private readonly work: string;

  /** @param folder of this machine; a folder store needs it on its own file system */
  constructor(readonly contents: ArtifactContents, folder: string) {
    this.work = join(folder, workFolder);
  }

  /** Writes a source to a file of this machine, flushed, and learns its hash. Nothing is left of what fails. */
  async receive(source: ArtifactSource, signal?: AbortSignal): Promise<ReceivedFile> {
    const file = join(this.work, randomUUID());
    await this.makeWork(this.work);
    const stream = streamOf(source);
    try {
      const target = createWriteStream(file, { flush: true });
      let full: Error | undefined;
      target.once('error', (error) => { full = error; });
      try {
        return { file, ...(await writeHashed(stream, target, signal)) };
      } catch (error) {
        await closed(target);
        // Only what the file said is about the store; all else is the source's own word.
        throw full !== undefined && error === full ? this.explained(full) : error;
      }
    } catch (error) {
      stream.destroy();
      await rm(file, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** A new empty folder of this process for the time of one attempt; who asks for it removes it. */
  async makeScratch(): Promise<string> {
    const scratch = join(this.work, randomUUID());
    await this.makeWork(scratch);
    return scratch;
  }

  /** Removes what killed processes left behind: unfinished writes and scratch folders older than `ageMs` milliseconds. */
  async removeLeftovers(ageMs: number, now: Date): Promise<number> {
    const names = await readdir(this.work).catch(() => []);
    const old = await Promise.all(names.map(async (name) => {
      const found = await stat(join(this.work, name)).catch(() => undefined);
      return found !== undefined && now.getTime() - found.mtimeMs > ageMs ? [join(this.work, name)] : [];
    }));
    const removed = await Promise.all(old.flat().map(removeFolder));
    return removed.filter(Boolean).length;
  }

  private async makeWork(folder: string): Promise<void> {
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw this.explained(error);
    }
  }

  private explained(error: unknown): Error {
    return folderError(error, { name: this.work, advice: 'Every worker must be able to write this folder' }, 'refused');
  }
}

/** Stops a write. One that is stopped early may still be about to make its file: until it is closed, removing that is too soon. */
async function closed(target: WriteStream): Promise<void> {
  target.destroy();
  if (!target.closed) await new Promise<void>((resolve) => { target.once('close', resolve); });
}

function streamOf(source: ArtifactSource): Readable {
  if (typeof source === 'string' || Buffer.isBuffer(source)) return Readable.from([Buffer.from(source)]);
  return source instanceof Readable ? source : createReadStream(source.file);
}

async function writeHashed(source: Readable, target: NodeJS.WritableStream, signal?: AbortSignal): Promise<ArtifactContent> {
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
  await pipeline(source, measured, target, signal ? { signal } : {});
  return { bytes, sha256: hash.digest('hex') };
}
