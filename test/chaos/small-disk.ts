import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';

const megabytes = 16;
/** Root needs no user namespace, and containers often refuse one. */
const namespaces = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']), '--mount'];
const mounting = ['sh', '-c', `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && exec "$@"`];

/** What this machine lacks for a disk that one process sees alone. */
export function missingForSmallDisks(): string | undefined {
  const [program = '', ...args] = [...namespaces, ...mounting, '/mnt', 'true'];
  return spawnSync(program, args).status === 0 ? undefined : 'no mount namespaces';
}

/** A disk of its own for one process: a mount in its namespace, which ends with it. We reach it through the process. */
export class SmallDisk {
  readonly launcher: readonly string[];
  private pid = 0;

  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.launcher = [...namespaces, ...mounting, folder];
  }

  /** @param pid of the process that was started by `launcher` */
  seenBy(pid: number): void {
    this.pid = pid;
  }

  /** Takes every byte that is left. */
  fill(): void {
    const file = openSync(join(this.root, 'ballast'), 'w');
    try {
      for (const bytes of [1_048_576, 4_096]) while (writes(file, bytes));
    } finally {
      closeSync(file);
    }
  }

  makeRoom(): void {
    rmSync(join(this.root, 'ballast'));
  }

  /** Files whose content is not what their name (its SHA-256) says, and what was left unfinished. */
  faultyFiles(): string[] {
    const files = readdirSync(this.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return files.filter((file) => createHash('sha256').update(readFileSync(file)).digest('hex') !== basename(file));
  }

  private get root(): string {
    return `/proc/${this.pid}/root${this.folder}`;
  }
}

function writes(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes)) === bytes;
  } catch {
    return false;
  }
}
