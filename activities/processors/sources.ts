import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { dataFormatOf } from '../../platform/data-format';
import { withDuckdb, type DataSource, type Duckdb } from '../../platform/duckdb';
import type { ProcessorContext } from '../processor';

/** A reference to an artifact, as a task's output holds it. Only `uri` counts; the rest is looked up. */
export const artifactRefSchema = z.object({
  name: z.string(),
  uri: z.string().regex(/^artifact:\/\//),
  bytes: z.int(),
  sha256: z.string(),
  contentType: z.string(),
});

const fileSchema = z.union([artifactRefSchema, z.array(artifactRefSchema).min(1).max(10_000), z.string().min(1)]);

/** A file with a word of how it is read. */
const csvFileSchema = z.strictObject({
  file: fileSchema.describe('The CSV file, or files'),
  delimiter: z.string().length(1).optional().describe('What is between values, if not a comma'),
  types: z.record(z.string().min(1), z.string().regex(/^[A-Za-z][\w (),]*$/)).optional().describe('DuckDB types by column, where they should not be found out from the values'),
});

/**
 * Where rows come from: an artifact, several of the same columns and format (the outputs of a `forEach`, say), or the
 * path of a file in one of the folders of `DATAMCP_DATA_DIRS`.
 */
export const sourceSchema = z.union([...fileSchema.options, csvFileSchema])
  .describe('An artifact or a list of artifacts (usually an expression), or a path in one of the data folders; .parquet, .csv, .json or .jsonl. Of a CSV file, `{file, delimiter, types}` says how it is read');

export type Source = z.output<typeof sourceSchema>;
type CsvFile = z.output<typeof csvFileSchema>;
type File = z.output<typeof fileSchema>;

/** A name for a view in SQL. */
export const aliasSchema = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/);

export const columnsSchema = z.array(z.object({ name: z.string(), type: z.string() })).describe('Names and DuckDB types of the columns');

/** Runs SQL over some sources in a DuckDB of its own; `work` is also given a folder for its results. */
export async function withSources<T>(
  context: ProcessorContext, sources: Readonly<Record<string, Source>>, work: (duckdb: Duckdb, scratch: string) => Promise<T>,
): Promise<T> {
  const found = await Promise.all(Object.entries(sources).map(([alias, source]) => locate(context, alias, source)));
  const scratch = await context.artifacts.scratch();
  const options = {
    sources: found,
    folders: dataFolders(context),
    scratch,
    memoryMb: context.config.DATAMCP_DUCKDB_MEMORY_MB,
    signal: context.signal,
  };
  return withDuckdb(options, (duckdb) => work(duckdb, scratch));
}

const dataFolders = (context: ProcessorContext): string[] => context.config.DATAMCP_DATA_DIRS.map((folder) => resolve(folder));

const isCsvFile = (source: Source): source is CsvFile => typeof source === 'object' && 'file' in source;
const fileOf = (source: Source): File => (isCsvFile(source) ? source.file : source);

async function locate(context: ProcessorContext, alias: string, source: Source): Promise<DataSource> {
  const found = await locateFile(context, alias, fileOf(source));
  if (!isCsvFile(source)) return found;
  if (found.format !== 'csv') throw new AppError('input_invalid', `"${alias}" is no CSV file: its delimiter and types are what they are`);
  const { delimiter, types } = source;
  return { ...found, csv: { delimiter, types } };
}

async function locateFile(context: ProcessorContext, alias: string, source: File): Promise<DataSource> {
  if (typeof source === 'string') return { alias, paths: [await dataFile(dataFolders(context), source)], format: dataFormatOf(source) };
  const artifacts = await Promise.all([source].flat().map((ref) => context.artifacts.find(ref)));
  const [format, ...others] = new Set(artifacts.map(({ name }) => dataFormatOf(name)));
  if (format === undefined || others.length > 0) throw new AppError('input_invalid', `the artifacts of "${alias}" are not of one format`);
  return { alias, paths: await Promise.all(artifacts.map((artifact) => context.artifacts.localPath(artifact, context.signal))), format };
}

/** A source in words, for names of rules and messages. */
export function sourceName(source: Source): string {
  const file = fileOf(source);
  return typeof file === 'string' ? file : [file].flat()[0]?.name ?? '';
}

/** The first data folder that has the file; a link that leads out of the folder does not count. */
async function dataFile(folders: readonly string[], path: string): Promise<string> {
  for (const folder of folders) {
    const [root, file] = await Promise.all([folder, isAbsolute(path) ? path : join(folder, path)].map((at) => realpath(at).catch(() => undefined)));
    if (root !== undefined && file !== undefined && isInside(root, file)) return file;
  }
  throw new AppError('access_denied', `there is no "${path}" in the data folders; an operator lists them in DATAMCP_DATA_DIRS`);
}

function isInside(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
