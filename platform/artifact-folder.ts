import { access, chmod, constants, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '../domain/errors';
import type { ArtifactContent, ArtifactContents, ByteRange } from './artifact-contents';
import { folderError, type ArtifactPlace } from './artifact-errors';

/** Contents in a folder that all workers and the API share. */
export class ArtifactFolder implements ArtifactContents {
  private readonly place: ArtifactPlace;

  constructor(private readonly folder: string) {
    this.place = { name: folder, advice: 'DATAMCP_ARTIFACTS must be a folder that every worker can write and the API can read' };
  }

  /**
   * The file is flushed, and then renamed: into this folder it must be on the same file system. Bytes that are here
   * already are replaced by their equals, which heals them should they be damaged.
   */
  async put(file: string, { sha256 }: ArtifactContent): Promise<void> {
    const target = this.path(sha256);
    await this.explained(async () => {
      await mkdir(dirname(target), { recursive: true });
      await chmod(file, 0o444);
      await rename(file, target);
      await flushFolder(dirname(target));
    }, 'refused');
  }

  async open(sha256: string, range: ByteRange = {}): Promise<Readable> {
    return this.explained(async () => {
      const file = await open(this.path(sha256), 'r');
      return file.createReadStream(range);
    });
  }

  async stat(sha256: string): Promise<{ bytes: number } | undefined> {
    try {
      return { bytes: (await stat(this.path(sha256))).size };
    } catch (error) {
      const known = folderError(error, this.place);
      if (known.code === 'not_found') return undefined;
      throw known;
    }
  }

  async remove(sha256: string): Promise<void> {
    await this.explained(() => rm(this.path(sha256), { force: true }));
  }

  /** The file itself. Its length is checked; its hash would cost a whole reading. */
  async localPath({ sha256, bytes }: ArtifactContent): Promise<string> {
    const found = await this.stat(sha256);
    if (found?.bytes === bytes) return this.path(sha256);
    const state = found === undefined ? 'is not there any more' : `has ${found.bytes} bytes instead of ${bytes}`;
    throw new AppError('not_found', `the content of the artifact in ${this.folder} ${state}; rerun the task that made it`);
  }

  /** A folder that is not there yet is made with the first artifact. */
  async check(): Promise<{ freeBytes: number | null }> {
    return this.explained(async () => {
      const found = await stat(this.folder).catch((error: unknown) => {
        if (folderError(error, this.place).code !== 'not_found') throw error;
      });
      if (!found) return { freeBytes: null };
      await access(this.folder, constants.R_OK | constants.W_OK | constants.X_OK);
      const { bavail, bsize } = await statfs(this.folder);
      return { freeBytes: bavail * bsize };
    });
  }

  private path(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }

  private async explained<T>(work: () => Promise<T>, missing: 'missing' | 'refused' = 'missing'): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw folderError(error, this.place, missing);
    }
  }
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
