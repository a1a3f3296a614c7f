import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';

const version = '1.35.0';

/**
 * A folder of Python packages that has Temporal's SDK, installed once a user; null where there is no Python 3.10 or
 * later, or no package registry.
 */
export function temporalForPython(): string | null {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'datamcp', `python-temporalio-${version}`);
  if (existsSync(folder)) return folder;
  const python = (args: string[], timeout: number): boolean => spawnSync('python3', args, { timeout, stdio: 'ignore' }).status === 0;
  if (!python(['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'], 5_000)) return null;
  const made = `${folder}.${process.pid}`;
  if (!python(['-m', 'pip', 'install', '--quiet', '--target', made, `temporalio==${version}`], 60_000)) {
    rmSync(made, { recursive: true, force: true });
    return null;
  }
  renameSync(made, folder);
  return folder;
}

/** Starts a script that prints a line when it is ready. */
export async function startPython(packages: string, script: string, args: string[]): Promise<ChildProcess> {
  const child = spawn('python3', [script, ...args], { env: { ...process.env, PYTHONPATH: packages }, stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => { throw new Error('The Python worker ended before it was ready'); }),
  ]);
  return child;
}
