import { startRun, tell, twoTasks } from './run-life';
import { TestApi } from './test-api';

let api: TestApi;
beforeAll(async () => { api = await TestApi.start(); });
afterAll(() => api.close());

const act = (id: string, action: string, body?: object) => api.call('POST', `/v1/runs/${id}/${action}`, body ? { body } : {});
const signalsTo = async (workflowId: string): Promise<string[]> => {
  const { events } = await api.deps.temporal.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
};
const end = { finishedAt: new Date().toISOString() };

describe('actions on a run that is over', () => {
  test.each(['cancel', 'pause', 'resume', 'tasks/load/retry', 'tasks/load/cancel'])('%s is not possible, and says in which status it is', async (action) => {
    const id = await startRun(api, 'over');
    await tell(api, id, 1, 'succeeded', end);
    expect(await act(id, action)).toMatchObject({ status: 409, body: { code: 'run.not_possible', currentStatus: 'succeeded' } });
  });

  test('cancelling what is cancelled is 200 with the same state', async () => {
    const id = await startRun(api, 'cancelled');
    await tell(api, id, 1, 'cancelled', end);
    expect(await act(id, 'cancel')).toMatchObject({ status: 200, body: { id, status: 'cancelled' } });
  });
});

describe('actions on an open run', () => {
  test('a cancel reaches its workflow, which is started for that if it must be, and is audited', async () => {
    const id = await startRun(api, 'told');
    const answer = await act(id, 'cancel', { reason: 'wrong month', force: true });
    expect(answer).toMatchObject({ status: 202, body: { id } });
    expect(answer.headers.get('location')).toBe(`/v1/runs/${id}`);
    expect(await signalsTo(`run/told/${id}`)).toEqual(['cancel']);
    const { rows } = await api.database.pool.query("select actor, action, data from audit where target = $1 and action = 'run.cancel'", [`run/${id}`]);
    expect(rows).toEqual([{ actor: 'admin', action: 'run.cancel', data: { reason: 'wrong month', force: true } }]);
  });

  test('what no worker confirms within five seconds is 202 with the place to look, and waits for a worker', async () => {
    const id = await startRun(api, 'unconfirmed');
    await tell(api, id, 1, 'running');
    const answer = await act(id, 'pause');
    expect(answer).toMatchObject({ status: 202, body: { status: 'running' } });
    expect(answer.headers.get('location')).toBe(`/v1/runs/${id}`);
    expect(await signalsTo(`run/unconfirmed/${id}`)).toEqual(['pause']);
  });

  test('pausing what is paused and resuming what is not are 200', async () => {
    const id = await startRun(api, 'paused');
    await tell(api, id, 1, 'paused');
    expect(await act(id, 'pause')).toMatchObject({ status: 200, body: { status: 'paused' } });
    await tell(api, id, 2, 'running');
    expect(await act(id, 'resume')).toMatchObject({ status: 200, body: { status: 'running' } });
  });

  test('one whose workflow is gone says so', async () => {
    const id = await startRun(api, 'lost');
    await api.database.pool.query("update runs set status = 'running', workflow_id = 'run/lost/nowhere' where id = $1", [id]);
    expect(await act(id, 'pause')).toMatchObject({ status: 409, body: { code: 'run.not_possible', currentStatus: 'running' } });
  });

  test('of unknown ids, tasks and fields are refused', async () => {
    const id = await startRun(api, 'strict');
    expect((await act('01920000-0000-7000-8000-000000000000', 'cancel')).status).toBe(404);
    expect(await act(id, 'cancel', { forced: true })).toMatchObject({ status: 422, body: { errors: [{ path: '/forced', code: 'unknown_field' }] } });
    expect((await act(id, 'tasks/UPPER/retry')).status).toBe(404);
  });
});

describe('actions on many runs', () => {
  test('are told first on which, and then cancel those and no others', async () => {
    const limited = twoTasks('many').replace('inputs:', 'concurrency: { key: one, limit: 1, whenFull: queue }\ninputs:');
    await api.apply(limited);
    const start = async (labels: object) => String((await api.call('POST', '/v1/pipelines/many/runs', { body: { labels } })).body['id']);
    const [first, second, third, other] = [await start({ n: 'first' }), await start({ batch: 'x' }), await start({ batch: 'x' }), await start({ batch: 'y' })];
    const many = (dryRun: boolean) => api.call('POST', '/v1/runs/actions', { body: { action: 'cancel', filter: { pipeline: 'many', labels: { batch: 'x' } }, dryRun } });
    expect((await many(true)).body).toEqual({ dryRun: true, matched: 2, truncated: false, results: [third, second].map((id) => ({ id, outcome: 'would', status: 'queued', detail: null })) });
    expect((await many(false)).body).toMatchObject({ matched: 2, results: [{ id: third, outcome: 'done', status: 'cancelled' }, { id: second, outcome: 'done', status: 'cancelled' }] });
    expect((await many(false)).body).toMatchObject({ matched: 0, results: [] });
    for (const id of [first, other]) expect((await api.call('GET', `/v1/runs/${id}`)).body).toMatchObject({ status: 'queued' });
  });

  test('without any filter are refused, because that would be every run', async () => {
    expect(await api.call('POST', '/v1/runs/actions', { body: { action: 'cancel', filter: {} } })).toMatchObject({ status: 422, body: { errors: [{ path: '/filter' }] } });
  });
});
