import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../../db/migrate';
import { isAlive } from '../../devstack/processes';
import type { Running } from '../../devstack/supervisor';
import { OwnServers } from './own-servers';
import { ProcessStage } from './process-stage';

jest.setTimeout(90_000);

/** Long enough that connections break, retries begin, and a worker that gave up would be gone. */
const outageMs = 5_000;

let servers: OwnServers;
let stage: ProcessStage;
let processes: Running[];

beforeAll(async () => {
  servers = await OwnServers.boot('outage');
  stage = await ProcessStage.on(servers);
  await migrate(stage.pool);
  processes = await Promise.all([stage.startApi(), stage.startWorker()]);
  // What reads the long text has a stored input, and what gives it a stored output; neither has a second attempt.
  await stage.apply(`
name: patient
inputs: { text: { type: string, default: "${'long '.repeat(4_000)}" } }
defaults: { retry: { maxAttempts: 1 } }
tasks:
  - { id: begin, uses: core.sleep, with: { milliseconds: 500 } }
  - { id: hold, uses: core.wait, with: { duration: 2s } }
  - { id: note, needs: [begin], uses: core.log, with: { message: on } }
  - { id: nap, needs: [begin], uses: core.sleep, with: { milliseconds: "\${{ size(inputs.text) / 1000 }}" } }
  - { id: keep, needs: [begin], uses: core.set, with: { text: "\${{ inputs.text }}" } }
  - { id: late, needs: [hold, note], uses: core.sleep, with: { milliseconds: 100 } }
`);
});
afterAll(async () => {
  await stage.close();
  await servers.stop();
});

const expectAllToEnd = async (ids: string[]): Promise<void> => {
  expect(await Promise.all(ids.map((id) => stage.ended(id)))).toEqual(ids.map(() => 'succeeded'));
  const ends = ['begin', 'hold', 'keep', 'late', 'nap', 'note'].map((task) => `${task}[-1] task.succeeded`);
  for (const id of ids) expect(await stage.finalEvents(id)).toEqual([...ends, 'run.succeeded']);
  const { rows } = await stage.pool.query<{ lines: number }>('select count(*) as lines from task_logs where run_id = any($1)', [ids]);
  expect(rows).toEqual([{ lines: ids.length }]);
  expect(processes.map(({ pid }) => isAlive(pid))).toEqual([true, true]);
};

test('while Postgres is away starts are refused, and the open runs end when it is back', async () => {
  const open = await Promise.all([1, 2, 3].map(() => stage.startRun('patient')));
  await sleep(300);
  await servers.stopPostgres();
  const refused = await stage.call('POST', '/v1/pipelines/patient/runs', {});
  expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await sleep(outageMs);
  await servers.returnPostgres();
  await expectAllToEnd(open);
  await expectAllToEnd([await stage.until(20_000, 'no run was accepted', () => stage.startRun('patient'))]);
  const { rows } = await stage.pool.query<{ count: number }>('select count(*) from runs');
  expect(rows).toEqual([{ count: 4 }]);
});

test('while Temporal is away runs are accepted and start when it is back; a cancel of a running one is refused', async () => {
  const running = await stage.startRun('patient');
  await stage.progressed(running, 1);
  await servers.stopTemporal();
  const accepted = await stage.startRun('patient');
  expect(await stage.call('POST', `/v1/runs/${running}/cancel`, {})).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  await sleep(outageMs);
  await servers.returnTemporal();
  await expectAllToEnd([running, accepted]);
});
