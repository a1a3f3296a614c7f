// Fills the generated parts of docs/*.md from the schemas, the configuration and the command line. Needs a build; a test compares.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';

const require = createRequire(import.meta.url);
const { configSchema } = require('../dist/platform/config.js');
const { readableProgram } = require('../dist/cli/reference/commands.js');
const { fillSections } = require('../dist/cli/reference/markdown.js');
const { referenceSections } = require('../dist/cli/reference/sections.js');
const { builtinCatalogue } = require('../dist/activities/processors/index.js');
const { definitionJsonSchema } = require('../dist/domain/pipeline/definition/index.js');
const { openApiOf } = require('../dist/api/openapi.js');
const { routes } = require('../dist/api/routes.js');

const sections = referenceSections({
  definition: definitionJsonSchema(),
  catalogue: builtinCatalogue,
  configuration: z.toJSONSchema(configSchema, { io: 'input' }),
  openapi: openApiOf(routes),
  program: readableProgram(),
});

const folder = new URL('../docs/', import.meta.url);
for (const name of readdirSync(folder).filter((file) => file.endsWith('.md'))) {
  const file = new URL(name, folder);
  const document = readFileSync(file, 'utf8');
  const filled = fillSections(document, sections);
  if (filled !== document) writeFileSync(file, filled);
}
