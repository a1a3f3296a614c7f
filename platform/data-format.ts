import { AppError } from '../domain/errors';

/** Formats of files that hold rows. */
export type DataFormat = 'parquet' | 'csv' | 'json' | 'jsonl';

const formatByExtension: Readonly<Record<string, DataFormat>> = {
  parquet: 'parquet', csv: 'csv', json: 'json', jsonl: 'jsonl', ndjson: 'jsonl',
};

export const contentTypeOf: Readonly<Record<DataFormat, string>> = {
  parquet: 'application/vnd.apache.parquet',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
};

/**
 * What a file holds, by the end of its name.
 * @throws AppError `input_invalid` when the name says none of the formats
 */
export function dataFormatOf(name: string): DataFormat {
  const format = formatByExtension[name.slice(name.lastIndexOf('.') + 1).toLowerCase()];
  if (format === undefined) throw new AppError('input_invalid', `"${name}" does not end with .parquet, .csv, .json or .jsonl`);
  return format;
}
