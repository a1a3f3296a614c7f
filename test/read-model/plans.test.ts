import { randomBytes } from 'node:crypto';
import { routes } from '../../api/routes';
import { startRun, taskFact, tell } from '../api/run-life';
import { TestApi } from '../api/test-api';
import { PlanWatch, watchedUrl, type TableRead } from './plan-watch';
import { growingTables, storeHistory } from './stored-history';

let api: TestApi;
let watch: PlanWatch;
let growing: ReadonlySet<string>;
const samples: Record<string, string> = {};

/** What a page of twenty may look at in one table: some of a run's own rows beside those that it shows. */
const mostRows = 200;

beforeAll(async () => {
  api = await TestApi.start({ DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64') }, watchedUrl);
  watch = new PlanWatch(api.deps.pool);
  await storeHistory(api.database.pool);
  growing = new Set(await growingTables(api.database.pool));
  const [open, ended] = [await startRun(api, 'watched'), await startRun(api, 'watched')];
  await tell(api, open, 1, 'running', { tasks: [taskFact(1, 'extract', {})] });
  await tell(api, ended, 1, 'failed', { tasks: [taskFact(1, 'extract', { status: 'failed' })], finishedAt: new Date().toISOString() });
  const { rows: [busy] } = await api.database.pool.query<{ run: string; artifact: string; key: string; approval: string }>(
    'select (select run_id from run_tasks limit 1) as run, (select id from artifacts limit 1) as artifact, (select id from keys limit 1) as key, (select id from approvals limit 1) as approval');
  const middle = (await api.call('GET', '/v1/runs?limit=1000')).body['nextCursor'];
  Object.assign(samples, { open, ended, ...busy, middle, now: new Date().toISOString(), past: new Date(Date.now() - 3_600_000).toISOString() });
}, 120_000);
afterAll(() => api.close());

/** Reads of growing tables that cost more the more is stored. */
const tooMuch = (reads: readonly TableRead[]): TableRead[] =>
  reads.filter(({ table, searched, rows }) => growing.has(table) && (searched || rows > mostRows));

async function readsOf(method: string, path: string, body?: object): Promise<TableRead[]> {
  watch.take();
  const url = path.replaceAll(/<(\w+)>/g, (_, name: string) => encodeURIComponent(samples[name] ?? ''));
  const { status } = await api.call(method, url, { ...(body && { body }) });
  // 404: a row without what belongs to it, the file of an artifact, say.
  expect([200, 201, 202, 204, 404]).toContain(status);
  return watch.take();
}

const runFilters = [
  '', 'cursor=<middle>', 'pipeline=filler-3', 'pipeline=nothing-here', 'status=failed', 'status=failed,succeeded', 'status=running', 'status=timed_out', 'pipeline=filler-0', 'trigger=cli', 'label=n:3', 'label=team:data',
  'trigger=webhook', 'trigger=api', 'after=<past>', 'before=<past>', 'after=<past>&before=<now>', 'pipeline=filler-3&status=failed',
  'pipeline=filler-3&status=failed,running&cursor=<middle>', 'trigger=webhook&status=failed', 'label=n:3&pipeline=filler-3',
];

/** Each way of reading, under the path that it has in the API. */
const reads: Record<string, string[]> = {
  '/v1/runs': runFilters.map((filter) => `/v1/runs?limit=20&${filter}`),
  '/v1/runs/{id}': ['/v1/runs/<open>', '/v1/runs/<run>'],
  '/v1/runs/{id}/graph': ['/v1/runs/<open>/graph'],
  '/v1/runs/{id}/events': ['/v1/runs/<ended>/events'],
  '/v1/runs/{id}/explain': ['/v1/runs/<open>/explain', '/v1/runs/<ended>/explain', '/v1/runs/<open>/explain?task=extract', '/v1/runs/<ended>/explain?task=load'],
  '/v1/runs/{id}/diff': ['/v1/runs/<open>/diff?with=<ended>'],
  '/v1/runs/{id}/logs': ['/v1/runs/<run>/logs', '/v1/runs/<run>/logs?task=task_3&level=error'],
  '/v1/runs/{id}/tasks': ['/v1/runs/<open>/tasks', '/v1/runs/<open>/tasks?status=succeeded'],
  '/v1/runs/{id}/tasks/{task}': ['/v1/runs/<open>/tasks/extract'],
  '/v1/runs/{id}/artifacts': ['/v1/runs/<run>/artifacts'],
  '/v1/artifacts/{id}': ['/v1/artifacts/<artifact>'],
  '/v1/approvals': ['', 'cursor=<middle>', 'status=open', 'status=approved,rejected', 'status=open&cursor=<middle>', 'awaiting=me', 'awaiting=me&status=open', 'requester=filler-3',
    'requester=nobody', 'requester=long-ago', 'status=expired', 'run=<open>', 'requester=filler-3&status=rejected'].map((filter) => `/v1/approvals?limit=20&${filter}`),
  '/v1/approvals/{id}': ['/v1/approvals/<approval>'],
  '/v1/approvals/{id}/evidence': ['/v1/approvals/<approval>/evidence'],
  '/v1/approvals/{id}/record': ['/v1/approvals/<approval>/record'],
  '/v1/delegations': ['/v1/delegations'],
  '/v1/pipelines': ['/v1/pipelines?limit=20', '/v1/pipelines?limit=20&archived=true'],
  '/v1/pipelines/{name}': ['/v1/pipelines/filler-7'],
  '/v1/pipelines/{name}/versions': ['/v1/pipelines/filler-7/versions'],
  '/v1/pipelines/{name}/versions/{version}': ['/v1/pipelines/filler-7/versions/1'],
  '/v1/keys': ['/v1/keys?limit=20'],
  '/v1/keys/{id}': ['/v1/keys/<key>'],
  '/v1/audit': ['', 'actor=test', 'action=run.start', 'action=nothing', 'actor=long-ago', 'action=key.create', 'target=run/7', 'after=<past>', 'before=<past>'].map((filter) => `/v1/audit?limit=20&${filter}`),
  '/v1/me': ['/v1/me'],
  '/v1/secrets': ['/v1/secrets?limit=20'],
  '/v1/secrets/{name}': ['/v1/secrets/NOTHING'],
  '/v1/connections': ['/v1/connections?limit=20'],
  '/v1/connections/{name}': ['/v1/connections/nothing'],
  '/v1/processors': ['/v1/processors'],
  '/v1/processors/{name}': ['/v1/processors/core.log'],
  '/v1/schemas/pipeline': ['/v1/schemas/pipeline'],
  '/v1/queues': ['/v1/queues'],
  '/codec/session': ['/codec/session'],
  '/health': ['/health'],
  '/metrics': ['/metrics'],
  '/version': ['/version'],
};

test('the history has more than ten thousand rows in each table that grows', () => {
  expect([...growing].sort()).toEqual(['approval_evidence', 'approval_notices', 'approval_people', 'approval_record', 'approvals', 'artifacts', 'audit', 'delegations', 'idempotency_keys', 'keys', 'pipeline_versions', 'pipelines', 'plans',
    'run_events', 'run_tasks', 'runs', 'task_attempts', 'task_logs']);
});

test('every read of the API is looked at', () => {
  expect(Object.keys(reads).sort()).toEqual([...new Set(routes.filter(({ method }) => method === 'get').map(({ path }) => path))].sort());
});

test.each(Object.values(reads).flat())('GET %s costs the same however much is stored', async (path) => {
  const seen = await readsOf('GET', path);
  expect(seen).not.toEqual([]);
  expect(tooMuch(seen)).toEqual([]);
});

test.each<[string, string, object]>([
  ['a start', '/v1/pipelines/watched/runs', {}],
  ['a rerun', '/v1/runs/<ended>/rerun', { from: 'failed' }],
  ['a request for a decision', '/v1/approvals', { title: 'Publish', policy: { approvers: { users: ['filler-7', 'filler-8'], roles: ['data-owner'] } } }],
  ['a cancel of many', '/v1/runs/actions', { action: 'cancel', filter: { pipeline: 'watched' }, dryRun: true }],
])('%s costs the same however much is stored', async (_, path, body) => {
  expect(tooMuch(await readsOf('POST', path, body))).toEqual([]);
});

test('a missing index would be noticed', async () => {
  await api.database.pool.query('drop index runs_by_status');
  expect(tooMuch(await readsOf('GET', '/v1/runs?limit=20&status=running'))).not.toEqual([]);
});
