import { RunStage } from '../runs/run-stage';

let stage: RunStage;
beforeAll(async () => { stage = await RunStage.open(); });
afterAll(() => stage.close());

const pipeline = `
name: watched
tasks:
  - { id: first, uses: core.sleep, with: { milliseconds: 1500 } }
  - { id: hold, needs: [first], uses: core.wait, with: { duration: 1500ms } }
  - { id: last, needs: [hold], uses: core.sleep, with: { milliseconds: 1500 } }
`;
const longestLagMs = 1_000;

test('what happens in a run is seen within a second: a start, a wait, an end, and the end of the run', async () => {
  const plan = await stage.apply(pipeline);
  // The first run of a worker also pays for what is loaded once.
  await stage.final(await stage.start(plan));
  const id = await stage.start(plan);
  const seen: [string, number][] = [];
  const see = async (task: string, status: string): Promise<void> => {
    await stage.untilTask(id, task, status);
    const { rows } = await stage.database.pool.query<{ lag: number }>(
      `select extract(epoch from clock_timestamp() - coalesce(finished_at, started_at))::float * 1000 as lag from run_tasks where run_id = $1 and task = $2`, [id, task]);
    seen.push([`${task} ${status}`, rows[0]?.lag ?? Infinity]);
  };
  await see('first', 'running');
  await see('first', 'succeeded');
  await see('hold', 'waiting');
  await see('last', 'running');
  await stage.final(id);
  const { rows } = await stage.database.pool.query<{ lag: number }>('select extract(epoch from clock_timestamp() - finished_at)::float * 1000 as lag from runs where id = $1', [id]);
  seen.push(['the run', rows[0]?.lag ?? Infinity]);
  expect(seen.filter(([, lag]) => lag > longestLagMs)).toEqual([]);
}, 40_000);
