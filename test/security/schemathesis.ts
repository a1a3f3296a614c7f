import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';

/** Where scripts/security.mjs puts schemathesis. */
const packages = join(__dirname, '..', '..', 'node_modules', '.cache', 'schemathesis');
const environment = { ...process.env, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1' };

/** Runs schemathesis in a folder. @returns what it printed, and its exit status: 0 when it found nothing */
export async function schemathesis(folder: string, args: string[]): Promise<{ report: string; status: number | null }> {
  const program = spawn('python3', ['-m', 'schemathesis.cli', ...args], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => program.once('error', reject).once('close', resolve));
  return { report: await text(program.stdout), status: await ended };
}
