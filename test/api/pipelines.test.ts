import { limits } from '../../domain/limits';
import { HttpClient } from '../../platform/http';
import { WorkerMetrics } from '../../platform/worker-metrics';
import { Reporter } from '../../workers/reporter';
import { TestApi } from './test-api';

let api: TestApi;
beforeAll(async () => { api = await TestApi.start(); });
afterAll(() => api.close());

const document = (name: string, message = 'hello'): string =>
  `name: ${name}\ndescription: Says ${message}\nlabels: { team: data }\ntasks:\n  - id: say\n    uses: core.log\n    with: { message: ${message} }\n`;
const path = (name: string): string => `/v1/pipelines/${name}`;

describe('applying a definition', () => {
  test('makes the first version, then others, and knows when nothing changed', async () => {
    const first = await api.apply(document('life'));
    expect(first).toMatchObject({ status: 201, body: { name: 'life', version: 1, change: 'created', tasks: 1, warnings: [] } });
    expect(first.headers.get('location')).toBe('/v1/pipelines/life');
    expect(await api.apply(`# only a comment\n${document('life')}`)).toMatchObject({ status: 200, body: { version: 1, change: 'unchanged' } });
    expect(await api.apply(document('life', 'bye'))).toMatchObject({ status: 200, body: { version: 2, change: 'updated' } });
    expect(await api.apply(document('life'))).toMatchObject({ status: 200, body: { version: 3, change: 'updated' } });
    const plans = await api.database.pool.query("select count(*)::int as n from plans where body ->> 'name' = 'life'");
    expect(plans.rows).toEqual([{ n: 2 }]);
  });

  test('takes the same meaning as JSON for the same version', async () => {
    const yaml = await api.apply(document('both'));
    const json = await api.call('PUT', path('both'), { body: {
      name: 'both', description: 'Says hello', labels: { team: 'data' }, tasks: [{ id: 'say', uses: 'core.log', with: { message: 'hello' } }],
    } });
    expect(json).toMatchObject({ status: 200, body: { version: 1, change: 'unchanged', planHash: yaml.body['planHash'] } });
  });

  test.each(['application/yaml', 'text/yaml', 'application/x-yaml', 'text/x-yaml; charset=utf-8'])('takes YAML as %s', async (type) => {
    const answer = await api.call('PUT', path('types'), { body: document('types'), headers: { 'content-type': type } });
    expect(answer.status).toBeLessThan(300);
  });

  test('of another media type is refused', async () => {
    expect(await api.call('PUT', path('types'), { body: document('types'), headers: { 'content-type': 'text/plain' } }))
      .toMatchObject({ status: 415, body: { code: 'request.unsupported_media' } });
  });

  test('only tried stores nothing', async () => {
    expect(await api.call('PUT', `${path('tried')}?dryRun=true`, { body: document('tried') }))
      .toMatchObject({ status: 200, body: { version: 1, change: 'created', dryRun: true } });
    expect((await api.call('GET', path('tried'))).status).toBe(404);
  });

  test('with faults is refused with all of them, and nothing is stored', async () => {
    const answer = await api.apply('name: faulty\ntasks:\n  - id: a\n    uses: core.nop\n  - id: b\n    uses: http.reqest\n');
    expect(answer).toMatchObject({ status: 422, body: { code: 'definition.invalid' } });
    const errors = answer.body['errors'] as { path: string; line: number; column: number; code: string; message: string }[];
    expect(errors.map((error) => error.path)).toEqual(['/tasks/0/uses', '/tasks/1/uses']);
    for (const error of errors) expect(error).toMatchObject({ code: expect.any(String), message: expect.any(String), line: expect.any(Number), column: expect.any(Number) });
    expect((await api.call('GET', path('faulty'))).status).toBe(404);
  });

  test('under another name than the document\'s is refused', async () => {
    expect(await api.call('PUT', path('other'), { body: document('this') }))
      .toMatchObject({ status: 422, body: { code: 'definition.invalid', errors: [{ code: 'name_mismatch', path: '/name' }] } });
  });

  test('above two MiB of YAML is 413, at it is not', async () => {
    const fill = (bytes: number): string => `${document('large')}#${'x'.repeat(bytes - document('large').length - 2)}\n`;
    expect(await api.call('PUT', path('large'), { body: fill(limits.yamlBytes + 1) })).toMatchObject({ status: 413, body: { code: 'request.too_large' } });
    expect((await api.call('PUT', path('large'), { body: fill(limits.yamlBytes) })).status).toBe(201);
  });

  test('above twenty MiB of JSON is 413', async () => {
    const body = `{"name":"huge","description":"${'x'.repeat(limits.jsonBytes)}"}`;
    expect((await api.call('PUT', path('huge'), { body, headers: { 'content-type': 'application/json' } })).status).toBe(413);
  });

  test('twice at the same time makes one version', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.apply(document('twins'))));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map((answer) => answer.body['version']))).toEqual(new Set([1]));
  });

  test('is audited with who did it', async () => {
    await api.apply(document('audited'));
    const { rows } = await api.database.pool.query("select actor, action, data from audit where target = 'pipeline/audited'");
    expect(rows).toEqual([{ actor: 'admin', action: 'pipeline.apply', data: { change: 'created', version: 1 } }]);
  });
});

describe('entity tags', () => {
  test('keep one author from undoing another\'s change', async () => {
    const mine = (await api.apply(document('shared'))).headers.get('etag') ?? '';
    expect(mine).toBe((await api.call('GET', path('shared'))).headers.get('etag'));
    const theirs = await api.call('PUT', path('shared'), { body: document('shared', 'theirs'), headers: { 'if-match': mine } });
    expect(theirs.status).toBe(200);
    expect(await api.call('PUT', path('shared'), { body: document('shared', 'mine'), headers: { 'if-match': mine } }))
      .toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    expect((await api.call('DELETE', path('shared'), { headers: { 'if-match': mine } })).status).toBe(412);
    expect((await api.call('PUT', path('shared'), { body: document('shared', 'x'), headers: { 'if-none-match': '*' } })).status).toBe(412);
  });
});

describe('reading pipelines', () => {
  test('shows the document as it came and a summary of its plan', async () => {
    await api.apply(document('shown'));
    const { status, body } = await api.call('GET', path('shown'));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'shown', description: 'Says hello', labels: { team: 'data' }, version: 1, archivedAt: null, source: document('shown'), format: 'yaml',
      createdBy: 'admin', plan: { tasks: 1, edges: 0, processors: ['core.log'], concurrency: null },
    });
  });

  test('shows versions, newest first, by pages', async () => {
    for (const message of ['one', 'two', 'three']) await api.apply(document('paged', message));
    const first = await api.call('GET', `${path('paged')}/versions?limit=2`);
    expect(first.body['items']).toMatchObject([{ version: 3 }, { version: 2 }]);
    const second = await api.call('GET', `${path('paged')}/versions?limit=2&cursor=${String(first.body['nextCursor'])}`);
    expect(second.body).toMatchObject({ items: [{ version: 1, createdBy: 'admin', format: 'yaml' }], nextCursor: null });
    expect((await api.call('GET', `${path('paged')}/versions/1`)).body).toMatchObject({ version: 1, source: document('paged', 'one') });
    expect((await api.call('GET', `${path('paged')}/versions/9`)).status).toBe(404);
  });

  test('lists by name, by pages, without what is archived', async () => {
    for (const name of ['zz-a', 'zz-b', 'zz-c']) await api.apply(document(name));
    await api.call('DELETE', path('zz-b'));
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await api.call('GET', `/v1/pipelines?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...(page.body['items'] as { name: string }[]).map((item) => item.name));
      cursor = page.body['nextCursor'] as string | null;
    }
    expect(seen).toEqual([...seen].sort());
    expect(seen.filter((name) => name.startsWith('zz-'))).toEqual(['zz-a', 'zz-c']);
    expect((await api.call('GET', '/v1/pipelines?archived=true')).body['items']).toMatchObject([{ name: 'zz-b', archivedAt: expect.any(String) }]);
  });

  test.each(['?cursor=nonsense', '?limit=0', '?limit=1001', '?limit=x', '?nope=1', '?archived=maybe'])('refuses %s with its place', async (query) => {
    const answer = await api.call('GET', `/v1/pipelines${query}`);
    expect(answer).toMatchObject({ status: 422, body: { code: 'request.invalid', errors: [{ path: `/${/\w+/.exec(query)?.[0]}` }] } });
  });
});

describe('archiving', () => {
  test('refuses new runs until the definition is applied again', async () => {
    await api.apply(document('old'));
    expect(await api.call('DELETE', path('old'))).toMatchObject({ status: 200, body: { archivedAt: expect.any(String) } });
    expect((await api.call('DELETE', path('old'))).status).toBe(200);
    expect(await api.call('POST', `${path('old')}/runs`, { body: {} })).toMatchObject({ status: 409, body: { code: 'pipeline.archived', currentStatus: 'archived' } });
    expect(await api.apply(document('old'))).toMatchObject({ status: 200, body: { version: 1, change: 'revived' } });
    expect((await api.call('POST', `${path('old')}/runs`, { body: {} })).status).toBe(202);
    expect((await api.call('DELETE', path('never-was'))).status).toBe(404);
    await api.apply(document('spelt-right'));
    expect((await api.call('GET', path('spelt-rihgt'))).body['detail']).toBe('There is no pipeline "spelt-rihgt". Did you mean "spelt-right"?');
  });
});

describe('validating', () => {
  test('is always 200, and gives the plan of what is good', async () => {
    const good = await api.call('POST', '/v1/pipelines/validate', { body: document('checked') });
    expect(good).toMatchObject({ status: 200, body: { valid: true, errors: [], plan: { name: 'checked', tasks: [{ id: 'say', uses: 'core.log' }] } } });
    const bad = await api.call('POST', '/v1/pipelines/validate', { body: 'name: [' });
    expect(bad).toMatchObject({ status: 200, body: { valid: false, plan: null } });
    expect((await api.call('GET', path('checked'))).status).toBe(404);
  });

  test('a pipeline may be called "validate"', async () => {
    expect((await api.apply(document('validate'))).status).toBe(201);
    expect((await api.call('GET', path('validate'))).body).toMatchObject({ name: 'validate' });
  });

  test('before the first worker was there is 503, because every name would be unknown', async () => {
    const empty = await TestApi.start();
    try {
      await empty.database.pool.query('delete from processors');
      const answer = await empty.apply(document('early'));
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect(answer.headers.get('retry-after')).toBe('2');
    } finally {
      await empty.close();
    }
  });
});

describe('a processor that no worker has any more', () => {
  const refused = { status: 422, body: { errors: [expect.objectContaining({ code: 'processor.withdrawn', path: '/tasks/0/uses', message: expect.stringContaining('Was its plugin removed?') })] } };
  const age = (names: string, minutes: number) => api.database.pool.query(`update processors set published_at = now() - $1 * interval '1 minute' where name ${names}`, [minutes]);

  test('is refused with the reason, and not listed, as soon as the others have outlived it', async () => {
    await age("= 'core.log'", 10);
    expect(await api.apply(document('withdrawn'))).toMatchObject(refused);
    expect((await api.call('GET', '/v1/processors')).text).not.toContain('"core.log"');
    expect((await api.call('GET', '/v1/schemas/pipeline')).text).not.toContain('"core.log"');
    expect((await api.call('GET', '/v1/processors/core.log')).status).toBe(404);
  });

  test('is taken again when a worker says that it has it', async () => {
    const { config, pool, logger, temporal: client } = api.deps;
    const { circuits } = new HttpClient(config);
    const reporter = new Reporter({ identity: 'test', processors: ['core.log'], queues: [], pool, client, circuits, metrics: new WorkerMetrics(), logger });
    reporter.begin();
    await reporter.end();
    expect((await api.apply(document('offered'))).status).toBe(201);
  });

  test('is no matter while no worker runs at all', async () => {
    await age('is not null', 60 * 24);
    expect((await api.apply(document('asleep'))).status).toBe(201);
  });
});
