import { makeLogger } from '../../platform/logger';
import { Reconciler } from '../../workers/reconciler';
import { signalRaw, unreadable } from '../harness/raw-signal';
import { RunStage } from './run-stage';
import { approvalEndedSignal } from '../../workflows/approval/contract';
import { admittedSignal, cancelSignal, cancelTaskUpdate, childEndedSignal, pauseUpdate, resumeUpdate, retryTaskUpdate, runWorkflowId } from '../../workflows/pipeline/contract';
import { batchProgressSignal } from '../../workflows/task/contract';

let stage: RunStage;
beforeAll(async () => { stage = await RunStage.open(); });
afterAll(() => stage.close());

const slow = (name: string): string => `
name: ${name}
tasks:
  - { id: slow, uses: core.sleep, with: { milliseconds: 60000 } }
  - { id: next, needs: [slow], uses: core.noop }
  - { id: cleanup, needs: [next], if: always(), uses: core.noop }
  - { id: on_cancel, needs: [slow], if: cancelled(), uses: core.noop }
`;

test('a cancel ends running work, cancels the rest, and runs what is meant for clean-up', async () => {
  const plan = await stage.apply(slow('cancel-me'));
  const id = await stage.start(plan);
  await stage.untilTask(id, 'slow', 'running');
  await stage.signal(plan, id, cancelSignal, { reason: 'changed my mind', requestedBy: 'someone' });
  const run = await stage.final(id);
  expect(run).toMatchObject({ status: 'cancelled', error: { code: 'cancelled', message: 'Cancelled by someone: changed my mind' } });
  expect(await stage.statuses(id)).toEqual({ slow: 'cancelled', next: 'cancelled', cleanup: 'succeeded', on_cancel: 'succeeded' });
});

test('a forced cancel skips clean-up', async () => {
  const plan = await stage.apply(slow('force-me'));
  const id = await stage.start(plan);
  await stage.untilTask(id, 'slow', 'running');
  await stage.signal(plan, id, cancelSignal, { force: true });
  expect((await stage.final(id)).status).toBe('cancelled');
  expect((await stage.statuses(id))['cleanup']).toBe('cancelled');
});

test('the cancel of the Temporal UI works like ours, and the workflow closes as cancelled', async () => {
  const plan = await stage.apply(slow('cancel-in-temporal'));
  const id = await stage.start(plan);
  await stage.untilTask(id, 'slow', 'running');
  const handle = stage.client.workflow.getHandle(runWorkflowId(plan.name, id));
  await handle.cancel();
  expect((await stage.final(id)).status).toBe('cancelled');
  expect((await stage.statuses(id))['cleanup']).toBe('succeeded');
  await expect(handle.result()).rejects.toThrow();
  expect((await handle.describe()).status.name).toBe('CANCELLED');
});

test('a run that takes longer than its timeout ends as timed_out, with its clean-up', async () => {
  const run = await stage.run(slow('time-me').replace('tasks:', 'timeout: 1s\ntasks:'));
  expect(run).toMatchObject({ status: 'timed_out', error: { code: 'timed_out' } });
  expect(await stage.statuses(run.id)).toEqual({ slow: 'cancelled', next: 'cancelled', cleanup: 'succeeded', on_cancel: 'cancelled' });
});

test('clean-up that takes longer than cleanupTimeout is ended', async () => {
  const plan = await stage.apply(`
name: endless-cleanup
cleanupTimeout: 1s
tasks:
  - { id: slow, uses: core.sleep, with: { milliseconds: 60000 } }
  - { id: cleanup, needs: [slow], if: always(), uses: core.sleep, with: { milliseconds: 60000 } }
`);
  const id = await stage.start(plan);
  await stage.untilTask(id, 'slow', 'running');
  await stage.signal(plan, id, cancelSignal, {});
  expect((await stage.final(id)).status).toBe('cancelled');
  expect((await stage.statuses(id))['cleanup']).toBe('cancelled');
});

test('a paused run starts nothing, finishes what runs, and its clock stands still', async () => {
  const plan = await stage.apply(`
name: pause-me
timeout: 3s
tasks:
  - { id: one, uses: core.sleep, with: { milliseconds: 600 } }
  - { id: two, needs: [one], uses: core.noop }
`);
  const id = await stage.start(plan);
  await stage.untilTask(id, 'one', 'running');
  expect(await stage.update(plan, id, pauseUpdate)).toEqual({ confirmed: true, result: { status: 'paused' } });
  expect(await stage.update(plan, id, pauseUpdate)).toEqual({ confirmed: true, result: { status: 'paused' } });
  await stage.untilTask(id, 'one', 'succeeded');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(await stage.until(id, ({ status }) => status === 'paused')).toMatchObject({ progress: { succeeded: 1, pending: 1 } });
  expect((await stage.statuses(id))['two']).toBeUndefined();
  await stage.update(plan, id, resumeUpdate);
  expect((await stage.final(id)).status).toBe('succeeded');
});

test('a failed task of an open run is retried by hand: the next generation, and what it had skipped is decided anew', async () => {
  const plan = await stage.apply(`
name: second-chance
tasks:
  - { id: flaky, uses: core.fail, with: { failAttempts: 1 }, retry: { maxAttempts: 1 } }
  - { id: after, needs: [flaky], uses: core.noop }
  - { id: hold, uses: core.wait, with: { duration: 2s } }
`);
  const id = await stage.start(plan);
  await stage.untilTask(id, 'after', 'skipped');
  await expect(stage.update(plan, id, retryTaskUpdate, { task: 'nobody' })).rejects.toThrow();
  await expect(stage.update(plan, id, retryTaskUpdate, { task: 'hold' })).rejects.toThrow();
  await stage.signal(plan, id, retryTaskUpdate, { task: 'hold' });
  const onlyOnce = { task: 'flaky', id: 'of one request' };
  await stage.signal(plan, id, retryTaskUpdate, onlyOnce);
  expect(await stage.update(plan, id, retryTaskUpdate, onlyOnce)).toMatchObject({ confirmed: true });
  expect((await stage.final(id)).status).toBe('succeeded');
  expect((await stage.events(id)).filter(({ type }) => type === 'run.signal_refused').map(({ data }) => data))
    .toEqual([{ signal: retryTaskUpdate, reason: expect.stringContaining('hold is ') }]);
  expect(await stage.tasks(id)).toMatchObject([
    { task: 'after', status: 'succeeded' }, { task: 'flaky', status: 'succeeded', generation: 1 }, { task: 'hold', status: 'succeeded' }]);
});

test('one task is cancelled alone: what needs it is cancelled, the rest goes on, and the run says cancelled', async () => {
  const plan = await stage.apply(`
name: cancel-one
tasks:
  - { id: slow, uses: core.sleep, with: { milliseconds: 60000 } }
  - { id: after, needs: [slow], uses: core.noop }
  - { id: beside, uses: core.noop }
`);
  const id = await stage.start(plan);
  await stage.untilTask(id, 'slow', 'running');
  await stage.update(plan, id, cancelTaskUpdate, { task: 'slow' });
  expect((await stage.final(id)).status).toBe('cancelled');
  expect(await stage.statuses(id)).toEqual({ slow: 'cancelled', after: 'cancelled', beside: 'succeeded' });
});

test('a terminated workflow shows as cancelled with the code terminated, and what was open is closed', async () => {
  const plan = await stage.apply(slow('terminate-me'));
  const id = await stage.start(plan);
  await stage.untilTask(id, 'slow', 'running');
  await stage.client.workflow.getHandle(runWorkflowId(plan.name, id)).terminate('by hand');
  await new Reconciler(stage.database.pool, stage.client, makeLogger('error', 'test')).sweep(0);
  expect(await stage.final(id)).toMatchObject({ status: 'cancelled', error: { code: 'terminated' } });
  expect((await stage.statuses(id))['slow']).toBe('cancelled');
});

test('messages that nobody can read, or that are not what they should be, are refused and noted, and stop nothing', async () => {
  const plan = await stage.apply(slow('strange-messages'));
  const id = await stage.start(plan);
  const workflowId = runWorkflowId(plan.name, id);
  await stage.untilTask(id, 'slow', 'running');
  const signals = [batchProgressSignal, childEndedSignal, approvalEndedSignal, retryTaskUpdate, cancelTaskUpdate, cancelSignal];
  const wrong = ['please', 7, [], { done: [null], unit: {}, force: 'yes' }];
  for (const name of signals) {
    for (const argument of unreadable) await signalRaw(stage.client, workflowId, name, argument);
    for (const argument of wrong) await stage.signal(plan, id, name, argument);
  }
  await signalRaw(stage.client, workflowId, admittedSignal, { data: Buffer.from('{}') });
  for (const name of [pauseUpdate, retryTaskUpdate, cancelTaskUpdate]) {
    await expect(stage.update(plan, id, name, 'slow')).rejects.toMatchObject({ cause: { message: `The argument of ${name} is not what it takes` } });
  }
  await stage.signal(plan, id, cancelSignal, null);
  expect(await stage.final(id)).toMatchObject({ status: 'cancelled', error: { message: 'Cancelled' } });
  const refused = (await stage.events(id)).filter(({ type }) => type === 'run.signal_refused').map(({ data }) => data);
  expect(refused).toHaveLength(signals.length * (unreadable.length + wrong.length));
  expect(refused[0]).toEqual({ signal: batchProgressSignal, reason: 'Its argument cannot be read: Unknown encoding: binary/strange' });
  expect(refused.at(-1)).toEqual({ signal: cancelSignal, reason: 'Its argument is not what it takes' });
});
