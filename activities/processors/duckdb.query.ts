import { join } from 'node:path';
import { z } from 'zod';
import { limits } from '../../domain/limits';
import { contentTypeOf, dataFormatOf } from '../../platform/data-format';
import { defineProcessor } from '../processor';
import { aliasSchema, artifactRefSchema, columnsSchema, sourceSchema, withSources } from './sources';
import { parametersSchema } from './shapes';

const input = z.strictObject({
  sql: z.string().min(1).describe('One SELECT in the dialect of DuckDB. Values go in as $1, $2, … or $name'),
  params: parametersSchema.default([]).describe('Values of $1, $2, … as a list, or of $name by name'),
  from: z.record(aliasSchema, sourceSchema).default({}).describe('What `sql` reads, by the name that it uses'),
  save: z.string().min(1).optional().describe('Name of an artifact for the rows: .parquet, .csv, .json or .jsonl. Without it the rows are the output'),
});

const output = z.object({
  rowCount: z.int(),
  columns: columnsSchema,
  rows: z.array(z.record(z.string(), z.unknown())).optional().describe('The rows, unless they were saved'),
  artifact: artifactRefSchema.optional().describe('The file, when the rows were saved'),
});

export const duckdbQuery = defineProcessor({
  name: 'duckdb.query',
  title: 'SQL over files',
  description: 'Runs a SELECT of DuckDB over artifacts and data files. The rows are the output (up to 64 KiB) or are saved as an artifact. Reaches nothing but what `from` names and the data folders.',
  version: '1.0.0',
  literal: ['sql'],
  input,
  output,
  process: (context, { sql, params, from, save }) =>
    withSources(context, from, async (duckdb, scratch) => {
      if (save === undefined) return duckdb.rows(sql, params, limits.outputBytes);
      const format = dataFormatOf(save);
      const file = join(scratch, `result.${format}`);
      const written = await duckdb.save(sql, params, file, format);
      return { ...written, artifact: await context.artifacts.save(save, contentTypeOf[format], { file }, context.signal) };
    }),
});
