import { parse as parseYaml } from 'yaml';
import { AppError, errorMessage } from '../domain/errors';
import type { Json } from '../domain/json';
import { readBytes } from './document';
import { parseJson } from './json-text';

/**
 * What a file holds, in JSON or YAML; `-` is standard input.
 * @throws AppError `request.invalid` that says where it is neither
 */
export function readValue(cwd: string, name: string): Json {
  const text = readBytes(cwd, name).toString('utf8');
  try {
    return parseJson(JSON.stringify(parseYaml(text) ?? null));
  } catch (error) {
    throw new AppError('request.invalid', `${name} is neither JSON nor YAML: ${errorMessage(error)}`, { cause: error });
  }
}
