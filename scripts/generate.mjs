// npm run generate: writes the committed files that come from code (schemas, OpenAPI, reference). Every `generate-*.mjs`
// beside this file writes one of them; CI runs this and refuses a difference.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bootstrap } from './bootstrap.mjs';

await bootstrap();
const folder = new URL('.', import.meta.url);
const generators = readdirSync(fileURLToPath(folder)).filter((name) => /^generate-[\w-]+\.mjs$/.test(name)).sort();
for (const name of generators) await import(new URL(name, folder));
