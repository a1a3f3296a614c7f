import { CliStage } from './cli-stage';
import { datamcp } from './captured-host';

let stage: CliStage;
beforeAll(async () => {
  stage = await CliStage.open();
  stage.write('good.yaml', 'name: good\ninputs:\n  month: { type: string, default: "2001-01", description: Month to report }\ntasks:\n  - { id: a, uses: core.noop }\n');
  stage.write('bad.yaml', 'name: bad\ntasks:\n  - id: a\n    uses: core.nop\n  - id: b\n    need: [a]\n    uses: core.noop\n');
});
afterAll(() => stage.close());

test('validate tells every fault at its place and gives exit code 2', async () => {
  const { code, stdout } = await stage.run(['validate', 'good.yaml', 'bad.yaml']);
  expect(code).toBe(2);
  expect(stdout).toContain('✓ good.yaml is valid');
  expect(stdout).toContain('--> bad.yaml:4:11');
  expect(stdout).toContain('4 |     uses: core.nop\n  |           ^^^^^^^^\n  = did you mean `core.noop`?');
  expect(stdout).toContain('✗ bad.yaml: 2 faults');
});

test('online and offline validation find the same', async () => {
  const online = await stage.json('validate', 'good.yaml', 'bad.yaml');
  const offline = await stage.json('validate', 'good.yaml', 'bad.yaml', '--offline');
  expect(offline).toEqual(online);
});

test('without an API validate goes on with the built-in processors and says so', async () => {
  const { code, stdout, stderr } = await stage.run(['validate', 'good.yaml', '--api-url', 'http://127.0.0.1:9']);
  expect(code).toBe(0);
  expect(stdout).toBe('✓ good.yaml is valid\n');
  expect(stderr).toContain('checked with the built-in processors');
});

test('apply makes a version, then finds nothing changed; a dry run stores nothing', async () => {
  expect((await stage.run(['apply', 'good.yaml', '--dry-run'])).stdout).toBe('good v1 would be created\n');
  expect((await stage.run(['apply', 'good.yaml'])).stdout).toBe('good v1 created\n');
  expect((await stage.run(['apply', 'good.yaml'])).stdout).toBe('good v1 unchanged\n');
});

test('apply stores nothing at all if one of the files is wrong', async () => {
  stage.write('other.yaml', 'name: other\ntasks:\n  - { id: a, uses: core.noop }\n');
  const { code, stderr } = await stage.run(['apply', 'other.yaml', 'bad.yaml']);
  expect(code).toBe(2);
  expect(stderr.match(/--> bad\.yaml:4:11/g)).toHaveLength(1);
  expect(stderr).toMatch(/bad\.yaml has 2 fault/);
  expect((await stage.run(['pipelines', 'show', 'other'])).code).toBe(2);
});

test('a failing command with --json prints one document with the error', async () => {
  const { code, document } = await stage.json('pipelines', 'show', 'nowhere');
  expect(code).toBe(2);
  expect(document).toMatchObject({ error: { code: 'not_found', status: 404, requestId: expect.any(String) as unknown } });
});

test('pipelines are listed, shown, versioned and archived', async () => {
  expect((await stage.run(['pipelines', 'list'])).stdout).toMatch(/good +v1/);
  expect((await stage.run(['pipelines', 'show', 'good'])).stdout).toMatch(/month +string +"2001-01" +Month to report/);
  expect((await stage.run(['pipelines', 'show', 'good', '--source'])).stdout).toContain('uses: core.noop');
  expect((await stage.run(['pipelines', 'versions', 'good'])).stdout).toMatch(/v1 +1 /);
  expect((await stage.run(['pipelines', 'archive', 'good'])).code).toBe(0);
  expect((await stage.run(['run', 'good'])).code).toBe(2);
  expect((await stage.run(['apply', 'good.yaml'])).stdout).toBe('good v1 revived\n');
});

test('processors are listed and shown with their schemas', async () => {
  expect((await stage.run(['processors', 'list'])).stdout).toMatch(/core\.noop +quick/);
  const { document } = await stage.json<{ inputSchema: unknown }>('processors', 'show', 'core.log');
  expect(document.inputSchema).toMatchObject({ type: 'object' });
});

test('a key is made, works, is listed without its secret, and ends when it is revoked', async () => {
  const { document: { id, key } } = await stage.json<{ id: string; key: string }>('keys', 'create', 'ci', '--role', 'viewer');
  const asViewer = (...argv: string[]) => datamcp(argv, { variables: { DATAMCP_API_URL: stage.api.url, DATAMCP_API_KEY: key } });
  expect((await asViewer('me')).stdout).toMatch(/roles +viewer/);
  const forbidden = await asViewer('keys', 'list');
  expect(forbidden.code).toBe(3);
  expect(forbidden.stderr).toContain('error[auth.forbidden]');
  const listed = await stage.run(['keys', 'list']);
  expect(listed.stdout).toMatch(/ci +service +viewer .*valid/);
  expect(listed.stdout).not.toContain(key);
  expect((await stage.run(['keys', 'revoke', id])).stdout).toBe(`Key ${id} is revoked.\n`);
  expect((await asViewer('me')).code).toBe(3);
});

test('doctor sees the API, the clock, the key and each component', async () => {
  const { stdout } = await stage.run(['doctor']);
  for (const name of ['config', 'api', 'clock', 'key', 'postgres', 'temporal', 'workers']) expect(stdout).toMatch(new RegExp(`[✓!] ${name} `));
});

test('doctor says what to do when nothing is there, with exit code 3', async () => {
  const { code, stdout } = await datamcp(['doctor', '--json', '--api-url', 'http://127.0.0.1:9']);
  expect(code).toBe(3);
  expect(stdout).toContain('npm start');
});

test.each([
  [['--help'], 0], [['runs', '--help'], 0], [['--version'], 0], [['nonsense'], 2], [['run'], 2], [['runs', 'list', '--limit', 'x'], 2],
  [['run', 'missing.yaml'], 2], [['run', 'good', '--priority'], 2], [['runs', 'show', 'xyz!'], 2],
])('%j gives exit code %d', async (argv, code) => {
  expect((await stage.run(argv)).code).toBe(code);
});

test('the version of the program and --version of a run do not get in each other\'s way', async () => {
  expect((await stage.run(['--version'])).stdout).toBe('0.0.0-test\n');
  expect((await stage.run(['run', 'good', '--version', '7', '--json'])).stdout).toContain('version 7');
});

test('a command that stands in a group is found there', async () => {
  expect((await stage.run(['logs', '@last'])).stderr).toContain('there is: datamcp runs logs\n');
  expect((await stage.run(['nonsense'])).stderr).not.toContain('there is');
});
