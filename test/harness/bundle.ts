import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildBundle, type BundleKind } from '../../workers/bundle';

const root = resolve(__dirname, '..', '..');
const folder = join(root, 'node_modules', '.cache', 'datamcp');

/**
 * The bundle of all workflows, built when their sources changed since it was last built and shared by all test files.
 * @returns what `Worker.create` takes as `workflowBundle`
 */
export async function workflowBundle(kind: BundleKind = 'plain'): Promise<{ codePath: string }> {
  const codePath = join(folder, `workflow-bundle-${kind}-${await sourceHash()}.js`);
  if (!existsSync(codePath)) await build(codePath, kind);
  return { codePath };
}

/** Two test files may build at once: each writes its own file and the last one to finish wins, which is the same bundle. */
async function build(codePath: string, kind: BundleKind): Promise<void> {
  await mkdir(folder, { recursive: true });
  const unfinished = `${codePath}.${process.pid}`;
  await buildBundle(join(root, 'workflows'), unfinished, kind);
  await rename(unfinished, codePath);
  await removeOlder(codePath);
}

const keptMs = 3_600_000;

/** Not the young ones: another test run of a moment ago may be about to load one. */
async function removeOlder(codePath: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (!name.startsWith('workflow-bundle-') || file === codePath) continue;
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > keptMs) await rm(file, { force: true });
  }
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(root, 'package-lock.json')));
  hash.update(await readFile(join(root, 'platform/encrypted-failures.ts')));
  for (const room of ['domain', 'workflows']) {
    const names = await readdir(join(root, room), { recursive: true });
    for (const name of names.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).sort()) {
      hash.update(name).update(await readFile(join(root, room, name)));
    }
  }
  return hash.digest('hex').slice(0, 20);
}
