import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError, errorMessage } from '../domain/errors';
import { longestProcessorName, processorNamePattern } from '../domain/pipeline/processor-name';
import { builtInCatalogue } from './product';

/**
 * Writes the files of a new processor; a README that is there stays.
 * @returns the files, as the user would name them
 * @throws AppError `request.invalid`, before anything is written
 */
export function makeProcessor(cwd: string, dir: string, name: string): string[] {
  checkName(name);
  const folder = resolve(cwd, dir);
  const files: Record<string, string> = { [`${name}.mjs`]: processorText(name), [`${name}.test.mjs`]: testText(name) };
  for (const file of Object.keys(files)) {
    if (existsSync(join(folder, file))) throw new AppError('request.invalid', `${join(dir, file)} exists already`);
  }
  if (!existsSync(join(folder, 'README.md'))) files['README.md'] = readmeText(name);
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text, { flag: 'wx' });
  } catch (error) {
    throw new AppError('request.invalid', `${dir} cannot be written to: ${errorMessage(error)}`, { cause: error });
  }
  return Object.keys(files).map((file) => join(dir, file));
}

function checkName(name: string): void {
  if (!processorNamePattern.test(name) || name.length > longestProcessorName) {
    throw new AppError('request.invalid', `"${name}" is not a name for a processor: words in small letters with dots between them, such as text.reverse`);
  }
  if (builtInCatalogue().has(name)) throw new AppError('request.invalid', `${name} is a processor of the product already`);
}

const processorText = (name: string): string => `/** The processor \`${name}\`: what it is called, what it takes and gives, and what it does. */
export default {
  name: '${name}',
  title: 'Upper case',
  description: 'Puts a text into upper case.',
  version: '1.0.0',

  // JSON Schema, draft 2020-12. Definitions are checked against \`input\` before they run; \`description\` is for their authors.
  input: {
    type: 'object',
    properties: { text: { type: 'string', description: 'The text' } },
    required: ['text'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: { text: { type: 'string' } },
    required: ['text'],
  },

  /**
   * Does the work of one attempt. It may be repeated after it did its work: give \`context.idempotencyKey\`, which is the
   * same in every attempt, to whatever it changes. Throw an Error; with \`retryable: false\` on it there is no next attempt.
   */
  async process(context, { text }) {
    // Aborted when the task is cancelled or times out: pass it on to whatever takes long.
    context.signal.throwIfAborted();
    if (text === '') throw Object.assign(new Error('there is no text'), { retryable: false });
    context.logger.info('putting a text into upper case', { characters: text.length });
    context.progress(100, 'done');
    return { text: text.toUpperCase() };
  },
};
`;

const testText = (name: string): string => `import assert from 'node:assert/strict';
import { test } from 'node:test';
import processor from './${name}.mjs';

/** As much of what a worker gives as this processor uses. */
const context = (signal = new AbortController().signal) => ({
  signal,
  idempotencyKey: 'run/task',
  progress() {},
  logger: { debug() {}, info() {}, warn() {}, error() {} },
});

test('puts a text into upper case', async () => {
  assert.deepEqual(await processor.process(context(), { text: 'naïve' }), { text: 'NAÏVE' });
});

test('does not try again without a text', async () => {
  await assert.rejects(processor.process(context(), { text: '' }), { message: 'there is no text', retryable: false });
});

test('stops when it is told to', async () => {
  await assert.rejects(processor.process(context(AbortSignal.abort()), { text: 'x' }), { name: 'AbortError' });
});
`;

const readmeText = (name: string): string => `# Processors of our own

Each \`.mjs\`, \`.cjs\` or \`.js\` file in this folder is a processor: what tasks name with \`uses\`. Files that end with
\`.test.mjs\` are tests, and helpers belong into subfolders.

- Test them: \`node --test\`, in this folder
- Begin another one: \`datamcp processors new some.name .\`
- Offer them: start every worker with \`DATAMCP_PLUGINS\` set to this folder. A worker that finds anything wrong with one
  of them says all that is wrong, and does not start.
- See what is offered: \`datamcp processors list\`, \`datamcp processors show ${name}\`

Use it in a pipeline:

\`\`\`yaml
name: first-use
tasks:
  - id: shout
    uses: ${name}
    with: { text: hello }
outputs:
  text: \${{ tasks.shout.output.text }}
\`\`\`
`;
