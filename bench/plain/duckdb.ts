import { DuckDBInstance } from '@duckdb/node-api';

/** The same resources as `duckdb.query` takes. */
const settings = { threads: '2', memory_limit: '256MB' };

/** What one writes by hand: a query over a Parquet file, its rows into another one. */
export async function plainQuery(view: { name: string; file: string }, sql: string, result: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  try {
    await connection.run(`create view ${view.name} as from read_parquet('${view.file}')`);
    await connection.run(`copy (${sql}) to '${result}' (format parquet)`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Rows of a Parquet file. */
export async function countRows(file: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(`select count(*)::int from read_parquet('${file}')`);
    return Number(reader.getRows()[0]?.[0]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
