import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultPayloadConverter } from '@temporalio/common';
import { v7 as uuidv7 } from 'uuid';
import { insertKey } from '../../db/keys';
import type { Plan } from '../../domain/pipeline/plan';
import { stepApprovalWorkflowId } from '../../workflows/approval/contract';
import {
  cancelSignal, cancelTaskUpdate, pauseUpdate, pipelineRunType, resumeUpdate, retryTaskUpdate, runWorkflowId,
} from '../../workflows/pipeline/contract';
import { RunStage, type RunResult } from '../runs/run-stage';
import { keepHistory } from './history-file';
import * as sample from './samples';

// Not a test of `npm test`: `npm run record-histories` runs it, after workflow code was changed on purpose.
jest.setTimeout(180_000);

let stage: RunStage;
beforeAll(async () => {
  stage = await RunStage.open({ DATAMCP_TRUST_SIGNALS: 'true', DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64') });
  await insertKey(stage.database.pool, { id: uuidv7(), hash: Buffer.from('ann'), prefix: 'ann', subject: { type: 'user', name: 'ann' }, roles: [], groups: [], createdBy: 'test', expiresAt: null });
});
afterAll(() => stage.close());

const keep = (name: string, workflowId: string, runId?: string): Promise<void> => keepHistory(stage.client, name, workflowId, runId);

async function begin(source: string): Promise<{ plan: Plan; id: string; workflowId: string }> {
  const plan = await stage.apply(source);
  const id = await stage.start(plan);
  return { plan, id, workflowId: runWorkflowId(plan.name, id) };
}

/** Waits for the end of the run and of its workflow, which closes a moment later. */
async function ended(id: string, workflowId: string, patienceMs = 60_000): Promise<RunResult> {
  const run = await stage.final(id, patienceMs);
  await stage.client.workflow.getHandle(workflowId).result().catch(() => undefined);
  return run;
}

async function record(name: string, source: string, status: string): Promise<void> {
  const { id, workflowId } = await begin(source);
  expect(await ended(id, workflowId)).toMatchObject({ status });
  await keep(name, workflowId);
}

test('a small run', () => record('small', sample.small, 'succeeded'));
test('a run with failures', () => record('failures', sample.failures, 'failed'));
test('a run that fails fast', () => record('fail-fast', sample.failFast, 'failed'));
test('a run that takes too long', () => record('timed-out', sample.cleanUp('timed-out', 'timeout: 1s'), 'timed_out'));

test.each([['cancelled', {}], ['cancelled-by-force', { force: true }]])('a run that is %s', async (name, request) => {
  const { plan, id, workflowId } = await begin(sample.cleanUp(name));
  await stage.untilTask(id, 'slow', 'running');
  await stage.signal(plan, id, cancelSignal, request);
  expect((await ended(id, workflowId)).status).toBe('cancelled');
  await keep(name, workflowId);
});

test('a run of which one task is cancelled', async () => {
  const { plan, id, workflowId } = await begin(sample.cleanUp('task-cancelled'));
  await stage.untilTask(id, 'slow', 'running');
  await stage.update(plan, id, cancelTaskUpdate, { task: 'slow' });
  await ended(id, workflowId);
  await keep('task-cancelled', workflowId);
});

test('a run that is paused, resumed, and has a task retried', async () => {
  const { plan, id, workflowId } = await begin(sample.retried);
  await stage.untilTask(id, 'after', 'skipped');
  await stage.update(plan, id, pauseUpdate);
  await stage.update(plan, id, retryTaskUpdate, { task: 'flaky' });
  await sleep(200);
  await stage.update(plan, id, resumeUpdate);
  expect((await ended(id, workflowId)).status).toBe('succeeded');
  await keep('paused-and-retried', workflowId);
});

test('a run with a durable wait and a child run', async () => {
  await stage.apply(sample.child);
  const { id, workflowId } = await begin(sample.parent);
  expect((await ended(id, workflowId)).status).toBe('succeeded');
  await keep('parent', workflowId);
  const { rows } = await stage.database.pool.query<{ workflowId: string }>('select workflow_id as "workflowId" from runs where parent_run = $1', [id]);
  await keep('child', rows[0]?.workflowId ?? '');
});

test('runs that are born in Temporal: one that waits at the door, one with bad inputs', async () => {
  const plan = await stage.apply(sample.door);
  const start = (workflowId: string, inputs: object) => stage.client.workflow.start(pipelineRunType, {
    workflowId, taskQueue: stage.config.TEMPORAL_TASK_QUEUE, args: [{ pipeline: plan.name, inputs }],
  });
  const first = await start('born-in-temporal-first', { who: 'one' });
  await stage.client.workflow.getHandle(first.workflowId).describe();
  const second = await start('born-in-temporal-second', { who: 'two' });
  await Promise.all([first.result(), second.result()]);
  // Either may have come first; what waited for `admitted` is in one of them.
  await Promise.all([keep('born-in-temporal-first', first.workflowId), keep('born-in-temporal-second', second.workflowId)]);
  const bad = await start('born-in-temporal-refused', {});
  await bad.result().catch(() => undefined);
  await keep('born-in-temporal-refused', bad.workflowId);
});

test('a large run and a batch of its tasks', async () => {
  const { id, workflowId } = await begin(sample.large);
  expect((await ended(id, workflowId)).status).toBe('failed');
  await keep('large', workflowId);
  await keep('batch', `batch/${id}/0`);
});

test('a large run that is cancelled, and a batch of its tasks', async () => {
  const { plan, id, workflowId } = await begin(sample.largeSlow);
  await stage.untilTask(id, 'slow_0', 'running');
  await stage.signal(plan, id, cancelSignal, {});
  expect((await ended(id, workflowId)).status).toBe('cancelled');
  await keep('large-cancelled', workflowId);
  await keep('batch-cancelled', `batch/${id}/0`);
});

test('a run that asks people twice: one decides after a reminder, then the run is cancelled', async () => {
  const { plan, id, workflowId } = await begin(sample.asking);
  const [go, stop] = [stepApprovalWorkflowId(id, 'go', -1, 0), stepApprovalWorkflowId(id, 'stop', -1, 0)];
  await stage.untilTask(id, 'go', 'waiting');
  await sleep(1_500);
  await stage.client.workflow.getHandle(go).signal('decide', { decision: 'approve', by: 'ann' });
  await stage.untilTask(id, 'stop', 'waiting');
  await sleep(500);
  await stage.client.workflow.getHandle(stop).signal('comment', { comment: 'wait', by: 'ann' });
  await sleep(500);
  await stage.signal(plan, id, cancelSignal, {});
  expect((await ended(id, workflowId)).status).toBe('cancelled');
  await Promise.all([go, stop].map((asked) => stage.client.workflow.getHandle(asked).result()));
  await keep('asking', workflowId);
  await keep('approval', go);
  await keep('approval-withdrawn', stop);
});

test('a run that continues as new while a wait, a child run and an approval are open', async () => {
  await stage.apply(sample.slowChild);
  const { id, workflowId } = await begin(sample.chain);
  const { firstExecutionRunId } = await stage.client.workflow.getHandle(workflowId).describe().then(({ raw }) => ({
    firstExecutionRunId: raw.workflowExecutionInfo?.firstRunId ?? '',
  }));
  expect((await ended(id, workflowId, 120_000)).status).toBe('succeeded');
  const { events } = await stage.client.workflow.getHandle(workflowId).fetchHistory();
  const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  expect(input && defaultPayloadConverter.fromPayload(input)).toMatchObject({ carried: { waits: [{}], children: [{}], approvals: [{}] } });
  await keep('renewed-first', workflowId, firstExecutionRunId);
  await keep('renewed-last', workflowId);
});
