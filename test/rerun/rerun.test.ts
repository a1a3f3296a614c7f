import type { Json, JsonObject } from '../../domain/json';
import type { RunView, TaskView } from '../../domain/pipeline/run';
import { CliStage } from '../cli/cli-stage';

jest.setTimeout(90_000);

let stage: CliStage;
beforeAll(async () => { stage = await CliStage.open(); });
afterAll(() => stage.close());

/** `check` fails below the limit, `optional` is skipped by itself. */
const pipeline = (name: string, limit = 'inputs.limit'): string => `
name: ${name}
inputs: { month: { type: string, default: May }, limit: { type: integer, default: 10 }, items: { type: array, default: [1, 2, 3] } }
tasks:
  - { id: work, uses: core.log, with: { message: "\${{ inputs.month }}" } }
  - { id: large, uses: core.set, with: { text: "${'x'.repeat(6_000)}" } }
  - { id: optional, needs: [work], if: "inputs.month == 'June'", uses: core.noop }
  - { id: check, needs: [work], uses: core.assert, with: { that: "\${{ ${limit} > 20 }}", message: limit is too low } }
  - { id: each, needs: [work], forEach: { in: "\${{ inputs.items }}", as: item, maxParallel: 1 }, uses: core.set, with: { item: "\${{ item }}" } }
  - { id: after, needs: [check, large, each, optional], if: "!failure()", uses: core.set, with: { month: "\${{ tasks.work.status }} \${{ tasks.large.output.text.size() }}", items: "\${{ tasks.each.output }}" } }
outputs: { items: "\${{ tasks.after.output.items.map(one, one.item) }}" }
`;

const call = async (path: string, body?: object): Promise<{ status: number; body: JsonObject }> => {
  const { status, body: answer } = await stage.api.call(body ? 'POST' : 'GET', path, { ...(body && { body }), headers: { prefer: 'wait=30' } });
  return { status, body: answer as JsonObject };
};
async function run(name: string, inputs: JsonObject = {}): Promise<RunView> {
  return (await call(`/v1/pipelines/${name}/runs`, { inputs })).body as unknown as RunView;
}
const rerun = async (id: string, body: object): Promise<RunView> => (await call(`/v1/runs/${id}/rerun`, body)).body as unknown as RunView;
const tasksOf = async (id: string): Promise<Record<string, TaskView>> => {
  const { body } = await call(`/v1/runs/${id}/tasks`);
  return Object.fromEntries((body['items'] as unknown as TaskView[]).map((task) => [task.id, task]));
};
/** Whether the run itself has carried this task out: what is reused has the times of its own run. */
const carriedOut = async ({ id, createdAt }: RunView, task: string): Promise<boolean> =>
  Date.parse((await tasksOf(id))[task]?.startedAt ?? '') >= Date.parse(createdAt);
const errors = (body: JsonObject): Json[] => body['errors'] as Json[];

describe('a rerun of a failed run', () => {
  let failed: RunView;
  beforeAll(async () => {
    await stage.api.apply(pipeline('half-done'));
    failed = await run('half-done');
  });

  test('with another input reuses what does not read it, and dependents read the reused results', async () => {
    expect(failed).toMatchObject({ status: 'failed', progress: { succeeded: 3, failed: 1, skipped: 2 } });
    const again = await rerun(failed.id, { from: 'failed', inputs: { limit: 30 } });
    expect(again).toMatchObject({
      status: 'succeeded', rerunOf: failed.id, trigger: { type: 'rerun' }, inputs: { month: 'May', limit: 30 },
      progress: { total: 6, succeeded: 5, skipped: 1 }, outputs: { items: [1, 2, 3] },
    });
    const tasks = await tasksOf(again.id);
    for (const id of ['work', 'large', 'each', 'optional']) expect(tasks[id]).toMatchObject({ reusedFrom: failed.id });
    expect(tasks).toMatchObject({
      optional: { status: 'skipped' }, check: { status: 'succeeded', reusedFrom: null },
      after: { status: 'succeeded', reusedFrom: null, output: { month: 'succeeded 6000' } },
    });
    expect([await carriedOut(again, 'work'), await carriedOut(again, 'after')]).toEqual([false, true]);
  });

  test('of a rerun says which run gave a result first', async () => {
    const second = await rerun(failed.id, { from: 'failed' });
    expect(second.status).toBe('failed');
    const third = await rerun(second.id, { from: ['each'], inputs: { limit: 30 } });
    expect(third).toMatchObject({ status: 'succeeded', rerunOf: second.id });
    expect(await tasksOf(third.id)).toMatchObject({ work: { reusedFrom: failed.id }, large: { reusedFrom: failed.id }, each: { reusedFrom: null }, check: { reusedFrom: null } });
  });

  test('is refused with the whole list where a result would come out differently, unless that is asked for', async () => {
    const asked = { from: 'failed', inputs: { month: 'June', limit: 30, items: [3, 4] } };
    const refused = await call(`/v1/runs/${failed.id}/rerun`, asked);
    expect(refused).toMatchObject({ status: 409, body: { code: 'rerun.changed', detail: expect.stringContaining('inputs.month') } });
    expect(errors(refused.body)).toEqual([expect.objectContaining({ path: '/inputs/month', message: 'work has succeeded with another `inputs.month`' })]);
    const allowed = await rerun(failed.id, { ...asked, changed: 'run' });
    expect(allowed).toMatchObject({ status: 'succeeded', outputs: { items: [3, 4] } });
    expect(await tasksOf(allowed.id)).toMatchObject({ work: { reusedFrom: null }, large: { reusedFrom: failed.id }, optional: { status: 'succeeded' } });
    expect(await carriedOut(allowed, 'work')).toBe(true);
  });

  test('in another version runs what that version changes', async () => {
    await stage.api.apply(pipeline('half-done', '2 * inputs.limit + 10'));
    expect(await rerun(failed.id, { from: 'failed', version: 2 })).toMatchObject({ status: 'succeeded', version: 2 });
  });

  test('from the start reuses nothing', async () => {
    const anew = await rerun(failed.id, { from: 'start', labels: { why: 'test' } });
    expect(anew).toMatchObject({ status: 'failed', rerunOf: failed.id, labels: { why: 'test' } });
    expect(await carriedOut(anew, 'work')).toBe(true);
  });

  test('as a dry run says of every task what would become of it, and starts nothing', async () => {
    const { status, body } = await call(`/v1/runs/${failed.id}/rerun`, { from: 'failed', inputs: { items: [3, 9] }, dryRun: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({ dryRun: true, rerunOf: failed.id, version: 1, inputs: { items: [3, 9] }, counts: { reuse: 3, run: 2, changed: 1 }, removed: [] });
    expect(body['tasks']).toEqual([
      { id: 'work', verdict: 'reuse', because: null, differs: [], reusedFrom: failed.id, instances: null },
      { id: 'large', verdict: 'reuse', because: null, differs: [], reusedFrom: failed.id, instances: null },
      { id: 'optional', verdict: 'reuse', because: null, differs: [], reusedFrom: failed.id, instances: null },
      { id: 'check', verdict: 'run', because: 'it failed', differs: [], reusedFrom: null, instances: null },
      { id: 'each', verdict: 'changed', because: 'inputs.items changed', differs: ['inputs.items'], reusedFrom: null, instances: 3 },
      { id: 'after', verdict: 'run', because: 'it is below check', differs: [], reusedFrom: null, instances: null },
    ]);
    expect((await call('/v1/runs?trigger=rerun&limit=1')).body['items']).toEqual([expect.objectContaining({ inputs: expect.not.objectContaining({ items: [3, 9] }) })]);
  });

  test('matches the instances of a forEach by item, whatever their order and number', async () => {
    const again = await rerun(failed.id, { from: 'failed', inputs: { items: [9, 3, 1], limit: 30 }, changed: 'run' });
    expect(again).toMatchObject({ status: 'succeeded', outputs: { items: [9, 3, 1] } });
    const { body } = await call(`/v1/runs/${again.id}/tasks/each`);
    expect(body).toMatchObject({ reusedFrom: null, output: [{ item: 9 }, { item: 3 }, { item: 1 }], instances: { items: [{ reusedFrom: null }, { reusedFrom: failed.id }, { reusedFrom: failed.id }] } });
  });
});

describe('a rerun is refused', () => {
  let failed: RunView;
  beforeAll(async () => {
    await stage.api.apply(pipeline('refused'));
    failed = await run('refused');
  });

  test('while the run still runs', async () => {
    await stage.api.apply('name: slow\ntasks: [{ id: wait, uses: core.wait, with: { duration: 1h } }]\n');
    const { body: open } = await stage.api.call('POST', '/v1/pipelines/slow/runs', { body: {} });
    const { status, body } = await call(`/v1/runs/${String(open['id'])}/rerun`, { from: 'failed' });
    expect([status, body['code']]).toEqual([409, 'run.not_possible']);
    await stage.api.call('POST', `/v1/runs/${String(open['id'])}/cancel`, { body: { force: true } });
  });

  test('for tasks that do not exist, with a suggestion for each', async () => {
    const { status, body } = await call(`/v1/runs/${failed.id}/rerun`, { from: ['chek', 'work', 'nothing_like_it'] });
    expect(status).toBe(422);
    expect(errors(body)).toEqual([expect.objectContaining({ path: '/from/0', suggestion: 'check' }), expect.objectContaining({ path: '/from/2' })]);
  });

  test('for inputs that break the rules, an unknown version, an unknown run, and words that are none', async () => {
    expect(await call(`/v1/runs/${failed.id}/rerun`, { from: 'failed', inputs: { limit: 'high', more: 1 } })).toMatchObject({ status: 422, body: { code: 'inputs.invalid' } });
    expect((await call(`/v1/runs/${failed.id}/rerun`, { from: 'failed', version: 9 })).status).toBe(404);
    expect((await call('/v1/runs/01920000-0000-7000-8000-000000000000/rerun', { from: 'failed' })).status).toBe(404);
    expect(await call(`/v1/runs/${failed.id}/rerun`, { from: 'somewhere' })).toMatchObject({ status: 422, body: { detail: '/from: must be "start", "failed" or a list of tasks' } });
    expect((await call(`/v1/runs/${failed.id}/rerun`, {})).status).toBe(422);
  });

  test('when nothing would run again', async () => {
    const done = await rerun(failed.id, { from: 'failed', inputs: { limit: 30 } });
    for (const inputs of [{}, { limit: 30 }]) {
      expect(await call(`/v1/runs/${done.id}/rerun`, { from: 'failed', inputs })).toMatchObject({ status: 409, body: { code: 'run.not_possible', currentStatus: 'succeeded' } });
    }
  });

  test('when retention has removed what it would reuse, but not what it does not need', async () => {
    const { pool } = stage.api.database;
    await pool.query(`update run_tasks set output = '{"artifact":{"uri":"artifact://gone"}}' where run_id = $1 and task = 'work'`, [failed.id]);
    await pool.query('update runs set artifacts_removed_at = now() where id = $1', [failed.id]);
    const refused = await call(`/v1/runs/${failed.id}/rerun`, { from: 'failed' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'rerun.results_removed', detail: expect.stringContaining('work') } });
    expect(await rerun(failed.id, { from: ['work'] })).toMatchObject({ status: 'failed', rerunOf: failed.id });
    await pool.query('update runs set expired_at = now() where id = $1', [failed.id]);
    expect(await call(`/v1/runs/${failed.id}/rerun`, { from: 'start' })).toMatchObject({ status: 409, body: { code: 'rerun.results_removed' } });
  });

  test('of a pipeline that is archived', async () => {
    await stage.api.apply(pipeline('archived'));
    const old = await run('archived');
    await stage.api.call('DELETE', '/v1/pipelines/archived');
    expect(await call(`/v1/runs/${old.id}/rerun`, { from: 'failed' })).toMatchObject({ status: 409, body: { code: 'pipeline.archived' } });
  });
});

test('the same Idempotency-Key makes one rerun', async () => {
  await stage.api.apply(pipeline('once'));
  const failed = await run('once');
  const post = () => stage.api.call('POST', `/v1/runs/${failed.id}/rerun`, { body: { from: 'failed' }, headers: { 'idempotency-key': 'again' } });
  const [first, second] = [await post(), await post()];
  expect([first.status, second.status, second.body['id']]).toEqual([202, 202, first.body['id']]);
});

test('a retry by hand in a rerun replaces what was reused of a forEach by nothing else than what it carries out', async () => {
  await stage.api.apply(`
name: retried
inputs: { items: { type: array, default: [1, 2, 0] } }
tasks:
  - { id: each, forEach: { in: "\${{ inputs.items }}", as: item, maxParallel: 1 }, uses: core.assert, with: { that: "\${{ 6 / item > 0 }}" }, retry: { maxAttempts: 1 } }
  - { id: open, uses: core.wait, with: { duration: 1h } }
`);
  const { body: first } = await stage.api.call('POST', '/v1/pipelines/retried/runs', { body: {} });
  const untilFailed = async (id: string, generation: number): Promise<void> => {
    const failed = async (): Promise<boolean> => {
      const { body } = await call(`/v1/runs/${id}/tasks/each`);
      const { items } = body['instances'] as unknown as { items: TaskView[] };
      return body['status'] === 'failed' && items[2]?.status === 'failed' && items[2].generation === generation;
    };
    while (!(await failed())) await new Promise((wait) => setTimeout(wait, 50));
  };
  await untilFailed(String(first['id']), 0);
  await stage.api.call('POST', `/v1/runs/${String(first['id'])}/cancel`, { body: {}, headers: { prefer: 'wait=20' } });
  const { body: second } = await stage.api.call('POST', `/v1/runs/${String(first['id'])}/rerun`, { body: { from: 'failed' } });
  const id = String(second['id']);
  await untilFailed(id, 0);
  await stage.api.call('POST', `/v1/runs/${id}/tasks/each/retry`, { body: {} });
  await untilFailed(id, 1);
  const { body } = await call(`/v1/runs/${id}/tasks/each`);
  expect(body['instances']).toMatchObject({ items: [{ status: 'succeeded', reusedFrom: first['id'] }, { status: 'succeeded', reusedFrom: first['id'] }, { status: 'failed', reusedFrom: null }] });
  await stage.api.call('POST', `/v1/runs/${id}/cancel`, { body: {}, headers: { prefer: 'wait=20' } });
});

test('the command line plans a rerun, carries it out and says what it reused', async () => {
  stage.write('cli.yaml', pipeline('from-cli'));
  expect((await stage.run(['run', 'cli.yaml', '--wait'])).code).toBe(1);
  const planned = await stage.run(['runs', 'rerun', '@last', '--input', 'limit=30', '--input', 'items:=[1]', '--dry-run']);
  expect(planned.stdout).toMatch(/^work +reuse +from run [0-9a-f-]{36}$/m);
  expect(planned.stdout).toMatch(/^each +changed +inputs\.items changed; instances reused if their items come again: 3$/m);
  expect(planned.stdout).toContain('1 that succeeded would have to run again: --changed run allows it');
  const refused = await stage.run(['runs', 'rerun', '@last', '--input', 'items:=[1]']);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('each has succeeded with another `inputs.items`')]);
  const again = await stage.run(['runs', 'rerun', '@last', '--input', 'limit=30', '--wait']);
  expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/4 tasks reused from run [0-9a-f-]{36}\n✓ check/)]);
  expect((await stage.run(['runs', 'show', '@last'])).stdout).toMatch(/work +succeeded .* from run [0-9a-f-]{36}/);
});
