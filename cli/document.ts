import { readFileSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { AppError, errorMessage } from '../domain/errors';
import { limits } from '../domain/limits';

/** A pipeline document as it is on disk. */
export interface Document {
  /** As the user named it; `-` is standard input. */
  name: string;
  text: string;
  format: 'yaml' | 'json';
}

/**
 * Reads a pipeline document.
 * @throws AppError `request.invalid` when it cannot be read or is larger than the language allows
 */
export function readDocument(cwd: string, name: string): Document {
  const bytes = readBytes(cwd, name);
  const format = extname(name).toLowerCase() === '.json' || (name === '-' && bytes.subarray(0, 64).toString().trimStart().startsWith('{')) ? 'json' : 'yaml';
  const limit = format === 'json' ? limits.jsonBytes : limits.yamlBytes;
  if (bytes.length > limit) {
    throw new AppError('request.too_large', `${name} has ${bytes.length} bytes; a ${format.toUpperCase()} document may have ${limit}`);
  }
  return { name: name === '-' ? '<stdin>' : name, text: bytes.toString('utf8'), format };
}

/** Whether an argument of `run` means a file rather than the name of a pipeline. */
export const looksLikeFile = (argument: string): boolean =>
  argument === '-' || /[\\/]/.test(argument) || /\.(ya?ml|json)$/i.test(basename(argument));

export const contentTypeOf = (document: Document): string => (document.format === 'json' ? 'application/json' : 'application/yaml');

/** The bytes of a file; `-` is standard input. @throws AppError `request.invalid` when it cannot be read */
export function readBytes(cwd: string, name: string): Buffer {
  try {
    return readFileSync(name === '-' ? 0 : resolve(cwd, name));
  } catch (error) {
    throw new AppError('request.invalid', `${name} cannot be read: ${readFault(error)}`, { cause: error });
  }
}

function readFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'you may not read it';
  return errorMessage(error);
}
