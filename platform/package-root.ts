import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** Folder of the product: of what is not code (SQL, documents), which is in one place for the sources and the compiled code. */
export function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'db', 'migrations')) || !existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder)) throw new Error(`The folder of the product was not found above ${__dirname}`);
    folder = dirname(folder);
  }
  return folder;
}

/** Version of the product, as its package names it. */
export const productVersion = (): string =>
  z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'))).version;
