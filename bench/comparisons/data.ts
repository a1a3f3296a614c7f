import { join } from 'node:path';
import type { Comparison } from '../comparison';
import { ratioAtLeast } from '../measurement';
import { countRows, plainQuery } from '../plain/duckdb';
import type { ProductSide } from '../product-side';
import { takeTurns, timeMs } from '../rounds';

const dataFile = 'flights-3m.parquet';
const moments = 3;
const fold = 4;

/** Over all flights so many times. */
const sqlOver = (times: number): string => `
  select origin, destination, hour(date) as hour, count(*) as flights, avg(delay) as average_delay, quantile_cont(delay, 0.95) as p95_delay
  from (${Array<string>(times).fill('from flights').join(' union all ')}) group by all order by flights desc, origin, destination, hour`;

async function runQuery(product: ProductSide, times: number): Promise<string> {
  const query = { id: 'query', uses: 'duckdb.query', with: { from: { flights: dataFile }, sql: sqlOver(times), save: 'routes.parquet' } };
  return product.run(await product.pipeline(`bench-data-${times}`, () => [query]));
}

export const data: Comparison = {
  key: 'data',
  about: 'a query of DuckDB over all flights of the example, its rows into a file',
  async *measure(bench, time) {
    const { product } = await bench.sides();
    const { folders } = bench.stack;
    const file = join(folders.root, 'node_modules', 'vega-datasets', 'data', dataFile);
    const rows = await countRows(file);
    const speed = (times: number, ms: number): number => (rows * times * 1_000) / ms;
    const task = (times: number) => async () => speed(times, await product.taskMs(await runQuery(product, times), 'query'));
    const run = async (): Promise<number> => speed(1, await timeMs(() => runQuery(product, 1)));
    const plain = (times: number) => async () =>
      speed(times, await timeMs(() => plainQuery({ name: 'flights', file }, sqlOver(times), join(folders.data, 'routes.parquet'))));
    const rounds = time.rounds(bench.sizes.rounds * moments);
    const tasks = { 'duckdb.query, the task': 1, [`duckdb.query of ${fold} times as many rows, the task`]: fold };
    for (const [name, times] of Object.entries(tasks)) {
      yield { name, unit: 'rows a second', target: ratioAtLeast(1 / 1.1), ...(await takeTurns(rounds, task(times), plain(times))) };
    }
    yield { name: 'duckdb.query, the whole run', unit: 'rows a second', ...(await takeTurns(rounds, run, plain(1))) };
  },
};
