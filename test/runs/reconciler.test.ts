import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { insertKey } from '../../db/keys';
import type { Plan } from '../../domain/pipeline/plan';
import { makeLogger } from '../../platform/logger';
import { Reconciler } from '../../workers/reconciler';
import { stepApprovalWorkflowId } from '../../workflows/approval/contract';
import { admittedSignal, pauseUpdate, resumeUpdate, retryTaskUpdate, runWorkflowId } from '../../workflows/pipeline/contract';
import { RunStage } from './run-stage';

let stage: RunStage;
let reconciler: Reconciler;
beforeAll(async () => {
  stage = await RunStage.open({ DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64') });
  reconciler = new Reconciler(stage.database.pool, stage.client, makeLogger('error', 'test'));
});
afterAll(() => stage.close());

/** Repeats the look: Temporal's list of workflows lags a little behind. */
async function sweepUntil<T>(otherwise: string, probe: () => Promise<T | undefined>): Promise<T> {
  for (let round = 0; round < 40; round++) {
    await reconciler.sweep(0);
    const found = await probe();
    if (found !== undefined) return found;
    await sleep(200);
  }
  throw new Error(otherwise);
}

const endOf = async (workflowId: string): Promise<string | undefined> => {
  const { status } = await stage.client.workflow.getHandle(workflowId).describe();
  return status.name === 'RUNNING' ? undefined : status.name;
};
const terminate = (workflowId: string) => stage.client.workflow.getHandle(workflowId).terminate('by hand');
const childOf = async (parent: string, task: string, generation = 0): Promise<{ id: string; workflowId: string }> => {
  for (let round = 0; round < 100; round++) {
    const { rows } = await stage.database.pool.query<{ id: string; workflowId: string }>(
      `select id, workflow_id as "workflowId" from runs where parent_run = $1 and parent_task = $2 and workflow_id like '%.' || $3 and started_at is not null`, [parent, task, generation]);
    if (rows[0]) return rows[0];
    await sleep(50);
  }
  throw new Error(`${parent} has no child ${task} ${generation}`);
};

const untilRunning = async (id: string, count: number): Promise<void> => {
  for (let round = 0; round < 200; round++) {
    if ((await stage.tasks(id)).filter(({ status }) => status === 'running').length >= count) return;
    await sleep(50);
  }
  throw new Error(`${id} has not ${count} running tasks`);
};

const child = (name: string): string => `
name: ${name}
tasks:
  - { id: hold, uses: core.wait, with: { duration: 1h } }
  - { id: cleanup, needs: [hold], if: always(), uses: core.noop }
`;
const parent = (name: string, of: string): string => `
name: ${name}
tasks:
  - { id: before, uses: core.noop }
  - { id: call, needs: [before], uses: pipeline.run, with: { pipeline: ${of} } }
`;

test('the batches of a terminated run are ended, and its tasks are told to stop', async () => {
  const items = Array.from({ length: 120 }, (_, index) => index);
  const tasks = [{ id: 'each', forEach: { in: items, as: 'item' }, uses: 'core.sleep', with: { milliseconds: 3_600_000 } }];
  const plan = await stage.apply(JSON.stringify({ name: 'terminated-large', tasks, defaults: { timeout: '2h' } }), 'json');
  const id = await stage.start(plan);
  const batch = `batch/${id}/0`;
  await untilRunning(id, 50);
  expect(await endOf(batch)).toBeUndefined();
  await terminate(runWorkflowId(plan.name, id));
  expect(await sweepUntil('the batch goes on', () => endOf(batch))).toBe('TERMINATED');
  expect(await stage.final(id)).toMatchObject({ status: 'cancelled', error: { code: 'terminated' }, progress: { total: 1, cancelled: 1, pending: 0, running: 0 } });
});

test('the child run of a terminated run is cancelled, and its clean-up runs', async () => {
  await stage.apply(child('orphan'));
  const plan = await stage.apply(parent('terminated-parent', 'orphan'));
  const id = await stage.start(plan);
  const orphan = await childOf(id, 'call');
  await terminate(runWorkflowId(plan.name, id));
  await reconciler.sweep(0);
  expect((await stage.final(id)).error).toMatchObject({ code: 'terminated' });
  expect(await stage.final(orphan.id)).toMatchObject({ status: 'cancelled', error: { message: 'Cancelled: its parent run has ended' } });
  expect(await stage.statuses(orphan.id)).toEqual({ hold: 'cancelled', cleanup: 'succeeded' });
});

/** Makes a run continue as new: its history grows by signals that change nothing, and it is woken to see that. */
async function renew(plan: Plan, id: string): Promise<void> {
  const handle = stage.client.workflow.getHandle(runWorkflowId(plan.name, id));
  const { runId } = await handle.describe();
  for (let megabytes = 0; megabytes < 9; megabytes++) await handle.signal(admittedSignal, 'x'.repeat(1_000_000));
  await stage.update(plan, id, pauseUpdate);
  await stage.update(plan, id, resumeUpdate);
  await sweepUntil('the run did not continue as new', async () => ((await handle.describe()).runId === runId ? undefined : true));
}

test('a parent that continued as new hears that its children were terminated, also of those that had no row yet', async () => {
  await insertKey(stage.database.pool, { id: uuidv7(), hash: randomBytes(32), prefix: 'dmcp_', subject: { type: 'user', name: 'ann' }, roles: [], groups: [], createdBy: 'test', expiresAt: null });
  await stage.apply(child('lost-child'));
  const plan = await stage.apply(`
name: renewed-parent
tasks:
  - { id: call, uses: pipeline.run, continueOnError: true, with: { pipeline: lost-child } }
  - { id: calls, forEach: { in: [1], as: item }, uses: pipeline.run, continueOnError: true, with: { pipeline: lost-child } }
  - { id: ask, uses: approval, continueOnError: true, with: { title: "Go?", policy: { approvers: { users: [ann] } } } }
`);
  const id = await stage.start(plan);
  const request = stepApprovalWorkflowId(id, 'ask', -1, 0);
  const [known, unknown] = await Promise.all([childOf(id, 'call'), childOf(id, 'calls')]);
  await renew(plan, id);
  await terminate(known.workflowId);
  await terminate(unknown.workflowId);
  await terminate(request);
  await stage.database.pool.query('delete from runs where id = $1', [unknown.id]);
  await stage.database.pool.query('delete from approvals where workflow_id = $1', [request]);
  await sleep(500);
  expect(await stage.statuses(id)).toMatchObject({ call: 'waiting', calls: 'waiting', ask: 'waiting' });
  await sweepUntil('the parent was not told', async () => (Object.values(await stage.statuses(id)).includes('waiting') ? undefined : true));
  expect(await stage.final(id)).toMatchObject({ status: 'succeeded' });
  const failed = (await stage.tasks(id)).filter(({ error }) => error?.code === 'child_run_failed' && error.message.includes('terminated in Temporal'));
  expect(failed.map(({ task, instance }) => [task, instance])).toEqual(expect.arrayContaining([['call', -1], ['calls', 0]]));
  expect((await stage.tasks(id)).find(({ task }) => task === 'ask')?.error).toMatchObject({ code: 'terminated', message: 'The workflow was terminated in Temporal' });
  expect((await stage.final(known.id)).error).toMatchObject({ code: 'terminated' });
}, 60_000);

test('a step that was retried hears nothing of the child that it waited for before', async () => {
  await stage.apply(child('earlier-child'));
  const plan = await stage.apply(parent('retried-parent', 'earlier-child').replace('tasks:', 'tasks:\n  - { id: beside, uses: core.wait, with: { duration: 1h } }'));
  const id = await stage.start(plan);
  const earlier = await childOf(id, 'call');
  await terminate(earlier.workflowId);
  await stage.untilTask(id, 'call', 'failed');
  await stage.update(plan, id, retryTaskUpdate, { task: 'call' });
  await childOf(id, 'call', 1);
  await reconciler.sweep(0);
  expect((await stage.final(earlier.id)).error).toMatchObject({ code: 'terminated' });
  await sleep(500);
  expect((await stage.statuses(id))['call']).toBe('waiting');
});

test('a run that was accepted while Temporal was away is left to the starters, however long it waits', async () => {
  const plan = await stage.apply(child('not-started'));
  await stage.stopWorker();
  const { accepted: { run: { id } } } = await stage.accept(plan);
  await stage.database.pool.query("update runs set dispatched_at = now() - interval '1 hour' where id = $1", [id]);
  await reconciler.sweep(0);
  await reconciler.sweep(0);
  expect((await stage.until(id, () => true)).status).toBe('queued');
  await stage.startWorker();
  await stage.untilTask(id, 'hold', 'waiting');
});

test('a run that ends by itself while Temporal is asked about it is not taken for a lost one', async () => {
  const id = await stage.start(await stage.apply('name: ends-meanwhile\ntasks:\n  - { id: one, uses: core.sleep, with: { milliseconds: 300 } }\n'));
  await stage.untilTask(id, 'one', 'running');
  const logger = makeLogger('error', 'test');
  const warn = jest.spyOn(logger, 'warn');
  jest.spyOn(stage.client, 'withDeadline').mockImplementationOnce(async (_deadline, ask) => {
    await stage.final(id);
    await stage.client.workflow.getHandle(runWorkflowId('ends-meanwhile', id)).result();
    return ask();
  });
  await new Reconciler(stage.database.pool, stage.client, logger).sweep(0);
  expect(warn).not.toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ runId: id }));
});
