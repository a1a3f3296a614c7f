import { randomUUID } from 'node:crypto';
import { access, chmod, constants, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { errorMessage } from '../domain/errors';
import { temporalSources, temporalVersion, type Report, type TemporalSource } from './temporal-sources';

export interface TemporalProgram {
  file: string;
  /** Where it comes from, for people. */
  origin: string;
}

export interface TemporalPlaces {
  /** Folders, as in the variable PATH. */
  path: string;
  /** Folders to keep it in; the first that can be written is used. */
  caches: readonly string[];
  sources: readonly TemporalSource[];
}

/** One cache for all clones of a user; beside the data of the stack where the home folder cannot be written. */
const usualPlaces = (): TemporalPlaces => ({
  path: process.env['PATH'] ?? '',
  caches: [join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'datamcp'), resolve('.datamcp', 'cache')],
  sources: temporalSources,
});

const isExecutable = (file: string): Promise<boolean> => access(file, constants.X_OK).then(() => true, () => false);

/**
 * The `temporal` program: on PATH, else in the user's cache, else fetched into that cache from the first source that has it.
 * @param report is told what happens, because fetching takes a while
 * @throws Error that lists what was tried and what the user can do
 */
export async function temporalProgram(report: Report, places: Partial<TemporalPlaces> = {}): Promise<TemporalProgram> {
  const { path, caches, sources }: TemporalPlaces = { ...usualPlaces(), ...places };
  const onPath = await findOn(path);
  if (onPath) return { file: onPath, origin: 'on your PATH' };
  const folder = await cacheFolder(caches);
  const cached = join(folder, 'temporal');
  if (await isExecutable(cached)) return { file: cached, origin: 'in the cache' };
  return { file: cached, origin: await fetchInto(folder, cached, sources, report) };
}

async function findOn(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = join(folder, 'temporal');
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

async function cacheFolder(caches: readonly string[]): Promise<string> {
  for (const folder of caches) {
    const versioned = join(folder, `temporal-${temporalVersion}`);
    if (await mkdir(versioned, { recursive: true }).then(() => true, () => false)) return versioned;
  }
  throw new Error('The Temporal server needs a folder to be kept in: neither the cache of your home folder nor .datamcp can be written.');
}

/** Fetched beside its place and moved there when complete: two clones may do it at once, and a kill leaves nothing half made. */
async function fetchInto(folder: string, file: string, sources: readonly TemporalSource[], report: Report): Promise<string> {
  await removeAbandoned(folder);
  const failures: string[] = [];
  for (const source of sources) {
    const workFolder = join(folder, `fetching-${randomUUID()}`);
    await mkdir(workFolder);
    try {
      report(`Fetching the Temporal server ${source.name} …`);
      const fetched = await source.fetch(workFolder, report);
      await chmod(fetched, 0o755);
      await rename(fetched, file);
      return source.name;
    } catch (error) {
      failures.push(`  ${source.name}: ${errorMessage(error)}`);
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

const abandonedMs = 86_400_000;

/** What a fetch that was killed left: more than a hundred megabytes each. Not what another clone is fetching just now. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('fetching-')) continue;
    const { mtimeMs } = await stat(join(folder, name));
    if (Date.now() - mtimeMs > abandonedMs) await rm(join(folder, name), { recursive: true, force: true });
  }
}
