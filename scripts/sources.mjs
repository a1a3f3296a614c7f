import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(fileURLToPath(import.meta.url), '..', '..');

const builtRooms = ['activities', 'api', 'bench', 'cli', 'db', 'devstack', 'domain', 'platform', 'workers', 'workflows'];
const isSource = (name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.endsWith('.test.ts');

/** The files that the product is built from, relative to the root, in a stable order. */
export const sourceFiles = () => builtRooms
  .filter((room) => existsSync(join(root, room)))
  .flatMap((room) => readdirSync(join(root, room), { recursive: true }).filter(isSource).map((name) => `${room}/${name}`))
  .sort();
