import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../domain/errors';
import { readJsonObject } from './json-text';

/** Variables of the process; `main.ts` hands them in, so that nothing else here reads them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Where the API is, with which key, and who said so. */
export interface Target {
  apiUrl: string;
  apiKey: string | undefined;
  source: { kind: 'option' | 'stack' | 'variable' | 'default'; name: string };
}

interface StackFile {
  apiUrl: string;
  apiKey: string;
}

const fallbackUrl = 'http://127.0.0.1:8080';

const set = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/**
 * Finds the API: `--api-url` first, then the stack file of this folder or a parent (it is there while a local
 * stack runs), or of the folder that `DATAMCP_STACK_HOME` names and of no other, then `DATAMCP_API_URL` and
 * `DATAMCP_API_KEY`. A key is never sent to an address that it was not given for.
 */
export function findTarget(cwd: string, variables: Variables, option: string | undefined): Target {
  const home = set(variables['DATAMCP_STACK_HOME']);
  const stack = home === undefined ? findStackFile(cwd) : stackFileIn(resolve(cwd, home));
  const key = set(variables['DATAMCP_API_KEY']);
  if (option !== undefined) {
    const apiKey = stack && sameAddress(stack.file.apiUrl, option) ? stack.file.apiKey : key;
    return { apiUrl: option, apiKey, source: { kind: 'option', name: '--api-url' } };
  }
  if (stack) return { ...stack.file, source: { kind: 'stack', name: stack.path } };
  const url = set(variables['DATAMCP_API_URL']);
  if (url !== undefined) return { apiUrl: url, apiKey: key, source: { kind: 'variable', name: 'DATAMCP_API_URL' } };
  return { apiUrl: fallbackUrl, apiKey: key, source: { kind: 'default', name: 'the default' } };
}

/** The key of another identity than the one found, which whoever calls sends to that address. @throws AppError `request.invalid` */
export function readKey(cwd: string, file: string): string {
  const key = readText(resolve(cwd, file)).trim();
  if (key === '') throw new AppError('request.invalid', `--key-file: there is no key in ${file}`);
  return key;
}

const sameAddress = (left: string, right: string): boolean => left.replace(/\/+$/, '') === right.replace(/\/+$/, '');

interface FoundStack {
  path: string;
  file: StackFile;
}

function findStackFile(cwd: string): FoundStack | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = stackFileIn(folder);
    if (found) return found;
    if (folder === dirname(folder)) return undefined;
  }
}

function stackFileIn(folder: string): FoundStack | undefined {
  const path = join(folder, '.datamcp', 'stack.json');
  const file = readStackFile(path);
  return file && { path, file };
}

/** A file that is missing, half written or of another shape is no stack. */
function readStackFile(path: string): StackFile | undefined {
  const { apiUrl, apiKey } = readJsonObject(readText(path)) ?? {};
  return typeof apiUrl === 'string' && typeof apiKey === 'string' ? { apiUrl, apiKey } : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Colour is for people at a terminal who did not refuse it (https://no-color.org). */
export function wantsColor(variables: Variables, isTerminal: boolean): boolean {
  return isTerminal && !set(variables['NO_COLOR']) && variables['TERM'] !== 'dumb';
}
