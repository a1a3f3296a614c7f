import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { catalogueOf, loadProcessors } from '../../activities/processors/plugins';
import type { ProcessorContext } from '../../activities/processor';
import { startNodeProcess } from '../../devstack/node-process';
import { eventually, freePort } from '../../devstack/processes';
import { TestApi } from '../api/test-api';
import { datamcp } from '../cli/captured-host';
import { testEnvironment } from '../harness/environment';
import { containing } from './text-matchers';

const run = promisify(execFile);
const root = resolve(__dirname, '..', '..');

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(testEnvironment().TEST_DIR, 'plugins-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const plugin = (fields: string): string => `{ name: 'text.one', title: 'One', version: '1.0.0', input: { type: 'object' }, output: {}, process() { return 1; }, ${fields} }`;
const faultsOf = async (files: Record<string, string>): Promise<string[]> => {
  const failure: unknown = await loadProcessors(await folderWith(files)).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'request.invalid', message: containing('none was loaded') });
  return failure instanceof Error ? failure.message.split('\n').slice(1).map((line) => line.trim()) : [];
};
const contextOf = (signal = new AbortController().signal): ProcessorContext => ({ signal }) as ProcessorContext;
const loadOne = async (text: string) => {
  const processor = (await loadProcessors(await folderWith({ 'one.cjs': `module.exports = ${text};` }))).get('text.one');
  if (processor === undefined || 'inWorkflow' in processor) throw new Error('it was not loaded');
  return processor;
};

describe('a folder of plugins', () => {
  it('adds its processors to those of the product', async () => {
    const processors = await loadProcessors(await folderWith({
      'a.cjs': `module.exports = ${plugin('')}`,
      'b.mjs': `export default ${plugin("name: 'text.two', quick: true, description: 'Second', literal: ['script'], input: { type: 'object', properties: { script: { type: 'string' } } }")}`,
      'c.js': `exports.default = ${plugin("name: 'text.three'")}`,
      'a.test.mjs': 'throw new Error("a test is no plugin")', '.hidden.js': 'throw new Error("hidden")', 'notes.md': '',
    }));
    const entries = new Map(catalogueOf(processors).map((entry) => [entry.name, entry]));
    expect([...entries.keys()].slice(-3)).toEqual(['text.one', 'text.two', 'text.three']);
    expect(entries.get('core.noop')).toBeDefined();
    expect(entries.get('text.two')).toMatchObject({ mode: 'quick', description: 'Second', literal: ['script'], version: '1.0.0' });
  });

  it('is not needed', async () => {
    expect((await loadProcessors(undefined)).get('core.noop')).toBeDefined();
    expect(catalogueOf(await loadProcessors(await folderWith({}))).length).toBeGreaterThan(10);
  });

  it.each<[string, string, string]>([
    ['that is no JavaScript', 'a.cjs', 'module.exports = {'],
    ['that fails when it is loaded', 'a.cjs', "throw new TypeError('no database')"],
    ['that lacks a package', 'a.cjs', "require('no-such-package')"],
    ['that awaits at its top level', 'a.cjs', "throw Object.assign(new Error('require()'), { code: 'ERR_REQUIRE_ASYNC_MODULE' })"],
  ])('says of a file %s why it cannot be loaded', async (_what, name, text) => {
    expect(await faultsOf({ [name]: text })).toEqual([expect.stringMatching(/^a\.cjs: cannot be loaded: .{10,}/)]);
  });

  it('says in which line of a file it fails', async () => {
    expect(await faultsOf({ 'a.cjs': '\n\nmodule.exports = }', 'b.cjs': '\nthrow new Error("no")' })).toEqual([
      expect.stringMatching(/^a\.cjs: .*\(line 3\)$/), expect.stringMatching(/^b\.cjs: .*\(line 2\)$/),
    ]);
  });

  it('names each file before it is loaded, so that the last one named is the one that hangs', async () => {
    const named: string[] = [];
    await loadProcessors(await folderWith({ 'a.cjs': `module.exports = ${plugin('')}` }), (file) => named.push(file));
    expect(named).toEqual(['a.cjs']);
  });

  it.each<[string, string, string]>([
    ['no export', 'const nothing = 1;', 'exports no processor: it needs a default export (or module.exports)'],
    ['a wrong export', 'module.exports = 5', 'its export: '],
    ['no name', `module.exports = ${plugin('name: undefined')}`, '`name`: '],
    ['a wrong name', `module.exports = ${plugin("name: 'Text Reverse'")}`, '`name`: is words in small letters with dots between them'],
    ['a name without a dot', `module.exports = ${plugin("name: 'reverse'")}`, '`name`: is words in small letters'],
    ['no version', `module.exports = ${plugin("version: 'new'")}`, '`version`: is a version such as 1.0.0'],
    ['nothing to do', `module.exports = ${plugin('process: true')}`, '`process`: is a function'],
    ['a cleanup that is none', `module.exports = ${plugin('cleanup: true')}`, '`cleanup`: is a function'],
    ['a program text that its input does not have', `module.exports = ${plugin("literal: ['sql']")}`, '`literal`: "sql" is not among the properties of `input`'],
    ['a schema that answers later', `module.exports = ${plugin("input: { type: 'object', $async: true }")}`, '`input`: is not a schema: `$async` cannot be used'],
    ['a field that throws', "module.exports = { get name() { throw new Error('not yet'); } }", 'its export: cannot be read: not yet'],
    ['no schema', `module.exports = ${plugin('input: undefined')}`, '`input`: is a JSON Schema'],
    ['a wrong schema', `module.exports = ${plugin("output: { type: 'strnig' }")}`, '`output`: is not a schema: '],
    ['a schema with a reference to nowhere', `module.exports = ${plugin("input: { type: 'object', properties: { a: { $ref: '#/$defs/no' } } }")}`, '`input`: is not a schema: '],
    ['an input that is no object', `module.exports = ${plugin("input: { type: 'string' }")}`, '`input`: describes an object'],
    ['a field that means nothing', `module.exports = ${plugin('timeout: 5')}`, 'Unrecognized key: "timeout"'],
    ['a name of the product', `module.exports = ${plugin("name: 'core.log'")}`, 'its name core.log is that of a processor of the product'],
  ])('says of a file with %s what is wrong', async (_what, text, message) => {
    expect(await faultsOf({ 'a.cjs': text })).toEqual([containing(message)]);
  });

  it('lists every fault of every file at once', async () => {
    const faults = await faultsOf({
      'a.cjs': `module.exports = ${plugin('')}`,
      'b.cjs': `module.exports = ${plugin('')}`,
      'c.cjs': `module.exports = ${plugin("name: 'X', version: 'y', input: 1")}`,
      'd.cjs': 'throw new Error("no")',
      'e.cjs': `module.exports = ${plugin("name: 'text.five', input: { type: 5 }, output: { type: 6 }")}`,
    });
    expect(faults.map((line) => line.slice(0, 5)).sort()).toEqual(['b.cjs', 'c.cjs', 'c.cjs', 'c.cjs', 'd.cjs', 'e.cjs', 'e.cjs']);
    expect(faults).toContain('b.cjs: its name text.one is that of a.cjs');
  });

  it('is named when it is not there', async () => {
    await expect(loadProcessors('/no/such/folder')).rejects.toMatchObject({ message: containing('/no/such/folder: is no folder that can be read') });
  });
});

describe('a plugin', () => {
  it('has its input and output checked, and defaults filled in', async () => {
    const { input, output } = await loadOne(plugin(`input: {
      type: 'object', properties: { n: { type: 'integer', default: 5 }, text: { type: 'string', format: 'date' } }, required: ['text'], additionalProperties: false,
    }, output: { type: 'string' }`));
    expect(input.parse({ text: '2001-01-01' })).toEqual({ n: 5, text: '2001-01-01' });
    expect(input.safeParse({ n: 'x', text: 'y', z: 1 }).error?.issues.map(({ path, message }) => `${path.join('/')}: ${message}`).sort())
      .toEqual([': "z" is not known', 'n: must be integer', 'text: must match format "date"']);
    expect(output.safeParse(5).success).toBe(false);
  });

  it('may use schemas of zod', async () => {
    const zod = JSON.stringify(join(root, 'node_modules', 'zod'));
    const { input } = await loadOne(plugin(`input: require(${zod}).z.strictObject({ n: require(${zod}).z.int().default(3) })`));
    expect(input.parse({})).toEqual({ n: 3 });
  });

  it.each([
    ["throw Object.assign(new Error('gone'), { retryable: false })", { code: 'task_failed', message: 'gone', retryable: false }],
    ["throw Object.assign(new Error('later'), { retryAfterMs: 900 })", { code: 'task_failed', message: 'later', retryable: true, details: { retryAfterMs: 900 } }],
    ["throw Object.assign(new Error('busy'), { retryable: true, retryAfterMs: 700 })", { code: 'task_failed', retryable: true, details: { retryAfterMs: 700 } }],
    ["throw new RangeError('odd')", { name: 'RangeError', message: 'odd' }],
    ['context.signal.throwIfAborted()', { message: 'told to stop' }],
  ])('fails as it says: %s', async (text, failure) => {
    const processor = await loadOne(plugin(`async process(context) { ${text} }`));
    await expect(processor.process(contextOf(AbortSignal.abort(new Error('told to stop'))), {})).rejects.toMatchObject(failure);
  });

  it('may keep something in itself', async () => {
    const processor = await loadOne(plugin('process() { return this.name; }, cleanup(_context, input) { input.cleanedBy = this.name; }'));
    const input = {};
    expect(await processor.process(contextOf(), input)).toBe('text.one');
    await processor.cleanup?.(contextOf(), input);
    expect(input).toEqual({ cleanedBy: 'text.one' });
  });
});

describe('datamcp processors new', () => {
  it('refuses a name that is none, one of the product, and files that are there, and writes nothing', async () => {
    const cwd = await folderWith({ 'text.there.test.mjs': 'mine' });
    for (const [name, message] of [['Reverse', 'is not a name'], ['core.log', 'of the product already'], ['text.there', 'text.there.test.mjs exists already']]) {
      expect(await datamcp(['processors', 'new', name ?? ''], { cwd })).toMatchObject({ code: 2, stderr: containing(message ?? '') });
    }
    expect(await readdir(cwd)).toEqual(['text.there.test.mjs']);
  });

  it('begins a processor whose test passes, that a worker offers, and that a pipeline uses', async () => {
    const cwd = await folderWith({});
    const made = await datamcp(['processors', 'new', 'text.shout', 'own', '--json'], { cwd });
    expect(JSON.parse(made.stdout)).toEqual({ name: 'text.shout', files: ['own/text.shout.mjs', 'own/text.shout.test.mjs', 'own/README.md'] });
    expect(await datamcp(['processors', 'new', 'text.second', 'own'], { cwd })).toMatchObject({ code: 0 });
    const folder = join(cwd, 'own');
    const { stdout } = await run(process.execPath, ['--test'], { cwd: folder, env: {} });
    expect(stdout).toMatch(/pass 6\n/);
    await writeFile(join(folder, 'text.odd.cjs'), `module.exports = ${plugin(`name: 'text.odd', async process(_context, { how }) {
      if (how === 'circle') { const circle = {}; circle.self = circle; return circle; }
      Promise.reject(new Error('nobody heard odd-secret-1'));
      await new Promise(setImmediate);
      return 'went on';
    }, cleanup(context, { how }) { context.logger.info('tidied up after ' + how); }`)}`);

    const api = await TestApi.start();
    const { config } = api.deps;
    const port = await freePort(23_000 + Math.floor(Math.random() * 5_000));
    const startWorker = (plugins: string) => startNodeProcess({
      name: 'worker', script: join(root, 'dist', 'workers', 'main.js'), cwd: root, logFile: join(cwd, 'worker.log'), readyUrl: `http://127.0.0.1:${port}/readyz`, graceMs: 3_000,
      env: {
        DATABASE_URL: config.DATABASE_URL, TEMPORAL_ADDRESS: config.TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE: config.TEMPORAL_NAMESPACE, TEMPORAL_TASK_QUEUE: config.TEMPORAL_TASK_QUEUE,
        DATAMCP_PLUGINS: plugins, DATAMCP_WORKER_HEALTH_PORT: String(port), DATAMCP_SHUTDOWN_GRACE_MS: '1000', DATAMCP_SECRET_ODD: 'odd-secret-1', DATAMCP_ARTIFACTS_DIR: join(cwd, 'artifacts'),
      },
    });
    let worker = await startWorker(folder);
    try {
      expect(await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()).toEqual({ ready: true, detail: 'working', circuits: [] });
      expect((await api.call('GET', '/v1/processors/text.second')).body).toMatchObject({ version: '1.0.0', inputSchema: { required: ['text'], additionalProperties: false } });
      const pipeline = /```yaml\n([^]*?)```/.exec(await readFile(join(folder, 'README.md'), 'utf8'))?.[1] ?? '';
      const wrong = await api.apply(pipeline.replace('text: hello', 'txet: hello'));
      expect(wrong).toMatchObject({ status: 422, body: { errors: expect.arrayContaining([expect.objectContaining({ code: 'with.unknown', message: 'unknown field txet' })]) } });
      expect((await api.apply(pipeline)).status).toBe(201);
      const ended = await api.call('POST', '/v1/pipelines/first-use/runs', { body: {}, headers: { prefer: 'wait=30' } });
      expect(ended.body).toMatchObject({ status: 'succeeded', outputs: { text: 'HELLO' } });

      expect((await api.apply('name: odd\ndefaults: { retry: { maxAttempts: 2 } }\ntasks:\n  - { id: stray, uses: text.odd, with: { how: stray } }\n  - { id: circle, uses: text.odd, with: { how: circle } }\n')).status).toBe(201);
      const odd = await api.call('POST', '/v1/pipelines/odd/runs', { body: {}, headers: { prefer: 'wait=30' } });
      const { items } = (await api.call('GET', `/v1/runs/${String(odd.body['id'])}/tasks`)).body;
      expect(items).toMatchObject([
        { id: 'stray', status: 'succeeded', output: 'went on', attempt: 1 },
        { id: 'circle', status: 'failed', attempt: 1, error: { code: 'output_invalid', message: containing('The output is not JSON'), retryable: false } },
      ]);
      // The worker writes log lines together, after a moment.
      const tidied = await eventually(async () => {
        const { text } = await api.call('GET', `/v1/runs/${String(odd.body['id'])}/logs`);
        return ['stray', 'circle'].every((how) => text.includes(`tidied up after ${how}`)) || undefined;
      }, 10_000);
      expect(tidied).toBe(true);
      const log = await readFile(join(cwd, 'worker.log'), 'utf8');
      expect(log).toContain('a promise failed that nobody waited for');
      expect(log).toContain('nobody heard ***');
      expect(log).not.toContain('odd-secret-1');

      await worker.stop();
      worker = await startWorker(await folderWith({}));
      expect((await api.apply('name: gone\ntasks:\n  - { id: only, uses: text.shout, with: { text: x }, retry: { maxAttempts: 1 } }\n')).status).toBe(201);
      const failed = await api.call('POST', '/v1/pipelines/gone/runs', { body: {}, headers: { prefer: 'wait=30' } });
      expect(failed.body).toMatchObject({ status: 'failed' });
      const task = await api.call('GET', `/v1/runs/${String(failed.body['id'])}/tasks/only`);
      expect(task.body).toMatchObject({ error: { code: 'processor_missing', message: 'the worker that took this task has no processor "text.shout"; is its plugin missing there?' } });
    } finally {
      await worker.stop();
      await api.close();
    }
  });

  it('ends the start of a worker that finds faults, and says all of them', async () => {
    const folder = await folderWith({ 'a.mjs': `export default ${plugin("name: 'core.log'")}`, 'b.mjs': 'await 0; export default {};' });
    await mkdir(join(folder, 'helpers'));
    const failure: unknown = await run(process.execPath, [join(root, 'dist', 'workers', 'main.js')], {
      env: { DATABASE_URL: 'postgres://127.0.0.1:1/none', TEMPORAL_ADDRESS: '127.0.0.1:1', DATAMCP_PLUGINS: folder },
    }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1, stderr: containing('have 2 fault(s), and none was loaded') });
    expect(failure).toMatchObject({ stderr: containing('a.mjs: its name core.log is that of a processor of the product') });
    expect(failure).toMatchObject({ stderr: containing('b.mjs: cannot be loaded: it awaits at its top level') });
  });
});
