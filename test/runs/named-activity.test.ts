import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { cancelSignal } from '../../workflows/pipeline/contract';
import { connectWorker } from '../../workers/worker';
import { startPython, temporalForPython } from './python';
import { RunStage } from './run-stage';

/** Activities of somebody else's worker. */
const foreign = {
  add: (left: number, right: number) => Promise.resolve({ sum: left + right }),
  nothing: () => Promise.resolve(),
  twice: () => (Context.current().info.attempt > 1 ? Promise.resolve('at last') : Promise.reject(new Error('not yet'))),
  refuse: () => Promise.reject(ApplicationFailure.nonRetryable('no', 'mood')),
  flood: () => Promise.resolve('x'.repeat(70_000)),
  endless: async () => {
    const beat = setInterval(() => Context.current().heartbeat(), 100);
    await Context.current().cancelled.finally(() => clearInterval(beat));
  },
};

let stage: RunStage;
let connection: NativeConnection;
let worker: Worker;
let done: Promise<void>;
const taskQueue = `foreign-${process.pid}`;

beforeAll(async () => {
  stage = await RunStage.open();
  connection = await connectWorker(stage.config);
  worker = await Worker.create({ connection, namespace: stage.config.TEMPORAL_NAMESPACE, taskQueue, activities: foreign, maxHeartbeatThrottleInterval: '200 ms' });
  done = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await done;
  await connection.close();
  await stage.close();
});

const task = (id: string, activity: string, rest: object = {}): object => ({ id, uses: 'temporal.activity', with: { activity, taskQueue, ...rest } });
const definition = (name: string, tasks: object[], rest: object = {}): string => JSON.stringify({ name, ...rest, tasks });

test('an activity of another worker is a task: expressions go in, its result is the output', async () => {
  const plan = await stage.apply(definition('foreign-calls', [
    { id: 'two', uses: 'core.set', with: { value: 2 } },
    { ...task('sum', 'add', { args: ['${{ tasks.two.output.value }}', 40] }), needs: ['two'] },
    task('silent', 'nothing'),
    { ...task('patient', 'twice'), retry: { maxAttempts: 2, initialInterval: '10ms' } },
    { ...task('each', 'add', { args: ['${{ n }}', 1] }), forEach: { in: [1, 2], as: 'n' } },
  ], { outputs: { sum: '${{ tasks.sum.output.sum }}', patient: '${{ tasks.patient.output }}', each: '${{ tasks.each.output }}', silent: '${{ tasks.silent.output }}' } }), 'json');
  expect(await stage.final(await stage.start(plan))).toMatchObject({
    status: 'succeeded', outputs: { sum: 42, patient: 'at last', each: [{ sum: 2 }, { sum: 3 }], silent: null },
  });
});

test('its failures say what its worker said, an output that is too large, an activity of our own workers and times of ages are refused', async () => {
  const plan = await stage.apply(definition('foreign-failures', [
    task('refused', 'refuse'), task('flooded', 'flood'),
    task('own', 'core.log', { taskQueue: stage.config.TEMPORAL_TASK_QUEUE, args: [{}] }),
    task('ages', 'add', { heartbeatTimeout: "${{ '100000000d' }}" }),
    { id: 'wait', uses: 'core.wait', with: { duration: "${{ '100000000d' }}" } },
    task('inside', 'endRun', { taskQueue: stage.config.TEMPORAL_TASK_QUEUE, args: ['', {}, false] }),
    { ...task('lost', 'add', { taskQueue: 'nobody-polls-this' }), timeout: '1s', totalTimeout: '1s' },
  ]), 'json');
  const id = await stage.start(plan);
  expect(await stage.final(id)).toMatchObject({ status: 'failed' });
  const tasks = Object.fromEntries((await stage.tasks(id)).map(({ task: name, error }) => [name, error?.code]));
  expect(tasks).toEqual({ refused: 'mood', flooded: 'output_too_large', own: 'access_denied', inside: 'access_denied', ages: 'input_invalid', wait: 'input_invalid', lost: 'timed_out' });
});

test('a cancel reaches it', async () => {
  const plan = await stage.apply(definition('foreign-cancel', [{ ...task('long', 'endless', { heartbeatTimeout: '5s' }), timeout: '1m' }]), 'json');
  const id = await stage.start(plan);
  await stage.untilTask(id, 'long', 'queued');
  await stage.signal(plan, id, cancelSignal, {});
  expect(await stage.final(id)).toMatchObject({ status: 'cancelled' });
});

const packages = temporalForPython();

describe(packages ? 'a worker in Python' : 'a worker in Python (skipped: no Python 3.10 with a package registry here)', () => {
  const testWithPython = packages ? test : test.skip;
  let python: ChildProcess | undefined;
  afterAll(() => python?.kill());

  testWithPython('carries out tasks like any other', async () => {
    const pythonQueue = `python-${process.pid}`;
    const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = stage.config;
    python = await startPython(packages ?? '', join(__dirname, 'named-activity.py'), [address, namespace, pythonQueue]);
    const plan = await stage.apply(definition('python-calls', [
      task('words', 'summarise', { taskQueue: pythonQueue, args: [['one', 'two'], ' and '] }),
      { ...task('no', 'refuse', { taskQueue: pythonQueue }), continueOnError: true },
    ], { outputs: { words: '${{ tasks.words.output }}', why: '${{ tasks.no.error.code }}' } }), 'json');
    expect(await stage.final(await stage.start(plan))).toMatchObject({
      status: 'succeeded', outputs: { words: { text: 'one and two', count: 2, attempt: 1 }, why: 'mood' },
    });
  }, 60_000);
});
