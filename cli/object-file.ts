import { parse as parseYaml } from 'yaml';
import { AppError, errorMessage } from '../domain/errors';
import type { Json } from '../domain/json';
import { readBytes } from './document';
import { parseJson } from './json-text';

/**
 * What a file holds, in JSON or YAML; `-` is standard input.
 * @throws AppError `request.invalid` when it cannot be read, or that says where it is neither
 */
export const readValue = (cwd: string, name: string): Json => parseValue(readBytes(cwd, name).toString('utf8'), name);

/** What a text holds, in JSON or YAML. @param name of its file. @throws AppError `request.invalid` that says where it is neither */
export function parseValue(text: string, name: string): Json {
  try {
    return parseJson(JSON.stringify(parseYaml(text) ?? null));
  } catch (error) {
    throw new AppError('request.invalid', `${name} is neither JSON nor YAML: ${errorMessage(error)}`, { cause: error });
  }
}
