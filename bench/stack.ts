import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders } from '../devstack/folders';
import { Stack } from '../devstack/stack';
import { readStackFile, type StackFile } from '../devstack/stack-file';
import { packageRoot } from '../platform/package-root';

export type StackAddresses = Pick<StackFile, 'apiUrl' | 'apiKey' | 'temporalAddress' | 'temporalNamespace' | 'databaseUrl'>;

/** A stack like the local one, but of the bench alone: it starts empty, and nothing of it stays unless it failed: then until the next one. */
export class BenchStack {
  readonly folders: Folders;
  private readonly stack: Stack;

  constructor() {
    const root = packageRoot();
    const data = join(root, '.datamcp', 'bench');
    this.folders = { root, home: root, data, logs: join(data, 'logs') };
    this.stack = new Stack(this.folders);
  }

  /** @throws Error that names the part that did not start */
  async start(): Promise<StackAddresses> {
    await rm(this.folders.data, { recursive: true, force: true });
    await mkdir(this.folders.logs, { recursive: true });
    // All requests come with one key, and as fast as they are answered.
    process.env['DATAMCP_RATE_LIMIT_PER_MINUTE'] ??= '10000000';
    await this.stack.start();
    const file = await readStackFile(this.folders.data);
    if (!file) throw new Error('The stack of the bench did not say where it is');
    return file;
  }

  /** @param keep leaves what it kept, for whoever has to find out what went wrong */
  async stop(keep: boolean): Promise<void> {
    await this.stack.stop();
    if (!keep) await rm(this.folders.data, { recursive: true, force: true });
  }
}
