import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { eventually } from '../../devstack/processes';
import type { StackFile } from '../../devstack/stack-file';
import { call, npmStart, pidsOf, stackFileWhere, stackHome, survivors, untilUp, type Command } from './local-stack';

jest.setTimeout(120_000);

const pipeline = `
name: short-nap
tasks:
  - { id: nap, uses: core.wait, with: { duration: 4s } }
  - { id: after, needs: [nap], uses: core.sleep, with: { milliseconds: 1 } }
`;
const runShape = z.object({ id: z.string(), status: z.string() });

async function startRun(file: StackFile): Promise<string> {
  await call(file, 'PUT', '/v1/pipelines/short-nap', pipeline, { 'content-type': 'application/yaml' });
  const { status, json } = await call(file, 'POST', '/v1/pipelines/short-nap/runs', '{}', { 'content-type': 'application/json' });
  expect(status).toBe(202);
  return runShape.parse(json).id;
}

describe('npm start', () => {
  const home = stackHome();
  let command: Command;
  let file: StackFile;

  beforeAll(async () => {
    command = npmStart(home, []);
    file = await untilUp(home, command);
  });

  afterAll(async () => {
    command.child.kill('SIGINT');
    await command.exited;
  });

  it('writes a stack file that only its owner may read, with an address and a key that work', async () => {
    expect(statSync(join(home, '.datamcp', 'stack.json')).mode & 0o777).toBe(0o600);
    expect(file.temporalNamespace).toBe('datamcp');
    expect(file.temporalUiUrl).toMatch(/^http/);
    expect(file.mailUrl).toMatch(/^http/);
    expect(pidsOf(file)).toHaveLength(6);
    expect((await call(file, 'GET', '/v1/me')).status).toBe(200);
    expect((await fetch(`${file.apiUrl}/v1/me`)).status).toBe(401);
  });

  it('runs the example until it asks for a sign-off, says how to decide it, and tells the end of the run', async () => {
    const said = command.output();
    const [, approval = ''] = /npx datamcp approvals approve (\S+)/.exec(said) ?? [];
    expect(said).toMatch(/sign_off waits for a decision on "Publish the flight delays of 2001-01\?": 0 of 1; waiting for data-owner until/);
    expect(said).toContain(`DATAMCP_STACK_HOME='${home}' npx datamcp approvals reject ${approval} --key-file '${join(home, '.datamcp', 'reviewer-key')}' --comment`);
    expect(said).toMatch(/temporal workflow signal .* --workflow-id 'approval\/[\w-]+\/sign_off\/-\/0' --name decide/);
    const [, mail = ''] = /(http:\S+\/mails\/\S+) /.exec(said) ?? [];
    expect(await (await fetch(`${mail}/html`)).text()).toContain(`${file.apiUrl}/decide/`);
    expect(statSync(join(home, '.datamcp', 'reviewer-key')).mode & 0o777).toBe(0o600);
    const decide = (key: string) => call({ ...file, apiKey: key }, 'POST', `/v1/approvals/${approval}/decisions`, '{"decision":"approve"}', { 'content-type': 'application/json' });
    expect((await decide(file.apiKey)).status).toBe(403);
    expect((await decide(file.approverKey ?? '')).status).toBe(200);
    expect(await eventually(() => /The run \S+ succeeded\./.exec(command.output())?.[0], 20_000)).toBeDefined();
  });

  it('starts a killed worker and a killed API again and keeps the stack file current', async () => {
    const [worker] = file.pids.workers;
    if (worker === undefined || file.pids.api === null) throw new Error('no worker or API');
    process.kill(worker, 'SIGKILL');
    process.kill(file.pids.api, 'SIGKILL');
    const again = await stackFileWhere(home, ({ pids }) =>
      pids.api !== null && pids.api !== file.pids.api && pids.workers[0] !== undefined && pids.workers[0] !== worker);
    if (!again) throw new Error(`not started again:\n${command.output()}`);
    file = again;
    const status = await eventually(async () => ((await call(again, 'GET', '/v1/me')).status === 200 ? 200 : undefined), 20_000);
    expect(status).toBe(200);
  });

  it('says where the stack of this clone is when it runs already', async () => {
    const second = npmStart(home);
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`runs already (process ${command.child.pid}) at ${file.apiUrl}`);
  });

  it('runs beside the stack of another clone, and Ctrl-C leaves none of its processes', async () => {
    const otherHome = stackHome();
    const other = npmStart(otherHome);
    const otherFile = await untilUp(otherHome, other);
    for (const name of ['apiUrl', 'temporalAddress', 'databaseUrl', 'mailUrl', 'apiKey'] as const) expect(otherFile[name]).not.toBe(file[name]);
    other.child.kill('SIGINT');
    expect(await other.exited).toBe(0);
    expect(await survivors(pidsOf(otherFile), 1_000)).toEqual([]);
    expect(existsSync(join(otherHome, '.datamcp', 'stack.json'))).toBe(false);
    expect((await call(file, 'GET', '/v1/me')).status).toBe(200);
  });

  it('is followed by nothing when it is killed, and the next start goes on with the runs that were open', async () => {
    const runId = await startRun(file);
    command.child.kill('SIGKILL');
    await command.exited;
    expect(await survivors(pidsOf(file), 15_000)).toEqual([]);
    command = npmStart(home);
    const again = await untilUp(home, command);
    expect(again.apiKey).toBe(file.apiKey);
    file = again;
    const { json } = await call(file, 'GET', `/v1/runs/${runId}`, undefined, { prefer: 'wait=20' });
    expect(runShape.parse(json).status).toBe('succeeded');
  });
});

describe('npm start -- --once', () => {
  /** The stack's file, at the moment when the command has said this. */
  async function fileWhen(home: string, command: Command, said: string): Promise<StackFile> {
    await eventually(() => (command.output().includes(said) || command.child.exitCode !== null ? true : undefined), 60_000);
    const file = await stackFileWhere(home, () => true);
    if (!file) throw new Error(`it never said "${said}":\n${command.output()}`);
    return file;
  }

  it('runs the example on real data, gives no link that is dead by then, and leaves nothing running', async () => {
    const home = stackHome();
    const command = npmStart(home, ['--once']);
    const file = await fileWhen(home, command, '▶ flight-delays');
    expect(await command.exited).toBe(0);
    expect(command.output()).toMatch(/✓ mail .*\n✓ flight-delays succeeded/);
    expect(command.output()).not.toContain('/namespaces/');
    expect(await survivors(pidsOf(file), 1_000)).toEqual([]);
  });

  it('is over soon when Ctrl-C comes in the middle of the run', async () => {
    const home = stackHome();
    const command = npmStart(home, ['--once']);
    const file = await fileWhen(home, command, '✓ extract');
    command.child.kill('SIGINT');
    expect(await command.exited).toBe(130);
    expect(command.output()).toContain('Stopping: running work is given a moment');
    expect(command.output()).not.toContain('flight-delays succeeded');
    expect(await survivors(pidsOf(file), 1_000)).toEqual([]);
  });
});
