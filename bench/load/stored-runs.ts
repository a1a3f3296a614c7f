import { Client } from 'pg';

const statuses = ['succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled'];

/**
 * Copies the newest run many times, over the past months and with other ends, as an installation would have them stored.
 * @returns ids of those that are there now, at most `count`
 */
export async function storeRuns(databaseUrl: string, count: number): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `insert into runs
       select (jsonb_populate_record(model, jsonb_build_object(
         'id', copy.id, 'workflow_id', 'stored/' || copy.id, 'status', ($2::text[])[1 + number % cardinality($2::text[])],
         'created_at', copy.made, 'started_at', copy.made, 'finished_at', copy.made))).*
       from runs as model, generate_series(1, $1::int) as number,
         lateral (select uuidv7(make_interval(mins => -10 * number)) as id, now() - make_interval(mins => 10 * number) as made) as copy
       where model.id = (select id from runs order by id desc limit 1)`,
      [count, statuses]);
    await client.query('analyze runs');
    const { rows } = await client.query<{ id: string }>('select id from runs order by random() limit $1', [count]);
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}
