import { ProcessStage } from './process-stage';

jest.setTimeout(90_000);

let stage: ProcessStage;
beforeAll(async () => {
  stage = await ProcessStage.open();
  await stage.startApi();
});
afterAll(() => stage.close());

test('a run whose worker is killed goes on with another one: rows are loaded once, every task ends once', async () => {
  const first = await stage.startWorker();
  await stage.apply(`
name: killed
tasks:
  - { id: read, uses: duckdb.query, with: { sql: "select iata, name from airports", from: { airports: airports.csv }, save: airports.parquet } }
  - { id: load, needs: [read], uses: sql.load, with: { connection: warehouse, table: landed, from: "\${{ tasks.read.output.artifact }}", createTable: true } }
  - { id: note, needs: [read], uses: core.log, with: { message: one } }
  - { id: note_too, needs: [read], uses: core.log, with: { message: "\${{ tasks.read.status }}" } }
  - { id: pick, needs: [note_too], uses: core.wait, with: { duration: 1ms } }
  - { id: next, needs: [note], uses: core.sleep, with: { milliseconds: 1 } }
  - { id: slow, needs: [read], uses: core.sleep, with: { milliseconds: 4000 } }
  - { id: each, needs: [slow], forEach: { in: [a, b, c], as: item }, uses: core.sleep, with: { milliseconds: 1 } }
  - { id: end, needs: [each, load, pick, next], uses: core.noop }
`);
  const id = await stage.startRun('killed');
  await stage.progressed(id, 2);
  await stage.kill(first);
  await stage.startWorker();
  expect(await stage.ended(id)).toBe('succeeded');
  const { rows } = await stage.pool.query<{ count: number; kinds: number }>('select count(*), count(distinct iata) as kinds from landed');
  expect(rows).toEqual([{ count: 3376, kinds: 3376 }]);
  expect(await stage.finalEvents(id)).toEqual([
    ...[0, 1, 2].map((item) => `each[${item}] task.succeeded`),
    ...['each', 'end', 'load', 'next', 'note', 'note_too', 'pick', 'read', 'slow'].map((task) => `${task}[-1] task.succeeded`), 'run.succeeded',
  ].sort());
});

test('a large run whose worker is killed in the middle ends with every task succeeded, and each once', async () => {
  const victim = await stage.startWorker();
  const count = 1_500;
  await stage.apply({
    name: 'killed-large',
    tasks: Array.from({ length: count }, (_, index) => ({
      id: `task_with_a_long_name_${index}`, uses: index % 3 === 0 ? 'core.noop' : 'core.sleep', ...(index % 3 !== 0 && { with: { milliseconds: 1 } }),
    })),
  } as { name: string });
  const id = await stage.startRun('killed-large');
  await stage.progressed(id, 300);
  await stage.kill(victim);
  await stage.startWorker();
  expect(await stage.ended(id, 60_000)).toBe('succeeded');
  const { rows } = await stage.pool.query<{ status: string; count: number }>('select status, count(*) from run_tasks where run_id = $1 group by status', [id]);
  expect(rows).toEqual([{ status: 'succeeded', count }]);
  const events = await stage.finalEvents(id);
  expect(new Set(events).size).toBe(events.length);
});
