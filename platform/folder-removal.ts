import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

/**
 * Removes a file, or a folder with all that is in it, also where a program has made parts of it read-only. What belongs
 * to somebody else is left: neither the task whose folder it was nor a worker that starts fails for it.
 * @returns whether it is gone
 */
export async function removeFolder(path: string): Promise<boolean> {
  return remove(path).catch(async () => {
    await makeWritable(path);
    await remove(path);
  }).then(() => true, () => false);
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(entries.filter((entry) => entry.isDirectory()).map(({ name }) => makeWritable(join(folder, name))));
}
