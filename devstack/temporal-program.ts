import { randomUUID } from 'node:crypto';
import { access, chmod, constants, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { temporalSources, temporalVersion, type Report } from './temporal-sources';

export interface TemporalProgram {
  file: string;
  /** Where it comes from, for people. */
  origin: string;
}

const isExecutable = (file: string): Promise<boolean> => access(file, constants.X_OK).then(() => true, () => false);

/**
 * The `temporal` program: on PATH, else in the user's cache, else fetched into that cache from the first source that has it.
 * @param report is told what happens, because fetching takes a while
 * @throws Error that lists what was tried and what the user can do
 */
export async function temporalProgram(report: Report): Promise<TemporalProgram> {
  const onPath = await findOnPath();
  if (onPath) return { file: onPath, origin: 'on your PATH' };
  const folder = await cacheFolder();
  const cached = join(folder, 'temporal');
  if (await isExecutable(cached)) return { file: cached, origin: 'in the cache' };
  return { file: cached, origin: await fetchInto(folder, cached, report) };
}

async function findOnPath(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const file = join(folder, 'temporal');
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

/** One cache for all clones of a user; beside the data of the stack where the home folder cannot be written. */
async function cacheFolder(): Promise<string> {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  for (const folder of [join(base, 'datamcp'), resolve('.datamcp', 'cache')]) {
    const versioned = join(folder, `temporal-${temporalVersion}`);
    if (await mkdir(versioned, { recursive: true }).then(() => true, () => false)) return versioned;
  }
  throw new Error('The Temporal server needs a folder to be kept in: neither the cache of your home folder nor .datamcp can be written.');
}

/** Fetched beside its place and moved there when complete: two clones may do it at once, and a kill leaves nothing half made. */
async function fetchInto(folder: string, file: string, report: Report): Promise<string> {
  const failures: string[] = [];
  for (const source of temporalSources) {
    const workFolder = join(folder, `fetching-${randomUUID()}`);
    await mkdir(workFolder);
    try {
      report(`Fetching the Temporal server ${source.name} …`);
      const fetched = await source.fetch(workFolder, report);
      await chmod(fetched, 0o755);
      await rename(fetched, file);
      return source.name;
    } catch (error) {
      failures.push(`  ${source.name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
  }
  throw new Error([
    'The Temporal server could not be fetched. Tried:',
    '  on your PATH: no program `temporal`',
    ...failures,
    'What you can do: install the Temporal CLI (https://docs.temporal.io/cli), so that `temporal` is on your PATH;',
    `or put the program at ${file}; or set TEMPORAL_ADDRESS to a server that runs.`,
  ].join('\n'));
}
