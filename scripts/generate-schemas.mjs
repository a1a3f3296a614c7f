/** Writes the published JSON Schema of pipeline definitions from the built code: `node scripts/generate-schemas.mjs`. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { definitionJsonSchema } = require('../dist/domain/pipeline/definition/index.js');

writeFileSync(new URL('../schemas/pipeline.schema.json', import.meta.url), `${JSON.stringify(definitionJsonSchema(), null, 2)}\n`);
