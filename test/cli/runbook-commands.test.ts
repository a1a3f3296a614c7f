import { textOf } from '../docs/document';
import { CliStage } from './cli-stage';

let stage: CliStage;
const ids: Record<string, string> = { task: 'bad', connection: 'elsewhere', processor: 'core.fail' };

/** What `--json` says is made. */
async function made(...argv: string[]): Promise<string> {
  const { code, document } = await stage.json<{ id: string }>(...argv);
  expect(code).toBe(0);
  return document.id;
}

beforeAll(async () => {
  stage = await CliStage.open({ DATAMCP_OUTBOUND_ALLOW: '127.0.0.0/8', DATAMCP_SECRETS_KEY: Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64') });
  stage.write('stuck.yaml', `
name: stuck
tasks:
  - { id: bad, uses: core.fail, with: { message: wrong on purpose }, retry: { maxAttempts: 1 } }
  - { id: nap, uses: core.wait, with: { duration: 1h } }
`);
  ids['run'] = await made('run', 'stuck.yaml');
  ids['id'] = await made('keys', 'create', 'ann', '--type', 'user');
  ids['approval'] = await made('approvals', 'create', '--title', 'Publish?', '--user', 'ann');
  const { hostname, port, pathname, username, password } = new URL(stage.api.deps.config.DATABASE_URL);
  const { status } = await stage.api.call('PUT', '/v1/secrets/ELSEWHERE', { body: { value: password.padEnd(8, 'x') } });
  expect(status).toBeLessThan(300);
  const { code } = await stage.run([
    'connections', 'set', 'elsewhere', '--host', hostname, '--port', port, '--database', pathname.slice(1), '--user', username,
    '--password-secret', 'ELSEWHERE', '--tls', 'off',
  ]);
  expect(code).toBe(0);
});
afterAll(() => stage.close());

/** Commands of the runbook that change a run, in an order in which they are possible: it is open first, and ended then. */
const changes = ['runs pause', 'runs resume', 'runs retry-task', 'runs cancel', 'runs rerun'];
const place = (command: string): number => changes.findIndex((change) => command.startsWith(`datamcp ${change}`));
const commands = [...new Set([...textOf('docs/runbook.md').matchAll(/`(datamcp [a-z][^`…]*)`/g)].map(([, command = '']) => command))]
  .sort((a, b) => place(a) - place(b));

test('the runbook has commands that look, and all that change a run', () => {
  expect(commands.length).toBeGreaterThan(12);
  expect(changes.filter((change) => !commands.some((command) => command.startsWith(`datamcp ${change}`)))).toEqual([]);
});

test.each(commands)('`%s` of the runbook works', async (command) => {
  const argv = command.replaceAll(/<(\w+)>/g, (_, name: string) => ids[name] ?? name).split(' ').slice(1);
  if (place(command) === changes.indexOf('runs rerun')) await stage.run(['runs', 'watch', ids['run'] ?? '']);
  const { code, stderr } = await stage.run(argv);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error[') });
});
