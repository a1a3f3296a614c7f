import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isNativeError } from 'node:util/types';
import { bulkhead } from 'cockatiel';
import type { ArtifactContent } from './artifact-contents';

interface Entry { path: string; bytes: number; usedAtMs: number }

/** Room is made for more than the newest content, so that not each one has to look through the folder. */
const keptShare = 0.9;
/** The list of a large `forEach` must not become thousands of connections. */
const fetchedAtOnce = 16;
const shardName = /^[0-9a-f]{2}$/;

/**
 * Contents of a remote store as files of this machine, up to so many bytes; what was not used for the longest time goes
 * first. A reader gets a link of its own, so nothing is taken from under it, also not by another process of the folder.
 */
export class ArtifactCache {
  private readonly fetches = bulkhead(fetchedAtOnce, Infinity);
  private readonly underWay = new Map<string, Promise<void>>();
  /** Unknown until the folder was looked through. */
  private bytes: number | undefined;

  constructor(private readonly folder: string, private readonly maxBytes: number) {}

  /**
   * Links a content into a folder.
   * @param fetch writes it to the path that it is given, and has checked it when it returns
   * @returns the path in that folder
   */
  async provide(content: ArtifactContent, folder: string, fetch: (file: string) => Promise<void>): Promise<string> {
    // Of its own even when the same content is asked for twice.
    const target = join(folder, randomUUID());
    // Made before it is linked to: else a folder that is gone would look like a content that is.
    await mkdir(folder, { recursive: true });
    while (!(await this.linkTo(content, target))) await this.fetchOnce(content, fetch);
    await this.makeRoom();
    return target;
  }

  /** @returns whether it was here, whole */
  private async linkTo({ sha256, bytes }: ArtifactContent, target: string): Promise<boolean> {
    const path = this.path(sha256);
    try {
      await link(path, target);
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
    if ((await stat(target)).size !== bytes) {
      await Promise.all([rm(target), rm(path, { force: true })]);
      return false;
    }
    const now = new Date();
    await utimes(target, now, now);
    return true;
  }

  private async fetchOnce(content: ArtifactContent, fetch: (file: string) => Promise<void>): Promise<void> {
    const running = this.underWay.get(content.sha256) ?? this.fetches.execute(() => this.fetch(content, fetch)).finally(() => this.underWay.delete(content.sha256));
    this.underWay.set(content.sha256, running);
    await running;
  }

  private async fetch({ sha256, bytes }: ArtifactContent, fetch: (file: string) => Promise<void>): Promise<void> {
    const temporary = join(this.folder, 'work', randomUUID());
    await mkdir(dirname(temporary), { recursive: true });
    try {
      await fetch(temporary);
      await chmod(temporary, 0o444);
      await mkdir(dirname(this.path(sha256)), { recursive: true });
      await rename(temporary, this.path(sha256));
    } finally {
      await rm(temporary, { force: true });
    }
    if (this.bytes !== undefined) this.bytes += bytes;
  }

  private async makeRoom(): Promise<void> {
    if (this.bytes !== undefined && this.bytes <= this.maxBytes) return;
    const entries = (await this.entries()).sort((a, b) => a.usedAtMs - b.usedAtMs);
    let left = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    const kept = left > this.maxBytes ? this.maxBytes * keptShare : this.maxBytes;
    for (const { path, bytes } of entries) {
      if (left <= kept) break;
      await rm(path, { force: true });
      left -= bytes;
    }
    this.bytes = left;
  }

  private async entries(): Promise<Entry[]> {
    const shards = (await readdir(this.folder)).filter((name) => shardName.test(name));
    const entries: Entry[] = [];
    for (const shard of shards) {
      for (const name of await readdir(join(this.folder, shard))) {
        const path = join(this.folder, shard, name);
        const found = await stat(path).catch(() => undefined);
        if (found) entries.push({ path, bytes: found.size, usedAtMs: found.mtimeMs });
      }
    }
    return entries;
  }

  private path(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }
}

const isMissing = (error: unknown): boolean => isNativeError(error) && 'code' in error && error.code === 'ENOENT';
