import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { builtinCatalogue } from '../../activities/processors';
import { readableProgram } from '../../cli/reference/commands';
import { checkDefinition } from '../../domain/pipeline/definition';

const root = resolve(__dirname, '..', '..');
const documents = ['README.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => join('docs', name))];
const textOf = (name: string): string => readFileSync(join(root, name), 'utf8');
const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].flatMap(([, block]) => block ?? []);

const definitions = documents.flatMap((name) => blocksOf(textOf(name), 'yaml').map((block): [string, string] => [name, block]));
const catalogue = new Map(builtinCatalogue.map((entry) => [entry.name, entry]));

test('the documentation shows whole pipelines', () => {
  expect(definitions.map(([name]) => name)).toEqual(expect.arrayContaining(['README.md', join('docs', 'language.md')]));
});

test.each(definitions)('a pipeline in %s is valid as it stands', (_, definition) => {
  expect(checkDefinition(definition, 'yaml', catalogue)).toMatchObject({ errors: [], warnings: [] });
});

/** At the begin of a line of a sample, or of code in a text. */
const commandLine = /(?:^(?:\$ )?|`)(?:npx )?datamcp ([a-z-]+)(?: ([a-z-]+))?/gm;
const commandLines = [...new Set(documents.flatMap((name) => [...textOf(name).matchAll(commandLine)].map(([, first = '', second = '']) => `${first} ${second}`)))];

test.each(commandLines)('`datamcp %s` is a command', (words) => {
  const [first, second] = words.split(' ');
  const command = readableProgram().commands.find((each) => each.name() === first);
  expect(command?.name()).toBe(first);
  const group = command?.commands.map((each) => each.name()) ?? [];
  expect(group.length === 0 || group.includes(second ?? '')).toBe(true);
});
