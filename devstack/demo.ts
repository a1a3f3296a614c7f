import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { StackLinks } from './stack';
import { say } from './console';
import type { Folders } from './folders';

const examplePipeline = 'flight-delays';

const named = z.object({ name: z.string() });
const problem = z.object({
  title: z.string().optional(), detail: z.string().optional(),
  errors: z.array(z.object({ line: z.number().optional(), message: z.string() })).optional(),
});
const runPage = z.object({ items: z.array(z.object({ id: z.string(), status: z.string(), links: z.object({ temporal: z.string().nullish() }) })) });

/**
 * Registers all of `examples/`; one that did not change stays as it is.
 * @throws Error that names the file and its faults
 */
export async function registerExamples(folders: Folders, links: StackLinks): Promise<number> {
  const folder = join(folders.root, 'examples');
  const files = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  for (const file of files) await register(join(folder, file), links);
  return files.length;
}

async function register(file: string, links: StackLinks): Promise<void> {
  const text = await readFile(file, 'utf8');
  const { name } = named.parse(parse(text));
  const response = await fetch(`${links.apiUrl}/v1/pipelines/${encodeURIComponent(name)}`, {
    method: 'PUT', body: text, headers: { 'content-type': 'application/yaml', authorization: `Bearer ${links.apiKey}` },
  });
  if (response.ok) return;
  const { title, detail, errors = [] } = problem.parse(await response.json().catch(() => ({})));
  const faults = errors.map(({ line, message }) => `\n  line ${line ?? '?'}: ${message}`);
  throw new Error(`${file} was refused (${response.status} ${detail ?? title ?? ''})${faults.join('')}`);
}

/**
 * Runs the example in the terminal, as a user would with the command line, or shows the run of it that is open. Its
 * address follows with all the others, and with `--once` it would be dead before anybody could open it.
 * @param once false leaves the run where it asks people for a decision
 * @returns the exit status of the command, which is that of the run
 */
export async function runExample(folders: Folders, links: StackLinks, once: boolean, signal: AbortSignal): Promise<number> {
  const open = await findRun(links, '&status=queued,running,waiting,paused');
  const command = open ? ['runs', 'watch', open.id] : ['run', examplePipeline, '--wait'];
  const child = spawn(process.execPath, [join(folders.root, 'dist', 'cli', 'main.js'), ...command, '--no-links', ...(once ? [] : ['--until-decision'])], {
    cwd: folders.home, stdio: 'inherit', env: { ...process.env, DATAMCP_STACK_HOME: folders.home },
  });
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  return new Promise((resolve, reject) => child.once('error', reject).once('exit', (code) => resolve(code ?? 130)));
}

/** Where to look next. */
export async function showLinks(links: StackLinks, withRun: boolean): Promise<void> {
  const run = withRun ? await findRun(links) : undefined;
  say('');
  say(`  API           ${links.apiUrl}   documentation: ${links.apiUrl}/docs`);
  if (run?.links.temporal) say(`  this run      ${run.links.temporal}`);
  if (links.temporalUiUrl) say(`  Temporal UI   ${links.temporalUiUrl}`);
  if (links.mailUrl) say(`  mail          ${links.mailUrl}`);
}

/** The newest run of the example. @param filter more of the query */
export async function findRun(links: StackLinks, filter = ''): Promise<z.output<typeof runPage>['items'][number] | undefined> {
  const response = await fetch(`${links.apiUrl}/v1/runs?pipeline=${examplePipeline}&limit=1${filter}`, { headers: { authorization: `Bearer ${links.apiKey}` } });
  return response.ok ? runPage.parse(await response.json()).items[0] : undefined;
}
