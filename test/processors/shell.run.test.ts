import { readdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { builtinProcessors } from '../../activities/processors';
import { testEnvironment } from '../harness/environment';
import { Workbench, abortAfter } from './workbench';
import { containing } from './text-matchers';

const node = process.execPath;
let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create({
    DATAMCP_SHELL_PROGRAMS: `/bin/sh,/usr/bin/env,/bin/cat,${node},/nowhere/to/find,${testEnvironment().TEST_DIR}/not-a-program`, PATH: '/usr/bin:/bin',
  });
  await writeFile(join(testEnvironment().TEST_DIR, 'not-a-program'), 'text');
});
afterAll(() => bench.close());

const run = (more: object, attempt: object = {}) => bench.run('shell.run', more, attempt);
const script = (text: string, more: object = {}, attempt: object = {}) => run({ program: 'sh', script: text, ...more }, attempt);

/** Processes that connect are alive until their connection ends: no table of processes has to be read. */
class Lifeline {
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly server: Server) {}
  static async listen(): Promise<Lifeline> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const line = new Lifeline(server);
    server.on('connection', (socket) => {
      line.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => line.sockets.delete(socket));
    });
    return line;
  }
  /** Text of a Node program that holds on until it is killed, and does not listen to SIGTERM if it is stubborn. */
  holder({ stubborn = false } = {}): string {
    const { port } = this.server.address() as AddressInfo;
    return `require('net').connect(${port}, '127.0.0.1'); ${stubborn ? "process.on('SIGTERM', () => {});" : ''}`;
  }
  async alive(count: number): Promise<void> {
    while (this.sockets.size !== count) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  get count(): number {
    return this.sockets.size;
  }
  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

describe('shell.run', () => {
  it('passes arguments on as they are, since no shell reads them', async () => {
    const { output } = await run({ program: node, args: ['-p', 'JSON.stringify(process.argv.slice(1))', '--', '$HOME; rm -rf *', '`id`', '', 1, true], stdout: 'json' });
    expect(output).toEqual({ exitCode: 0, stdout: ['$HOME; rm -rf *', '`id`', '', '1', 'true'], artifacts: {} });
  });

  it('gives the environment that is given, PATH, and nothing else', async () => {
    const { output } = await run({ program: 'env', env: { GREETING: 'a=b\nc', COUNT: 5, DRY: true }, stdout: 'text' });
    expect(output['stdout']).toBe('PATH=/usr/bin:/bin\nGREETING=a=b\nc\nCOUNT=5\nDRY=true\n');
  });

  it('runs in a new, empty folder, of which nothing stays', async () => {
    expect((await run({ program: node, args: ['-p', "require('fs').readdirSync('.').length"], stdout: 'json' })).output['stdout']).toBe(0);
    expect(await readdir(join(bench.artifactsFolder, 'work'))).toEqual([]);
  });

  it('writes both outputs to the log of the task', async () => {
    const { output, log } = await script('echo one; echo two >&2; printf three');
    expect(output).toEqual({ exitCode: 0, artifacts: {} });
    expect(log).toEqual(expect.arrayContaining([{ level: 'info', message: 'one' }, { level: 'info', message: 'three' }, { level: 'warn', message: 'two' }]));
    expect(log).toHaveLength(3);
  });

  it('gives a script its arguments and environment as values', async () => {
    const { output } = await script('echo "$1 $NAME"', { args: ['"; echo injected'], env: { NAME: '$(id)' }, stdout: 'text' });
    expect(output['stdout']).toBe('"; echo injected $(id)\n');
  });

  it('takes artifacts in and out', async () => {
    const rows = await bench.save('rows.csv', 'text/csv', 'b\na\n');
    const { output } = await script('sort given.csv > sorted.csv', { files: { 'given.csv': rows }, save: ['sorted.csv'] });
    expect(output['artifacts']).toMatchObject({ 'sorted.csv': { name: 'sorted.csv', contentType: 'text/csv', bytes: 4 } });
    expect(await bench.read((output['artifacts'] as Record<string, unknown>)['sorted.csv'])).toBe('a\nb\n');
  });

  it('fails with the exit code and the last words, and is tried again', async () => {
    await expect(script('echo why >&2; exit 3')).rejects.toMatchObject({
      code: 'program_failed', retryable: true, message: 'sh ended with exit code 3: why', details: { exitCode: 3, signal: null },
    });
    await expect(script('kill -9 $$')).rejects.toMatchObject({ code: 'program_failed', details: { exitCode: null, signal: 'SIGKILL' } });
    expect((await script('exit 3', { success: [0, 3] })).output).toMatchObject({ exitCode: 3 });
  });

  it.each<[string, object, string, string, string]>([
    ['output that is no JSON', { stdout: 'json' }, 'echo "{"', 'output_invalid', 'not JSON'],
    ['output without an end', { stdout: 'text' }, 'while :; do echo 0123456789; done', 'output_too_large', '`save`'],
    ['a file that was not made', { save: ['missing.csv'] }, 'true', 'program_failed', 'no file "missing.csv"'],
    ['a link in place of a file', { save: ['link.csv'] }, 'ln -s /etc/passwd link.csv', 'program_failed', 'no file "link.csv"'],
    ['a way out of the folder', { save: ['../x'] }, 'true', 'input_invalid', 'not a name'],
    ['a NUL in an argument', { args: ['a\0b'] }, 'true', 'input_invalid', 'cannot be passed on'],
    ['more than the system takes', { args: ['x'.repeat(1_000_000)] }, 'true', 'input_invalid', 'E2BIG'],
  ])('refuses %s for good', async (_what, more, text, code, message) => {
    await expect(script(text, more)).rejects.toMatchObject({ code, retryable: false, message: containing(message) });
  });

  it('may write any amount to the log without harm', async () => {
    const { log } = await script('head -c 3000000 /dev/zero | tr "\\0" x');
    expect(Math.max(...log.map(({ message }) => message.length))).toBeLessThanOrEqual(16_384);
    expect(log.reduce((sum, { message }) => sum + message.length, 0)).toBe(3_000_000);
  });

  it('does not wait for what it leaves running: that is ended', async () => {
    const line = await Lifeline.listen();
    const { output } = await run({ program: node, args: ['-e', `
      require('child_process').spawn(process.execPath, ['-e', process.argv[1]], { stdio: 'inherit' });
      setTimeout(() => process.exit(), 400)`, '--', line.holder()] });
    expect(output['exitCode']).toBe(0);
    await line.alive(0);
    line.close();
  });

  it.each([[false, 'listens to SIGTERM'], [true, 'does not listen to SIGTERM']])('ends with its children and theirs when it is told to stop (a child that is stubborn: %s, %s)', async (stubborn) => {
    const line = await Lifeline.listen();
    // sh starts node, which starts node: three generations.
    const child = `require('child_process').spawn(process.execPath, ['-e', process.argv[1]], { stdio: 'inherit' }); ${line.holder()}`;
    const controller = new AbortController();
    const running = script(`"$NODE" -e "$CHILD" -- "$GRANDCHILD" & wait`, {
      env: { NODE: node, CHILD: child, GRANDCHILD: line.holder({ stubborn }) }, graceMs: 500,
    }, { signal: controller.signal });
    await Promise.race([line.alive(2), running]);
    const started = Date.now();
    controller.abort(new Error('told to stop'));
    await expect(running).rejects.toThrow('told to stop');
    expect(Date.now() - started).toBeLessThan(1_500);
    await line.alive(0);
    expect(line.count).toBe(0);
    line.close();
  });
});

describe('the programs that shell.run may start', () => {
  it('are none until an operator names some', async () => {
    const off = await Workbench.create();
    await expect(off.run('shell.run', { program: 'sh' })).rejects.toMatchObject({ code: 'access_denied', retryable: false, message: containing('DATAMCP_SHELL_PROGRAMS') });
    await off.close();
  });

  it.each(['ls', '/bin/ls', '/bin/../bin/sh', 'sh -c ls', './sh'])('do not include %s', async (program) => {
    await expect(run({ program })).rejects.toMatchObject({ code: 'access_denied' });
  });

  it('are absolute paths', async () => {
    await expect(Workbench.create({ DATAMCP_SHELL_PROGRAMS: '/bin/sh,python3' })).rejects.toThrow('DATAMCP_SHELL_PROGRAMS: every program is an absolute path');
  });

  it.each([['find', 'ENOENT'], ['not-a-program', 'EACCES']])('are named when they cannot be started: %s', async (program, code) => {
    await expect(run({ program })).rejects.toMatchObject({ code: 'program_failed', retryable: false, message: containing(code) });
  });

  it.each(['LD_PRELOAD', 'NODE_OPTIONS', 'PATH', 'PYTHONPATH', 'BASH_ENV', 'no-name', ''])('cannot be given the variable "%s"', async (name) => {
    await expect(run({ program: 'env', env: { [name]: 'x' } })).rejects.toThrow();
  });

  it('have texts that refuse expressions', () => {
    expect(builtinProcessors.get('shell.run')).toMatchObject({ literal: ['program', 'script'] });
  });
});

it('a program is stopped when its task is told to, without being asked twice', async () => {
  const { signal, reason } = abortAfter(200);
  const started = Date.now();
  await expect(script('sleep 30', {}, { signal })).rejects.toBe(reason);
  expect(Date.now() - started).toBeLessThan(3_000);
});
