// Writes schemas/catalogue.json, from which the CLI validates offline. Needs a build; a test compares the two.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import processors from '../dist/activities/processors/index.js';

const target = new URL('../schemas/catalogue.json', import.meta.url);
mkdirSync(new URL('.', target), { recursive: true });
writeFileSync(target, `${JSON.stringify(processors.builtinCatalogue, null, 2)}\n`);
process.stdout.write(`wrote ${fileURLToPath(target)}\n`);
