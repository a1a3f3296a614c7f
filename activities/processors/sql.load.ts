import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { z } from 'zod';
import type { Column } from '../../platform/duckdb';
import { identifier } from '../../platform/sql-text';
import { defineProcessor, type ProcessorContext } from '../processor';
import { claimKey, recordedResult, recordResult } from './ledger';
import { connectionSchema } from './shapes';
import { sourceSchema, withSources } from './sources';
import { copyColumn, postgresType } from './table-columns';

const input = z.strictObject({
  connection: connectionSchema,
  from: sourceSchema,
  table: z.string().regex(/^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)?$/).describe('Table, or schema.table'),
  mode: z.enum(['append', 'replace', 'merge']).default('append')
    .describe('append adds the rows; replace deletes the old ones first; merge updates the rows that have the same key and adds the others'),
  key: z.array(z.string().min(1)).min(1).optional().describe('Columns of the key, for merge: the table has a unique index on them'),
  createTable: z.boolean().default(false).describe('Make the table from the columns of the file if there is none'),
}).refine(({ mode, key }) => mode !== 'merge' || key !== undefined, { error: '"key" is needed with mode "merge"', path: ['key'] })
  // The refinement again in JSON Schema, so that a definition is refused before it runs.
  .meta({ if: { properties: { mode: { const: 'merge' } }, required: ['mode'] }, then: { required: ['key'] } });

const output = z.object({
  table: z.string(),
  rows: z.int().describe('Rows that were loaded'),
});

type Load = z.output<typeof input>;
interface Data { file: string; columns: Column[] }

export const sqlLoad = defineProcessor({
  name: 'sql.load',
  title: 'Load a table',
  description: 'Loads an artifact into a table of a named connection, by COPY in one transaction. Exactly once per task: a ledger row in the same transaction remembers the load, and a repeated attempt returns its result.',
  version: '1.0.0',
  input,
  output,
  process: async (context, load) => {
    const done = await context.connections.withPostgres(load.connection, context.signal, (client) => recordedResult(client, context.idempotencyKey));
    if (done !== undefined) {
      context.logger.info('these rows were loaded by an earlier attempt');
      return output.parse(done);
    }
    context.progress(10, 'reading');
    return withSources(context, { source: load.from }, async (duckdb, scratch) => {
      const columns = await duckdb.columns('from source');
      const file = join(scratch, 'rows.csv');
      await duckdb.save(`select ${columns.map(copyColumn).join(', ')} from source`, [], file, 'csv');
      context.progress(50, 'loading');
      return context.connections.withPostgres(load.connection, context.signal, (client) => loadOnce(context, client, load, { file, columns }));
    });
  },
});

async function loadOnce(context: ProcessorContext, client: PoolClient, load: Load, data: Data): Promise<z.output<typeof output>> {
  await client.query('begin');
  // Claimed before the work, so that a twin waits here instead of loading the same rows.
  await claimKey(client, context.idempotencyKey);
  if (load.createTable) await createTable(client, load, data.columns);
  const result = { table: load.table, rows: await write(context.signal, client, load, data) };
  await recordResult(client, context.idempotencyKey, result);
  await client.query('commit');
  return result;
}

async function write(signal: AbortSignal, client: PoolClient, load: Load, data: Data): Promise<number> {
  const table = quotedTable(load.table);
  switch (load.mode) {
    case 'append':
      return copy(signal, client, table, data);
    case 'replace':
      // Not truncate: those who read meanwhile see the old rows until the commit, and are not held up.
      await client.query(`delete from ${table}`);
      return copy(signal, client, table, data);
    case 'merge':
      await client.query(`create temporary table datamcp_incoming on commit drop as select * from ${table} with no data`);
      await copy(signal, client, 'datamcp_incoming', data);
      return (await client.query(merge(table, data.columns, load.key ?? []))).rowCount ?? 0;
  }
}

async function copy(signal: AbortSignal, client: PoolClient, table: string, { file, columns }: Data): Promise<number> {
  const stream = client.query(copyFrom(`copy ${table} (${namesOf(columns)}) from stdin (format csv, header true)`));
  await pipeline(createReadStream(file), stream, { signal });
  return stream.rowCount;
}

const quotedTable = (table: string): string => table.split('.').map(identifier).join('.');
const namesOf = (columns: readonly Column[]): string => columns.map(({ name }) => identifier(name)).join(', ');

async function createTable(client: PoolClient, { table, key }: Load, columns: readonly Column[]): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [quotedTable(table)]);
  if (rows[0]?.found === true) return;
  const definitions = columns.map((column) => `${identifier(column.name)} ${postgresType(column.type)}`);
  if (key !== undefined) definitions.push(`primary key (${key.map(identifier).join(', ')})`);
  // Two that create at once would fail on the catalogue, `if not exists` or not.
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`datamcp ${table}`]);
  await client.query(`create table if not exists ${quotedTable(table)} (${definitions.join(', ')})`);
}

function merge(table: string, columns: readonly Column[], key: readonly string[]): string {
  const names = namesOf(columns);
  const changes = columns.map(({ name }) => name).filter((name) => !key.includes(name)).map((name) => `${identifier(name)} = excluded.${identifier(name)}`);
  return `insert into ${table} (${names}) select ${names} from datamcp_incoming
    on conflict (${key.map(identifier).join(', ')}) do ${changes.length === 0 ? 'nothing' : `update set ${changes.join(', ')}`}`;
}
