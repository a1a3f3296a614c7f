import { cancelBeforeStart } from '../../db/runs';
import { pipelineRunType, cancelSignal } from '../../workflows/pipeline/contract';
import { RunStage } from './run-stage';

let stage: RunStage;
beforeAll(async () => { stage = await RunStage.open(); });
afterAll(() => stage.close());

test('runs of one key wait at the door: first by priority, then by acceptance, one at a time', async () => {
  const plan = await stage.apply(`
name: door
inputs: { key: { type: string, default: a } }
concurrency: { key: "\${{ inputs.key }}", limit: 1, whenFull: queue }
tasks: [ { id: work, uses: core.sleep, with: { milliseconds: 200 } } ]
`);
  const first = await stage.start(plan);
  const second = await stage.start(plan);
  const urgent = await stage.start(plan, {}, 1);
  const other = await stage.start(plan, { key: 'b' });
  const withdrawn = await stage.start(plan);
  expect(await cancelBeforeStart(stage.database.pool, withdrawn, { by: 'test' })).toBe(true);
  const runs = await Promise.all([first, second, urgent, other].map((id) => stage.final(id)));
  expect(runs.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded']);
  const { rows } = await stage.database.pool.query<{ id: string }>("select id from runs where inputs ->> 'key' = 'a' and started_at is not null order by started_at");
  expect(rows.map(({ id }) => id)).toEqual([first, urgent, second]);
  expect(await stage.final(withdrawn)).toMatchObject({ status: 'cancelled' });
});

test('whenFull: reject refuses a run while the door is full', async () => {
  const plan = await stage.apply(`
name: full
concurrency: { key: only, limit: 1, whenFull: reject }
tasks: [ { id: work, uses: core.sleep, with: { milliseconds: 500 } } ]
`);
  const id = await stage.start(plan);
  await expect(stage.start(plan)).rejects.toMatchObject({ code: 'run.concurrency_limit' });
  await stage.final(id);
  await expect(stage.start(plan).then((next) => stage.final(next))).resolves.toMatchObject({ status: 'succeeded' });
});

test('a run started with the Temporal CLI alone gets a row, passes the door and runs', async () => {
  await stage.apply(`
name: born-elsewhere
inputs: { who: { type: string, required: true } }
concurrency: { key: only, limit: 1, whenFull: queue }
tasks: [ { id: say, uses: core.set, with: { said: "hello \${{ inputs.who }}" } } ]
outputs: { said: "\${{ tasks.say.output.said }}" }
`);
  const start = (workflowId: string, inputs?: object) => stage.client.workflow.start(pipelineRunType, {
    workflowId, taskQueue: stage.config.TEMPORAL_TASK_QUEUE, args: [{ pipeline: 'born-elsewhere', ...(inputs && { inputs }) }],
  });
  const handles = await Promise.all([start('mine-1', { who: 'one' }), start('mine-2', { who: 'two' })]);
  const results = await Promise.all(handles.map((handle) => handle.result()));
  expect(results.map(({ outputs }) => outputs.said)).toEqual(['hello one', 'hello two']);
  expect(await stage.final(results[0].runId)).toMatchObject({ status: 'succeeded', outputs: { said: 'hello one' } });

  const bad = await start('mine-3');
  await expect(bad.result()).rejects.toThrow();
  const { rows } = await stage.database.pool.query("select status, error from runs where workflow_id = 'mine-3'");
  expect(rows).toMatchObject([{ status: 'failed', error: { code: 'inputs.invalid' } }]);

  const unknown = await stage.client.workflow.start(pipelineRunType, { workflowId: 'mine-4', taskQueue: stage.config.TEMPORAL_TASK_QUEUE, args: [{ pipeline: 'nobody-knows' }] });
  await expect(unknown.result()).rejects.toMatchObject({ cause: { type: 'not_found' } });
});

test('another pipeline runs as a step: its outputs are the output, and its failure fails the step', async () => {
  await stage.apply(`
name: child
inputs: { number: { type: integer } }
tasks:
  - { id: check, uses: core.assert, with: { that: "\${{ inputs.number < 10 }}", message: too large } }
  - { id: double, needs: [check], uses: core.set, with: { value: "\${{ inputs.number * 2 }}" } }
outputs: { value: "\${{ tasks.double.output.value }}" }
`);
  const parent = (name: string, number: number): string => `
name: ${name}
tasks:
  - { id: call, uses: pipeline.run, with: { pipeline: child, inputs: { number: ${number} } } }
outputs: { value: "\${{ tasks.call.output.value }}" }
`;
  expect(await stage.run(parent('parent', 4))).toMatchObject({ status: 'succeeded', outputs: { value: 8 } });
  const failed = await stage.run(parent('sad-parent', 11));
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'child_run_failed', message: expect.stringContaining('too large') } });
  const { rows } = await stage.database.pool.query('select status, trigger from runs where parent_run = $1', [failed.id]);
  expect(rows).toMatchObject([{ status: 'failed', trigger: { type: 'parent', name: 'call' } }]);
});

test('cancelling a parent cancels its child run', async () => {
  await stage.apply('name: long-child\ntasks: [ { id: slow, uses: core.sleep, with: { milliseconds: 60000 } } ]');
  const plan = await stage.apply('name: long-parent\ntasks: [ { id: call, uses: pipeline.run, with: { pipeline: long-child } } ]');
  const id = await stage.start(plan);
  await stage.untilTask(id, 'call', 'waiting');
  const child = async () => (await stage.database.pool.query<{ id: string }>('select id from runs where parent_run = $1', [id])).rows[0]?.id;
  while ((await child()) === undefined) await new Promise((resolve) => setTimeout(resolve, 25));
  await stage.signal(plan, id, cancelSignal, {});
  expect((await stage.final(id)).status).toBe('cancelled');
  expect((await stage.final((await child()) ?? '')).status).toBe('cancelled');
});

test('a run that only waits says waiting', async () => {
  const plan = await stage.apply('name: waits\ntasks: [ { id: hold, uses: core.wait, with: { duration: 1500ms } } ]');
  const id = await stage.start(plan);
  expect(await stage.until(id, ({ status }) => status === 'waiting')).toMatchObject({ progress: { waiting: 1 } });
  expect((await stage.final(id)).status).toBe('succeeded');
});
