import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { testTemporal } from '../harness/temporal';
import { ProcessStage } from './process-stage';

jest.setTimeout(60_000);

let database: TestDatabase;
let stage: ProcessStage;
beforeAll(async () => {
  database = await createTestDatabase();
  stage = await ProcessStage.on({ databaseUrl: database.url, temporalAddress: testTemporal().address });
});
afterAll(async () => {
  await stage.close();
  await database.close();
});

test('an API killed while it answers thirty starts accepts each of them once, however often they are sent again', async () => {
  const [victim] = await Promise.all([stage.startApi(), stage.startWorker()]);
  await stage.apply('name: once\ntasks: [ { id: only, uses: core.sleep, with: { milliseconds: 1 } } ]');
  const keys = Array.from({ length: 30 }, (_, index) => `start-${index}`);
  const start = (key: string): Promise<string> => stage.startRun('once', { 'idempotency-key': key });
  const first = Promise.allSettled(keys.map(start));
  await sleep(60);
  await stage.kill(victim);
  const cutOff = (await first).filter(({ status }) => status === 'rejected').length;
  expect(cutOff).toBeGreaterThan(0);

  await stage.startApi();
  const again = await Promise.all(keys.map((key) => stage.until(20_000, `${key} was not accepted`, () => start(key))));
  (await first).forEach((answer, index) => { if (answer.status === 'fulfilled') expect(again[index]).toBe(answer.value); });
  expect(new Set(again).size).toBe(keys.length);
  const { rows } = await stage.pool.query<{ count: number }>('select count(*) from runs');
  expect(rows).toEqual([{ count: keys.length }]);
  expect(await Promise.all(again.map((id) => stage.ended(id)))).toEqual(keys.map(() => 'succeeded'));
  for (const id of again) expect(await stage.finalEvents(id)).toEqual(['only[-1] task.succeeded', 'run.succeeded']);
});

test('an API that is told to stop while Temporal is away ends in good order, and not with the error of a closed channel', async () => {
  const lonely = await ProcessStage.on({ databaseUrl: database.url, temporalAddress: '127.0.0.1:1' });
  const api = await lonely.startApi();
  // Asks Temporal, which is retried while it stops.
  const asked = lonely.call('GET', '/v1/queues').catch((error: unknown) => error);
  await sleep(300);
  process.kill(api.pid, 'SIGTERM');
  expect(await api.exited).toBe(0);
  await asked;
  const said = lonely.logged();
  expect(said).not.toContain('Channel has been shut down');
  expect(said).not.toMatch(/^(?!\{)./m);
  await lonely.close();
});
