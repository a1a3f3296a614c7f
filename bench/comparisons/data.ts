import { join } from 'node:path';
import type { Comparison } from '../comparison';
import { ratioAtLeast } from '../measurement';
import { countRows, plainQuery } from '../plain/duckdb';
import type { ProductSide } from '../product-side';
import { takeTurns, timeMs } from '../rounds';

const dataFile = 'flights-3m.parquet';
const sql = `
  select origin, destination, hour(date) as hour, count(*) as flights, avg(delay) as average_delay, quantile_cont(delay, 0.95) as p95_delay
  from flights group by all order by flights desc, origin, destination, hour`;
const moments = 3;

async function runQuery(product: ProductSide): Promise<string> {
  const query = { id: 'query', uses: 'duckdb.query', with: { from: { flights: dataFile }, sql, save: 'routes.parquet' } };
  return product.run(await product.pipeline('bench-data', () => [query]));
}

export const data: Comparison = {
  key: 'data',
  about: 'a query of DuckDB over all flights of the example, its rows into a file',
  async *measure(bench, time) {
    const { product } = await bench.sides();
    const { folders } = bench.stack;
    const file = join(folders.root, 'node_modules', 'vega-datasets', 'data', dataFile);
    const rows = await countRows(file);
    const rowsASecond = (ms: number): number => (rows * 1_000) / ms;
    const plain = async (): Promise<number> => rowsASecond(await timeMs(() => plainQuery({ name: 'flights', file }, sql, join(folders.data, 'routes.parquet'))));
    const rounds = time.rounds(bench.sizes.rounds * moments);
    yield {
      name: 'duckdb.query, the task', unit: 'rows a second', target: ratioAtLeast(1 / 1.1),
      ...(await takeTurns(rounds, async () => rowsASecond(await product.taskMs(await runQuery(product), 'query')), plain)),
    };
    yield {
      name: 'duckdb.query, the whole run', unit: 'rows a second',
      ...(await takeTurns(rounds, async () => rowsASecond(await timeMs(() => runQuery(product))), plain)),
    };
  },
};
