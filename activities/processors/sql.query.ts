import { Query, type PoolClient, type QueryConfig } from 'pg';
import { z } from 'zod';
import { AppError } from '../../domain/errors';
import type { Json } from '../../domain/json';
import { limits } from '../../domain/limits';
import { beginForJson, jsonTypeParsers } from '../../platform/postgres-values';
import { defineProcessor } from '../processor';
import { claimKey, recordedResult, recordResult } from './ledger';
import { connectionSchema, positionalSchema } from './shapes';

const output = z.object({
  rowCount: z.int().describe('Rows that came back or were changed'),
  rows: z.array(z.record(z.string(), z.unknown())),
});

type Answer = { rowCount: number; rows: Record<string, Json>[] };

export const sqlQuery = defineProcessor({
  name: 'sql.query',
  title: 'SQL on a connection',
  description: 'Runs one SQL statement on a named connection, in a transaction. A statement that writes takes effect once per task, however often it is attempted.',
  version: '1.0.0',
  literal: ['sql'],
  input: z.strictObject({
    connection: connectionSchema,
    sql: z.string().min(1).describe('One statement. Values go in as $1, $2, …'),
    params: positionalSchema.default([]).describe('Values of $1, $2, …'),
  }),
  output,
  process: (context, { connection, sql, params }) =>
    context.connections.withPostgres(connection, context.signal, async (client) => {
      const before = await recordedResult(client, context.idempotencyKey);
      if (before !== undefined) return output.parse(before);
      await client.query(beginForJson);
      const answer = await rowsOf(client, sql, params);
      if (await hasWritten(client)) {
        await claimKey(client, context.idempotencyKey);
        await recordResult(client, context.idempotencyKey, answer);
      }
      await client.query('commit');
      return answer;
    }),
});

/** Takes the rows one by one, so that a result of any size is refused long before it fills the memory. */
function rowsOf(client: PoolClient, sql: string, params: unknown[]): Promise<Answer> {
  // The extended protocol takes one statement only, also when there are no parameters.
  const config: QueryConfig & { queryMode: 'extended' } = { text: sql, values: params, types: jsonTypeParsers, queryMode: 'extended' };
  return new Promise((resolve, reject) => {
    const rows: Record<string, Json>[] = [];
    let bytes = 0;
    const query = client.query(new Query<Record<string, Json>>(config));
    query.on('row', (row) => {
      bytes += Buffer.byteLength(JSON.stringify(row));
      if (bytes <= limits.outputBytes) rows.push(row);
      else reject(new AppError('output_too_large', `the result is larger than ${limits.outputBytes} bytes: select less`));
    });
    query.on('end', (result) => {
      const names = result.fields.map(({ name }) => name);
      const twice = names.find((name, index) => names.indexOf(name) < index);
      if (twice === undefined) resolve({ rowCount: result.rowCount ?? rows.length, rows });
      else reject(new AppError('output_invalid', `two columns of the result are called "${twice}": name one of them by \`as\``));
    });
    query.on('error', reject);
  });
}

/** Postgres gives a transaction an id with its first write. */
async function hasWritten(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ written: boolean }>('select pg_current_xact_id_if_assigned() is not null as written');
  return rows[0]?.written === true;
}
