// Writes openapi.json from the routes of the API. Needs a build; a test compares the two.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapi from '../dist/api/openapi.js';
import table from '../dist/api/routes.js';

const target = new URL('../openapi.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(openapi.openApiOf(table.routes), null, 2)}\n`);
process.stdout.write(`wrote ${fileURLToPath(target)}\n`);
