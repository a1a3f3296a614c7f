import { RunStage } from './run-stage';

let stage: RunStage;
beforeAll(async () => { stage = await RunStage.open(); });
afterAll(() => stage.close());

test('what needs a failed task is skipped, what does not goes on, and the run fails with the first error', async () => {
  const run = await stage.run(`
name: branches
tasks:
  - { id: bad, uses: core.fail, with: { message: no good } }
  - { id: after_bad, needs: [bad], uses: core.noop }
  - { id: beside, uses: core.noop }
  - { id: after_beside, needs: [beside], uses: core.noop }
`);
  expect(run).toMatchObject({ status: 'failed', error: { code: 'task_failed', message: 'bad: no good' } });
  expect(run.progress).toMatchObject({ total: 4, failed: 1, skipped: 1, succeeded: 2, pending: 0, running: 0 });
  expect(await stage.statuses(run.id)).toEqual({ bad: 'failed', after_bad: 'skipped', beside: 'succeeded', after_beside: 'succeeded' });
});

test('a failure that a failure() task takes care of still fails the run, and always() runs in any case', async () => {
  const run = await stage.run(`
name: care
tasks:
  - { id: bad, uses: core.fail }
  - { id: rescue, needs: [bad], if: failure(), uses: core.log, with: { message: "\${{ tasks.bad.error.code }}" } }
  - { id: report, needs: [rescue], if: always(), uses: core.set, with: { was: "\${{ tasks.bad.status }}" } }
`);
  expect(run.status).toBe('failed');
  const tasks = await stage.tasks(run.id);
  expect(tasks.find(({ task }) => task === 'rescue')).toMatchObject({ status: 'succeeded' });
  expect(tasks.find(({ task }) => task === 'report')).toMatchObject({ status: 'succeeded', output: { was: 'failed' } });
});

test('a failure under continueOnError counts as success for those who need it, and not against the run', async () => {
  const run = await stage.run(`
name: tolerant
tasks:
  - { id: bad, uses: core.fail, continueOnError: true }
  - { id: next, needs: [bad], uses: core.set, with: { status: "\${{ tasks.bad.status }}", output: "\${{ tasks.bad.output }}" } }
`);
  expect(run.status).toBe('succeeded');
  expect((await stage.tasks(run.id)).find(({ task }) => task === 'next')?.output).toEqual({ status: 'failed', output: null });
  const other = await stage.run(`
name: tolerant-once
tasks: [ { id: bad, uses: core.fail, continueOnError: true }, { id: worse, needs: [bad], uses: core.fail, with: { message: no more } } ]
`);
  expect(other).toMatchObject({ status: 'failed', error: { message: 'worse: no more' } });
});

test('an `if` over inputs and outputs decides, and a join after branches runs with !failure()', async () => {
  const run = await stage.run(`
name: choice
inputs: { publish: { type: boolean, default: false } }
tasks:
  - { id: count, uses: core.set, with: { rows: 3 } }
  - { id: publish, needs: [count], if: "inputs.publish && tasks.count.output.rows > 2", uses: core.noop }
  - { id: archive, needs: [count], if: "!inputs.publish", uses: core.noop }
  - { id: join, needs: [publish, archive], if: "!failure() && !cancelled()", uses: core.noop }
`);
  expect(run.status).toBe('succeeded');
  expect(await stage.statuses(run.id)).toEqual({ count: 'succeeded', publish: 'skipped', archive: 'succeeded', join: 'succeeded' });
});

test('an expression that fails while the run is under way fails its task with its place', async () => {
  const run = await stage.run(`
name: bad-expression
inputs: { key: { type: string, default: missing } }
tasks:
  - { id: data, uses: core.set, with: { present: 1 } }
  - { id: read, needs: [data], if: "tasks.data.output[inputs.key] == 1", uses: core.noop }
`);
  expect(run).toMatchObject({ status: 'failed', error: { code: 'expression_failed' } });
  expect(run.error?.message).toContain('missing');
});

test('failFast cancels the rest at the first failure that counts', async () => {
  const run = await stage.run(`
name: fast
failFast: true
tasks:
  - { id: slow, uses: core.sleep, with: { milliseconds: 60000 } }
  - { id: bad, uses: core.fail }
  - { id: later, needs: [slow], uses: core.noop }
  - { id: cleanup, needs: [slow], if: always(), uses: core.noop }
`);
  expect(run.status).toBe('failed');
  expect(await stage.statuses(run.id)).toEqual({ slow: 'cancelled', bad: 'failed', later: 'cancelled', cleanup: 'succeeded' });
});

test('a task is tried again as its retry policy says, with the same idempotency, and its attempts are kept', async () => {
  const run = await stage.run(`
name: flaky
tasks:
  - { id: flaky, uses: core.fail, with: { failAttempts: 2 }, retry: { maxAttempts: 3, initialInterval: 10ms } }
`);
  expect(run.status).toBe('succeeded');
  expect(await stage.tasks(run.id)).toMatchObject([{ task: 'flaky', status: 'succeeded', attempt: 3, output: { attempt: 3 } }]);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const { rows } = await stage.database.pool.query('select attempt, error from task_attempts where run_id = $1 order by attempt', [run.id]);
  expect(rows.filter(({ error }) => error !== null)).toMatchObject([{ attempt: 1, error: { code: 'task_failed' } }, { attempt: 2 }]);
});

test('a code under nonRetryable ends the retries', async () => {
  const run = await stage.run(`
name: stubborn
tasks:
  - { id: flaky, uses: core.fail, with: { failAttempts: 2 }, retry: { maxAttempts: 5, initialInterval: 10ms, nonRetryable: [task_failed] } }
`);
  expect(run.status).toBe('failed');
  expect(await stage.tasks(run.id)).toMatchObject([{ status: 'failed', attempt: 1 }]);
});

test('an attempt that takes longer than its timeout is ended and fails with timed_out', async () => {
  const run = await stage.run(`
name: late
tasks:
  - { id: slow, uses: core.sleep, with: { milliseconds: 60000 }, timeout: 300ms, retry: { maxAttempts: 1 } }
`);
  expect(run).toMatchObject({ status: 'failed', error: { code: 'timed_out' } });
});

test('an output over 64 KiB fails with a hint, one over 4 KiB is stored and still read by others', async () => {
  const run = await stage.run(`
name: sizes
inputs: { text: { type: string } }
tasks:
  - { id: big, uses: core.set, with: { text: "\${{ inputs.text }}" } }
  - { id: twice, needs: [big], uses: core.set, continueOnError: true, with: { text: "\${{ tasks.big.output.text + tasks.big.output.text }}" } }
  - { id: length, needs: [big], if: "size(tasks.big.output.text) > 100", uses: core.set, with: { length: "\${{ size(tasks.big.output.text) }}" } }
outputs: { length: "\${{ tasks.length.output.length }}" }
`, { text: 'x'.repeat(40_000) });
  expect(run).toMatchObject({ status: 'succeeded', outputs: { length: 40_000 } });
  const tasks = await stage.tasks(run.id);
  expect(tasks.find(({ task }) => task === 'twice')).toMatchObject({ status: 'failed', error: { code: 'output_too_large' } });
  expect(tasks.find(({ task }) => task === 'big')?.output).toEqual({ text: 'x'.repeat(40_000) });
});

test('an output of the run whose expression fails becomes null with a warning', async () => {
  const run = await stage.run(`
name: outputs
inputs: { key: { type: string, default: b } }
tasks: [ { id: data, uses: core.set, with: { a: 1 } } ]
outputs: { a: "\${{ tasks.data.output.a }}", b: "\${{ tasks.data.output[inputs.key] }}" }
`);
  expect(run).toMatchObject({ status: 'succeeded', outputs: { a: 1, b: null } });
  expect(run.warnings).toEqual([expect.stringContaining('outputs.b')]);
});
