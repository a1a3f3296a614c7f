import { v7 as uuidv7 } from 'uuid';
import { saveFailedAttempts, saveLive, type LiveAttempt } from '../../db/live';
import { projectFacts } from '../../db/projection';
import { closeEnded } from '../../db/reconcile';
import { findTaskRows, type RunTaskRow } from '../../db/run-task-queries';
import { acceptRun } from '../../db/runs';
import type { RunFacts, TaskFact } from '../../domain/pipeline/facts';
import { transaction } from '../../platform/postgres';
import { createTestDatabase, type TestDatabase } from '../harness/database';

let database: TestDatabase;
let runId: string;
beforeAll(async () => { database = await createTestDatabase(); });
afterAll(() => database.close());
beforeEach(async () => {
  runId = uuidv7();
  await transaction(database.pool, (client) => acceptRun(client, {
    id: runId, pipeline: 'p', version: 1, planHash: 'none', inputs: {}, labels: {}, priority: 3, trigger: { type: 'api' },
    requestedBy: 'test', workflowId: `run/p/${runId}`, total: 1,
  }));
});

const at = '2001-02-03T04:05:06.000Z';
const live = (attempt: number, generation = 0): Promise<void> => {
  const shown: LiveAttempt = { runId, task: 'only', instance: -1, generation, attempt, startedAt: new Date(at), worker: `w${attempt}`, progress: null };
  return saveLive(database.pool, [shown]);
};
const fail = (attempt: number, retryAt: string | null): Promise<void> => saveFailedAttempts(database.pool, [{
  runId, task: 'only', instance: -1, generation: 0, attempt, startedAt: new Date(at), finishedAt: new Date(at), worker: 'w',
  error: { code: 'task_failed', message: `failure ${attempt}`, retryable: true }, retryAt: retryAt === null ? null : new Date(retryAt),
}]);
const shown = async (): Promise<RunTaskRow | undefined> => (await findTaskRows(database.pool, runId, ['only'])).get('only');
const tell = (seq: number, fact: Partial<TaskFact> | undefined, status: RunFacts['status'] = 'running'): Promise<void> => projectFacts(database.pool, {
  runId, status, seq, startedAt: at, events: [],
  progress: { total: 1, succeeded: 0, failed: 0, skipped: 0, cancelled: 0, running: 1, waiting: 0, queued: 0, pending: 0 },
  tasks: fact ? [{ seq, task: 'only', at, status: 'running', ...fact }] : [],
  ...(status === 'succeeded' && { finishedAt: at }),
});
const row = async (): Promise<unknown> =>
  (await database.pool.query('select status, attempt, generation, final from run_tasks where run_id = $1', [runId])).rows[0];
const runStatus = async (): Promise<unknown> => (await database.pool.query<{ status: string }>('select status from runs where id = $1', [runId])).rows[0]?.status;

test('a late word of an earlier attempt does not replace a later one', async () => {
  await live(2);
  await live(1);
  expect(await row()).toMatchObject({ status: 'running', attempt: 2 });
});

test('nothing but a newer generation replaces a final status', async () => {
  await live(1);
  await tell(1, { status: 'failed', attempt: 1 });
  await live(1);
  await live(3);
  expect(await row()).toMatchObject({ status: 'failed', attempt: 1, final: true });
  await live(1, 1);
  expect(await row()).toMatchObject({ status: 'running', generation: 1, final: false });
  await live(5, 0);
  expect(await row()).toMatchObject({ status: 'running', generation: 1, attempt: 1 });
});

test('facts that come twice or late change nothing', async () => {
  await tell(5, { status: 'succeeded', attempt: 1 });
  await tell(4, { status: 'failed', attempt: 1 });
  await tell(5, { status: 'cancelled', attempt: 1 });
  expect(await row()).toMatchObject({ status: 'succeeded' });
});

test('queued, which is told late, does not hide that the task runs', async () => {
  await live(1);
  await tell(1, { status: 'queued' });
  expect(await row()).toMatchObject({ status: 'running', attempt: 1 });
});

test('a task waits for its next attempt from its failure until that begins, whatever is told late', async () => {
  await live(1);
  await fail(1, '2001-02-03T05:00:00Z');
  await tell(1, { status: 'queued' });
  expect(await shown()).toMatchObject({ status: 'queued', attempt: 1, startedAt: null, retry: { at: expect.stringContaining('2001-02-03T05:00:00'), error: { message: 'failure 1' } } });
  await live(2);
  await fail(1, '2001-02-03T05:00:00Z');
  expect(await shown()).toMatchObject({ status: 'running', attempt: 2, retry: null });
});

test('the last failure of a task makes it wait for nothing, and what is final is not queued again', async () => {
  await live(1);
  await fail(1, null);
  expect(await shown()).toMatchObject({ status: 'running', retry: null });
  await tell(1, { status: 'failed', attempt: 1 });
  await fail(2, '2001-02-03T05:00:00Z');
  expect(await shown()).toMatchObject({ status: 'failed', attempt: 1, retry: null });
});

test('the end of a run counts, whatever was written before it', async () => {
  await tell(3, { status: 'succeeded', attempt: 1 });
  await tell(3, undefined, 'succeeded');
  expect(await runStatus()).toBe('succeeded');
});

test('a run that has ended stays as it ended, and no attempt of it is shown any more', async () => {
  await tell(1, { status: 'succeeded', attempt: 1 }, 'succeeded');
  await tell(2, undefined, 'running');
  await live(9, 9);
  await closeEnded(database.pool, runId, { status: 'cancelled', code: 'terminated', message: 'late' });
  expect([await runStatus(), await row()]).toMatchObject(['succeeded', { status: 'succeeded', generation: 0 }]);
});
