import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { builtinCatalogue } from '../../activities/processors';
import { readableProgram } from '../../cli/reference/commands';
import { errorCodes } from '../../domain/errors';
import { root, textOf } from './document';

const floors = ['activities', 'api', 'cli', 'db', 'domain', 'platform', 'workers', 'workflows'];
const sources = floors.flatMap((floor) => readdirSync(join(root, floor), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).map((name) => readFileSync(join(root, floor, name), 'utf8')));
const lines = sources.flatMap((source) => source.split('\n'));

/** Pieces of code of a page, outside of blocks. */
const piecesOf = (name: string): string[] =>
  [...new Set([...textOf(name).replaceAll(/^```[^]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, piece = '']) => piece))];
const pieces = piecesOf('docs/runbook.md');

/** One of the texts that the product says, with `…` for what differs. */
const isText = (piece: string): boolean => / /.test(piece) && !/^(datamcp|node|GET|POST|--\S+ \S+$)/.test(piece);
const isCommand = (piece: string): boolean => piece.startsWith('datamcp ');
const isMetric = (piece: string): boolean => /^datamcp_\w+$/.test(piece);
const isVariable = (piece: string): boolean => /^[A-Z]+_[A-Z_]+$/.test(piece);
/** Two small words with a line or a dot between them: a code of an error, or a processor. */
const isCode = (piece: string): boolean => /^[a-z]+(?:[._][a-z]+)+$/.test(piece) && !isMetric(piece);

const known = new Set([...Object.keys(errorCodes), ...builtinCatalogue.map(({ name }) => name)]);

test('the runbook names failures as the product does', () => {
  for (const kind of [isText, isCommand, isMetric, isVariable, isCode]) expect(pieces.filter(kind).length).toBeGreaterThan(5);
});

test.each(pieces.filter(isText))('the product says "%s"', (text) => {
  const parts = text.split('…').map((part) => part.trim()).filter((part) => part.length > 1);
  expect(lines.filter((line) => parts.every((part) => line.includes(part)))).not.toEqual([]);
});

test.each(pieces.filter(isCode))('%s is a code of an error', (code) => {
  expect([...known]).toContain(code);
});

test.each(pieces.filter(isMetric))('%s is a metric', (metric) => {
  expect(lines.filter((line) => line.includes(`'${metric}'`))).not.toEqual([]);
});

test.each(pieces.filter(isVariable))('%s is a variable of the configuration', (variable) => {
  expect(textOf('platform/config.ts')).toContain(variable);
});

const commandNamed = (parent: Command | undefined, name: string | undefined): Command | undefined =>
  parent?.commands.find((command) => command.name() === name);

test.each(pieces.filter(isCommand))('`%s` is a command with these options', (piece) => {
  const [, first, ...rest] = piece.split(' ');
  const group = commandNamed(readableProgram(), first);
  const command = commandNamed(group, rest[0]) ?? group;
  expect(command?.name()).toBe(group?.commands.length === 0 ? first : rest[0]);
  const options = [...command?.options ?? [], ...readableProgram().options].map(({ long }) => long);
  expect(options).toEqual(expect.arrayContaining(rest.filter((word) => word.startsWith('--'))));
});
