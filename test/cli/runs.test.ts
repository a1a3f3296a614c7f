import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunView, TaskView } from '../../domain/pipeline/run';
import { CliStage, jsonLines } from './cli-stage';

let stage: CliStage;
beforeAll(async () => {
  stage = await CliStage.open();
  stage.write('greet.yaml', greet);
  stage.write('fails.yaml', fails);
  stage.write('long.yaml', long);
});
afterAll(() => stage.close());

const greet = `
name: greet
inputs:
  who: { type: string, default: world }
  times: { type: integer, default: 1 }
tasks:
  - id: hello
    uses: core.log
    with: { message: "hello \${{ inputs.who }}" }
  - id: again
    needs: [hello]
    uses: core.set
    with: { text: "\${{ inputs.who }}", number: "\${{ inputs.times }}" }
outputs:
  text: \${{ tasks.again.output.text }}
  number: \${{ tasks.again.output.number }}
`;
const fails = `
name: fails
tasks:
  - id: bad
    uses: core.fail
    with: { message: "it had to be" }
  - id: after
    needs: [bad]
    uses: core.noop
`;
const long = `
name: long
tasks:
  - id: nap
    uses: core.sleep
    with: { milliseconds: 60000 }
    timeout: 2m
`;
type RunDocument = RunView & { tasks: TaskView[] };
const escape = '\u001b';

test('run FILE --wait --json applies, starts, waits, and prints the run with its tasks', async () => {
  const { code, document } = await stage.json<RunDocument>('run', 'greet.yaml', '--wait', '--input', 'who=Ada', '-i', 'times=3');
  expect(code).toBe(0);
  expect(document).toMatchObject({ pipeline: 'greet', status: 'succeeded', outputs: { text: 'Ada', number: 3 }, trigger: { type: 'cli' } });
  expect(document.tasks.map((task) => [task.id, task.status])).toEqual([['hello', 'succeeded'], ['again', 'succeeded']]);
});

test('a document that did not change is not applied again', async () => {
  const first = await stage.json<RunDocument>('run', 'greet.yaml');
  const second = await stage.json<RunDocument>('run', 'greet.yaml');
  expect(second.document.version).toBe(first.document.version);
});

test('away from a terminal a watched run is told in exactly its permanent lines, without an escape byte', async () => {
  const { code, stdout } = await stage.run(['run', 'greet', '--wait', '--label', 'team=data']);
  expect(code).toBe(0);
  expect(stdout).not.toContain(escape);
  const lines = stdout.split('\n').map((line) => line.replace(/[\d.]+ (ms|s)\b/, 'TIME').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'ID'));
  expect(lines.slice(0, 6)).toEqual([
    '▶ greet v1 run ID accepted',
    '✓ hello                     TIME',
    '✓ again                     TIME',
    '✓ greet succeeded in TIME',
    '  text = "world"',
    '  number = 1',
  ]);
});

test('on a terminal the live region comes and goes, and the cursor is given back', async () => {
  const { code, stdout } = await stage.run(['run', 'greet', '--wait'], { terminal: { columns: 60, rows: 20 } });
  expect(code).toBe(0);
  expect(stdout).toContain(escape);
  expect(stdout).not.toContain(`${escape}[?1049h`);
  const last = stdout.slice(stdout.lastIndexOf('succeeded in'));
  expect(last).not.toContain('tasks');
});

test('NO_COLOR leaves the live region its movements and takes every colour', async () => {
  const { stdout } = await stage.run(['run', 'greet', '--wait'], { terminal: { columns: 60, rows: 20 }, variables: { NO_COLOR: '1' } });
  expect([...stdout].filter((character, index) => character === escape && /^\u005b[\d;]*m/.test(stdout.slice(index + 1)))).toEqual([]);
});

test('a run that fails gives exit code 1 and says why', async () => {
  const { code, stdout } = await stage.run(['run', 'fails.yaml', '--wait']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/✗ bad .*it had to be/);
  expect(stdout).toMatch(/- after +skipped/);
  expect(stdout).toContain('✗ fails failed');
});

test('a run that takes longer than --timeout gives exit code 4 and goes on', async () => {
  const { code, stdout, stderr } = await stage.run(['run', 'long.yaml', '--wait', '--timeout', '1s', '--json']);
  expect(code).toBe(4);
  const [run] = jsonLines(stdout);
  expect(run).toMatchObject({ pipeline: 'long' });
  expect(stderr).toContain('goes on');
  expect((await stage.json<RunView>('runs', 'show', '@last')).document.status).toMatch(/queued|running/);
});

test('Ctrl-C while watching detaches with exit code 130 and says how to come back', async () => {
  const { code, stderr } = await stage.run(['runs', 'watch', '@last'], { interrupt: sleep(500) });
  expect(code).toBe(130);
  expect(stderr).toMatch(/Detached: run \S+ goes on\.\n.*datamcp runs watch \S+/);
});

test('a run can be paused, resumed and cancelled by the beginning of its id', async () => {
  const { document: { id } } = await stage.json<RunView>('runs', 'show', '@last');
  const prefix = id.slice(0, 24);
  expect((await stage.run(['runs', 'pause', prefix])).stdout).toContain(`run ${id}: pause asked for`);
  while ((await stage.json<RunView>('runs', 'show', prefix)).document.status !== 'paused') await sleep(50);
  expect((await stage.run(['runs', 'resume', prefix])).code).toBe(0);
  expect((await stage.run(['runs', 'cancel', prefix, '--reason', 'enough'])).code).toBe(0);
  const { code, stdout } = await stage.run(['runs', 'watch', prefix]);
  expect(code).toBe(1);
  expect(stdout).toContain('long cancelled');
});

test('watching with --json prints one event a line and the run at the end', async () => {
  const { document: { id } } = await stage.json<RunView>('run', 'greet');
  const { code, stdout } = await stage.run(['runs', 'watch', id, '--json']);
  expect(code).toBe(0);
  const records = jsonLines(stdout);
  expect(records).toContainEqual(expect.objectContaining({ type: 'run.succeeded' }));
  expect(records.at(-1)).toMatchObject({ type: 'run', data: { id, status: 'succeeded', tasks: [{ id: 'hello' }, { id: 'again' }] } });
});

test('the same idempotency key starts one run', async () => {
  const first = await stage.json<RunView>('run', 'greet', '--idempotency-key', 'once-1');
  const second = await stage.json<RunView>('run', 'greet', '--idempotency-key', 'once-1');
  expect(second.document.id).toBe(first.document.id);
});

test('--dry-run checks the inputs and starts nothing', async () => {
  const before = await stage.json<{ items: RunView[] }>('runs', 'list');
  expect((await stage.run(['run', 'greet', '--dry-run', '-i', 'who=nobody'])).stdout).toContain('would start greet v1 with {"who":"nobody"');
  const after = await stage.json<{ items: RunView[] }>('runs', 'list');
  expect(after.document.items[0]?.id).toBe(before.document.items[0]?.id);
});

test('inputs come from a file too, and --input wins', async () => {
  stage.write('inputs.yaml', 'who: file\ntimes: 7\n');
  const { document } = await stage.json<RunDocument>('run', 'greet', '--inputs-file', 'inputs.yaml', '-i', 'who=flag');
  expect(document.inputs).toEqual({ who: 'flag', times: 7 });
});

test('an input that does not exist is refused before anything starts', async () => {
  const { code, stderr } = await stage.run(['run', 'greet', '-i', 'whom=Ada']);
  expect(code).toBe(2);
  expect(stderr).toContain('did you mean "who"?');
});

test('runs are listed, filtered and shown with their tasks', async () => {
  const { stdout } = await stage.run(['runs', 'list', '--pipeline', 'fails']);
  const [header, row] = stdout.split('\n');
  expect(header).toMatch(/^RUN +PIPELINE +STATUS +TASKS/);
  expect(row).toMatch(/^[0-9a-f-]{36} {2}fails v1 +failed +2\/2/);
  expect((await stage.json<{ items: RunView[] }>('runs', 'list', '--label', 'team=data')).document.items).toHaveLength(1);
  const shown = await stage.run(['runs', 'show', row?.slice(0, 36) ?? '']);
  expect(shown.stdout).toMatch(/bad +failed/);
  const task = await stage.run(['runs', 'tasks', row?.slice(0, 36) ?? '', 'bad']);
  expect(task.stdout).toContain('it had to be');
});

test('logs are shown for people and as JSON lines', async () => {
  const { document: { id } } = await stage.json<RunDocument>('run', 'greet', '--wait', '-i', 'who=Grace');
  // The worker writes lines a moment after the task: a run may be over before its last one has arrived.
  while ((await stage.run(['runs', 'logs', id])).stdout === '') await sleep(50);
  const text = await stage.run(['runs', 'logs', id, '--follow']);
  expect(text.stdout).toMatch(/INFO +hello {2}hello Grace/);
  const lines = await stage.run(['runs', 'logs', id, '--task', 'hello', '--json']);
  expect(jsonLines(lines.stdout)).toContainEqual(expect.objectContaining({ task: 'hello', level: 'info', message: 'hello Grace' }));
});

test('a failed task of an open run is retried by hand', async () => {
  stage.write('retry.yaml', `
name: retry
tasks:
  - { id: flaky, uses: core.fail, with: { message: once, failAttempts: 1 }, retry: { maxAttempts: 1 } }
  - { id: nap, uses: core.sleep, with: { milliseconds: 20000 } }
`);
  const { document: { id } } = await stage.json<RunView>('run', 'retry.yaml');
  const failed = async () => (await stage.json<{ items: TaskView[] }>('runs', 'tasks', id, '--status', 'failed')).document.items.length === 1;
  while (!(await failed())) await sleep(100);
  const { code, stdout } = await stage.run(['runs', 'retry-task', id, 'flaky']);
  expect(stdout).toContain('task flaky: retry asked for');
  expect(code).toBe(0);
  expect((await stage.run(['runs', 'cancel-task', id, 'nap'])).code).toBe(0);
  await stage.run(['runs', 'cancel', id]);
});

test('artifacts of a run are listed and downloaded whole', async () => {
  stage.write('file.yaml', `
name: file
tasks:
  - { id: make, uses: duckdb.query, with: { sql: "select 42 as answer", save: answer.csv } }
`);
  const { code, document } = await stage.json<RunDocument>('run', 'file.yaml', '--wait');
  expect([code, document.error]).toEqual([0, null]);
  const { document: { items: [artifact] } } = await stage.json<{ items: { id: string; name: string }[] }>('runs', 'artifacts', '@last');
  expect(artifact?.name).toBe('answer.csv');
  expect((await stage.run(['artifacts', 'get', artifact?.id ?? ''])).stdout).toMatch(/^answer\s+42\s*$/);
  expect((await stage.run(['artifacts', 'get', artifact?.id ?? '', '-o', 'saved.csv'])).stdout).toBe('saved saved.csv\n');
  expect(readFileSync(join(stage.folder, 'saved.csv'), 'utf8')).toMatch(/^answer\s+42\s*$/);
});

test('the program as users start it watches, and detaches at SIGINT with exit code 130', async () => {
  const { document: { id } } = await stage.json<RunView>('run', 'long.yaml');
  const program = spawn(process.execPath, [join(__dirname, '..', '..', 'scripts', 'datamcp.mjs'), 'runs', 'watch', id], { cwd: stage.folder });
  const closed = once(program, 'close');
  let [stdout, stderr] = ['', ''];
  program.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  const told = new Promise<void>((resolve) => program.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    resolve();
  }));
  await Promise.race([told, closed]);
  program.kill('SIGINT');
  expect(await closed).toEqual([130, null]);
  expect(stdout).toContain(`long v1 run ${id}`);
  expect(stderr).toContain(`run ${id} goes on`);
  await stage.run(['runs', 'cancel', id]);
});

(existsSync('/dev/full') ? test : test.skip)('an output that a full disk does not take is an error without a trace (needs /dev/full)', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(__dirname, '..', '..', 'dist', 'cli', 'main.js'), '--help'], { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'], encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^error: the output could not be written: ENOSPC.*\n$/) });
});
