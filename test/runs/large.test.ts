import { z } from 'zod';
import { defineProcessor } from '../../activities/processor';
import { AppError } from '../../domain/errors';
import { limits } from '../../domain/limits';
import { RunStage } from './run-stage';
import { cancelSignal } from '../../workflows/pipeline/contract';

/** Quick, and fails in the way that its input says. */
const flaky = defineProcessor({
  name: 'test.flaky', title: 'Flaky', version: '1.0.0', quick: true,
  input: z.strictObject({ failures: z.int().optional(), hangs: z.boolean().optional() }),
  output: z.strictObject({ attempt: z.int() }),
  process: ({ task: { attempt } }, { failures = 0, hangs = false }) => {
    if (hangs) return new Promise<never>(() => undefined);
    return attempt > failures ? Promise.resolve({ attempt }) : Promise.reject(new AppError('unavailable', 'not yet', { retryable: true }));
  },
});

let stage: RunStage;
beforeAll(async () => { stage = await RunStage.open({}, [flaky]); });
afterAll(() => stage.close());

interface TaskDefinition { id: string; uses: string; needs?: string[]; with?: object; if?: string; retry?: object; timeout?: string; forEach?: object }
const definition = (name: string, tasks: TaskDefinition[], rest: object = {}): string => JSON.stringify({ name, ...rest, tasks });

/** Every task needs three of the layer before it, so that completions and starts interleave. */
const layers = (count: number, width: number, uses: string): TaskDefinition[] =>
  Array.from({ length: count * width }, (_, index) => {
    const layer = Math.floor(index / width);
    const before = [0, 1, 7].map((step) => `t_${(layer - 1) * width + ((index + step) % width)}`);
    return { id: `t_${index}`, uses, ...(layer > 0 && { needs: [...new Set(before)] }) };
  });

async function runLarge(source: string, patienceMs = 120_000) {
  const plan = await stage.apply(source, 'json');
  const id = await stage.start(plan);
  return { id, plan, run: await stage.final(id, patienceMs) };
}

test('1,600 full tasks side by side all succeed', async () => {
  const tasks = Array.from({ length: 1_600 }, (_, index) => ({ id: `task_number_${index}`, uses: 'core.sleep', with: { milliseconds: 0 } }));
  const { run } = await runLarge(definition('wide', tasks));
  expect(run).toMatchObject({ status: 'succeeded', progress: { total: 1_600, succeeded: 1_600 } });
}, 150_000);

test('4,000 quick tasks in layers succeed with exact dependencies', async () => {
  const { id, run } = await runLarge(definition('layers', layers(80, 50, 'core.noop')));
  expect(run).toMatchObject({ status: 'succeeded', progress: { total: 4_000, succeeded: 4_000 } });
  const { rows } = await stage.database.pool.query<{ task: string; started: Date; finished: Date }>(
    'select task, started_at as started, finished_at as finished from run_tasks where run_id = $1', [id]);
  const times = new Map(rows.map((row) => [row.task, row]));
  const early = layers(80, 50, 'core.noop').flatMap(({ id: task, needs = [] }) => needs.flatMap((need) => {
    const [own, before] = [times.get(task), times.get(need)];
    return own && before && own.started.getTime() >= before.finished.getTime() ? [] : [`${task} before ${need}`];
  }));
  expect(early).toEqual([]);
}, 150_000);

test('in a large run conditions, outputs, steps and failures mean what they mean in a small one', async () => {
  const padding = Array.from({ length: 1_500 }, (_, index) => ({ id: `padding_of_the_plan_${index}`, uses: 'core.noop' }));
  const { id, run } = await runLarge(definition('mixed', [
    ...padding,
    { id: 'number', uses: 'core.set', with: { value: 20 } },
    { id: 'read', uses: 'core.set', needs: ['number'], with: { value: '${{ tasks.number.output.value + 1 }}' } },
    { id: 'yes', uses: 'core.noop', needs: ['read'], if: 'tasks.read.output.value == 21' },
    { id: 'no', uses: 'core.noop', needs: ['read'], if: 'tasks.read.output.value == 20' },
    { id: 'wait', uses: 'core.wait', needs: ['yes'], with: { duration: '${{ string(tasks.read.output.value) + "ms" }}' } },
    { id: 'bad', uses: 'core.fail', with: { message: 'on purpose' } },
    { id: 'after_bad', uses: 'core.noop', needs: ['bad'] },
    { id: 'rescue', uses: 'core.set', needs: ['bad'], if: 'failure()', with: { code: '${{ tasks.bad.error.code }}' } },
    { id: 'each', uses: 'core.set', needs: ['read'], with: { item: '${{ item }}' }, forEach: { in: ['a', 'b'], as: 'item' } },
  ], { outputs: { value: '${{ tasks.read.output.value }}' } }));
  expect(run).toMatchObject({ status: 'failed', error: { code: 'task_failed', message: 'bad: on purpose' } });
  const tasks = Object.fromEntries((await stage.tasks(id)).filter(({ instance }) => instance < 0).map(({ task, ...rest }) => [task, rest]));
  expect(tasks).toMatchObject({
    read: { status: 'succeeded', output: { value: 21 } }, yes: { status: 'succeeded' }, no: { status: 'skipped' },
    wait: { status: 'succeeded' }, bad: { status: 'failed' }, after_bad: { status: 'skipped' },
    rescue: { status: 'succeeded', output: { code: 'task_failed' } }, each: { status: 'succeeded', output: [{ item: 'a' }, { item: 'b' }] },
  });
}, 90_000);

test('many ready tasks of a small plan go together, and their results are read as ever', async () => {
  const wide = Array.from({ length: 400 }, (_, index) => ({ id: `t_${index}`, uses: 'test.flaky' }));
  const { plan, id, run } = await runLarge(definition('small-wide', [
    ...wide,
    { id: 'join', uses: 'core.set', needs: wide.map((task) => task.id), if: 'tasks.t_7.output.attempt == 1', with: { sum: '${{ tasks.t_0.output.attempt + tasks.t_399.output.attempt }}' } },
  ], { outputs: { sum: '${{ tasks.join.output.sum }}' } }));
  expect(run).toMatchObject({ status: 'succeeded', progress: { succeeded: 401 }, outputs: { sum: 2 } });
  expect(Buffer.byteLength(JSON.stringify(plan))).toBeLessThan(limits.inlinePlanBytes);
  const workflow = stage.client.workflow.getHandle(`run/${plan.name}/${id}`);
  await workflow.result();
  expect((await workflow.describe()).historyLength).toBeLessThan(100);
});

test('quick tasks that are carried out together have their own retries and time-outs', async () => {
  const padding = Array.from({ length: 1_200 }, (_, index) => ({ id: `padding_of_the_plan_${index}`, uses: 'core.noop' }));
  const retry = { maxAttempts: 3, initialInterval: '20ms', maxInterval: '20ms' };
  const { id, run } = await runLarge(definition('flaky', [
    ...padding,
    { id: 'third_time', uses: 'test.flaky', with: { failures: 2 }, retry },
    { id: 'never', uses: 'test.flaky', with: { failures: 9 }, retry },
    { id: 'not_asked_again', uses: 'test.flaky', with: { failures: 1 }, retry: { ...retry, nonRetryable: ['unavailable'] } },
    { id: 'hangs', uses: 'test.flaky', with: { hangs: true }, timeout: '100ms', retry: { maxAttempts: 2, initialInterval: '10ms' } },
    { id: 'after', uses: 'core.noop', needs: ['third_time', 'padding_of_the_plan_7'] },
  ]));
  expect(run).toMatchObject({ status: 'failed', progress: { succeeded: 1_202, failed: 3 } });
  const tasks = Object.fromEntries((await stage.tasks(id)).map(({ task, ...rest }) => [task, rest]));
  expect(tasks).toMatchObject({
    third_time: { status: 'succeeded', attempt: 3, output: { attempt: 3 } },
    never: { status: 'failed', attempt: 3, error: { code: 'unavailable' } },
    not_asked_again: { status: 'failed', attempt: 1, error: { code: 'unavailable' } },
    hangs: { status: 'failed', attempt: 2, error: { code: 'timed_out' } },
    after: { status: 'succeeded' },
  });
}, 90_000);

test('cancelling a large run reaches the tasks in its batches', async () => {
  const tasks = Array.from({ length: 1_200 }, (_, index) => ({ id: `slow_task_number_${index}`, uses: 'core.sleep', with: { milliseconds: 60_000 } }));
  const plan = await stage.apply(definition('large-cancel', tasks), 'json');
  const id = await stage.start(plan);
  await stage.untilTask(id, 'slow_task_number_0', 'running');
  await stage.signal(plan, id, cancelSignal, {});
  expect(await stage.final(id, 60_000)).toMatchObject({ status: 'cancelled', progress: { cancelled: 1_200 } });
}, 90_000);

test('a long run continues as new and goes on, and loses no task that is about to begin just then', async () => {
  const wide = layers(32, 20, 'core.sleep').map((task) => ({ ...task, with: { milliseconds: 0 } }));
  const each = { id: 'each', uses: 'core.sleep', needs: ['t_639'], with: { milliseconds: 0 }, forEach: { in: Array.from({ length: 330 }, (_, index) => index), as: 'item', maxParallel: 20 } };
  const chain = Array.from({ length: 110 }, (_, index) => ({ id: `link_${index}`, uses: 'core.noop', needs: [index > 0 ? `link_${index - 1}` : 'each'] }));
  const { plan, id, run } = await runLarge(definition('long', [...wide, each, ...chain]));
  expect(run).toMatchObject({ status: 'succeeded', progress: { succeeded: 751 } });
  const { runId, raw } = await stage.client.workflow.getHandle(`run/${plan.name}/${id}`).describe();
  expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(runId);
}, 120_000);
