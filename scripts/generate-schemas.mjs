/** Writes the published JSON Schema of pipeline definitions from the built code and schemas/catalogue.json, which comes before. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { definitionJsonSchema } = require('../dist/domain/pipeline/definition/index.js');

const file = (name) => new URL(`../schemas/${name}`, import.meta.url);
const catalogue = new Map(JSON.parse(readFileSync(file('catalogue.json'), 'utf8')).map((entry) => [entry.name, entry]));
writeFileSync(file('pipeline.schema.json'), `${JSON.stringify(definitionJsonSchema(catalogue), null, 2)}\n`);
