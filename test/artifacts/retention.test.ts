import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Registry } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';
import { ArtifactTable } from '../../db/artifacts';
import { dueSql, endedSql, expireSql, lockUnreadSql, removeRowsSql, usedSql } from '../../db/retention';
import type { ArtifactRef } from '../../domain/artifact';
import type { ArtifactFiles } from '../../platform/artifact-files';
import { ArtifactStore } from '../../platform/artifacts';
import { loadConfig } from '../../platform/config';
import { makeLogger } from '../../platform/logger';
import { Retention, type Removed } from '../../workers/retention';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { storeOf, testFolder } from './stores';

let database: TestDatabase;
let files: ArtifactFiles;
const registry = new Registry();
const info = jest.fn();
let retention: Retention;

const now = new Date();
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000);
const kinds = { RUNS: '90', ARTIFACTS: '60', LOGS: '30', EVENTS: '20' };

function makeRetention(days: Record<string, string> = kinds, registers = new Registry()): Retention {
  const config = loadConfig({
    DATABASE_URL: database.url, TEMPORAL_ADDRESS: 'unused:0',
    ...Object.fromEntries(Object.entries(days).map(([kind, value]) => [`DATAMCP_RETENTION_${kind}_DAYS`, value])),
  });
  const logger = makeLogger('error', 'test');
  logger.info = info;
  return new Retention({ config, pool: database.pool, contents: files.contents, logger, registry: registers });
}

beforeAll(async () => {
  database = await createTestDatabase();
  files = storeOf({ DATAMCP_ARTIFACTS: await testFolder('retained') });
  retention = makeRetention(kinds, registry);
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query('truncate runs, run_tasks, task_attempts, run_events, task_logs, artifacts, artifact_checks');
  info.mockClear();
});

interface Planted { finishedAt: Date | null; rerunOf?: string; parentRun?: string; inputs?: object; lines?: number }

/** A run as it is after its end, with a line of everything. @returns its id and its artifact */
async function plant({ finishedAt, rerunOf, parentRun, inputs = {}, lines = 1 }: Planted, content: string = randomUUID()): Promise<{ id: string; artifact: ArtifactRef }> {
  const id = uuidv7();
  await database.pool.query(
    `insert into runs (id, pipeline, version, plan_hash, status, trigger, requested_by, workflow_id, progress, inputs, finished_at, rerun_of, parent_run)
     values ($1::uuid, 'p', 1, 'h', $2, '{}', 'test', 'run/p/' || $1::uuid, '{}', $3, $4, $5, $6)`,
    [id, finishedAt ? 'succeeded' : 'running', inputs, finishedAt, rerunOf ?? null, parentRun ?? null]);
  await database.pool.query("insert into run_tasks (run_id, task, status) values ($1, 't', 'succeeded')", [id]);
  await database.pool.query("insert into task_attempts (run_id, task, generation, attempt, started_at) values ($1, 't', 0, 1, now())", [id]);
  await database.pool.query("insert into run_events (run_id, seq, type, at, data) values ($1, 1, 'run.started', now(), '{}')", [id]);
  await database.pool.query("insert into task_logs (run_id, task, generation, attempt, at, level, message) select $1, 't', 0, 1, now(), 'info', 'x' from generate_series(1, $2)", [id, lines]);
  const artifact = await new ArtifactStore(files, new ArtifactTable(database.pool), { runId: id, task: 't', instance: null }).save('a.txt', 'text/plain', content);
  return { id, artifact };
}

/** Which parts of a run are still there. */
async function partsOf(id: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ part: string }>(
    `select 'run' as part from runs where id = $1 union all select 'tasks' from run_tasks where run_id = $1
     union all select 'attempts' from task_attempts where run_id = $1 union all select 'artifact' from artifacts where run_id = $1
     union all select distinct 'logs' from task_logs where run_id = $1 union all select distinct 'events' from run_events where run_id = $1`, [id]);
  return rows.map(({ part }) => part).sort();
}

const everything = ['artifact', 'attempts', 'events', 'logs', 'run', 'tasks'];
/** Lets contents be looked at now, which are otherwise safe for the time of an upload. */
const passTime = (): Promise<unknown> => database.pool.query("update artifact_checks set due = now() - interval '1 second'");
const isKept = async ({ sha256 }: ArtifactRef): Promise<boolean> => (await files.contents.stat(sha256)) !== undefined;

test('each kind is removed at its own age, and an open run keeps everything', async () => {
  const [open, young, noEvents, noLogs, noArtifacts, gone] = await Promise.all(
    [null, daysAgo(19), daysAgo(21), daysAgo(31), daysAgo(61), daysAgo(91)].map((finishedAt) => plant({ finishedAt })));
  await passTime();
  const removed = await retention.sweep(now);
  expect(await Promise.all([open, young, noEvents, noLogs, noArtifacts, gone].map((run) => partsOf(run?.id ?? '')))).toEqual([
    everything, everything,
    everything.filter((part) => part !== 'events'),
    everything.filter((part) => !['events', 'logs'].includes(part)),
    ['attempts', 'run', 'tasks'],
    [],
  ]);
  expect(removed).toEqual<Removed>({ runs: 1, artifacts: 2, logs: 3, events: 4, contents: 2 });
  expect(await Promise.all([noLogs, noArtifacts, gone].map(async (run) => run && isKept(run.artifact)))).toEqual([true, false, false]);
  expect(info).toHaveBeenCalledWith(expect.any(String), removed);
  expect(await registry.getSingleMetricAsString('datamcp_retention_removed_total')).toContain('datamcp_retention_removed_total{kind="events"} 4');
  expect(await retention.sweep(now)).toEqual({ runs: 0, artifacts: 0, logs: 0, events: 0, contents: 0 });
});

test('0 keeps for ever', async () => {
  const { id } = await plant({ finishedAt: daysAgo(9_999) });
  await makeRetention({ RUNS: '0', ARTIFACTS: '0', LOGS: '0', EVENTS: '0' }).sweep(now);
  expect(await partsOf(id)).toEqual(everything);
});

describe('a run and its artifacts stay while another run reads them', () => {
  test('a rerun, and a rerun of that, until the youngest of them is as old', async () => {
    const first = await plant({ finishedAt: daysAgo(300) });
    const second = await plant({ finishedAt: daysAgo(200), rerunOf: first.id });
    const third = await plant({ finishedAt: daysAgo(59), rerunOf: second.id });
    await passTime();
    expect(await retention.sweep(now)).toMatchObject({ runs: 0, artifacts: 0, contents: 0 });
    expect(await isKept(first.artifact)).toBe(true);
    await database.pool.query('update runs set finished_at = $2 where id = $1', [third.id, daysAgo(91)]);
    expect(await retention.sweep(now)).toMatchObject({ runs: 3, artifacts: 3, contents: 3 });
  });

  test('an open parent, also over one that has ended, and an open rerun of the parent', async () => {
    const root = await plant({ finishedAt: null });
    const parent = await plant({ finishedAt: daysAgo(300), parentRun: root.id });
    const child = await plant({ finishedAt: daysAgo(301), parentRun: parent.id });
    await retention.sweep(now);
    expect(await partsOf(child.id)).toEqual(['artifact', 'attempts', 'run', 'tasks']);
    await database.pool.query('update runs set finished_at = $2 where id = $1', [root.id, daysAgo(299)]);
    await plant({ finishedAt: null, rerunOf: root.id });
    await retention.sweep(now);
    expect(await partsOf(child.id)).toEqual(['artifact', 'attempts', 'run', 'tasks']);
  });

  test('an open run whose inputs name one of the artifacts', async () => {
    const made = await plant({ finishedAt: daysAgo(300) });
    const reader = await plant({ finishedAt: null, inputs: { file: { uri: made.artifact.uri }, other: 'artifact://nonsense' } });
    await retention.sweep(now);
    expect(await partsOf(made.id)).toContain('artifact');
    await database.pool.query('update runs set finished_at = now() where id = $1', [reader.id]);
    await retention.sweep(now);
    expect(await partsOf(made.id)).toEqual([]);
  });
});

describe('equal contents of several artifacts', () => {
  test('stay until the last artifact that has them is gone', async () => {
    const old = await plant({ finishedAt: daysAgo(300) }, 'shared');
    const young = await plant({ finishedAt: daysAgo(1) }, 'shared');
    await passTime();
    expect(await retention.sweep(now)).toMatchObject({ runs: 1, artifacts: 1, contents: 0 });
    expect(await isKept(young.artifact)).toBe(true);
    await database.pool.query('update runs set finished_at = $2 where id = $1', [young.id, daysAgo(300)]);
    expect(await retention.sweep(now)).toMatchObject({ contents: 1 });
    expect(await isKept(old.artifact)).toBe(false);
  });

  test('that are replaced under their name are removed later', async () => {
    const runId = uuidv7();
    const store = new ArtifactStore(files, new ArtifactTable(database.pool), { runId, task: 't', instance: null });
    const first = await store.save('a.txt', 'text/plain', randomUUID());
    await passTime();
    await retention.sweep(now);
    const second = await store.save('a.txt', 'text/plain', randomUUID());
    await passTime();
    await retention.sweep(now);
    expect([await isKept(first), await isKept(second)]).toEqual([false, true]);
  });

  test('that were saved and never recorded, because the worker died, are removed when the time of an upload is over', async () => {
    const { file, ...content } = await files.receive(randomUUID());
    await new ArtifactTable(database.pool).claim(content.sha256);
    await files.contents.put(file, content);
    await retention.sweep(now);
    expect(await files.contents.stat(content.sha256)).toBeDefined();
    await passTime();
    await retention.sweep(now);
    expect(await files.contents.stat(content.sha256)).toBeUndefined();
  });

  test('survive being saved again at the very moment of their removal', async () => {
    for (let round = 0; round < 20; round += 1) {
      const content = randomUUID();
      await plant({ finishedAt: daysAgo(300) }, content);
      await passTime();
      const store = new ArtifactStore(files, new ArtifactTable(database.pool), { runId: uuidv7(), task: 't', instance: null });
      const [saved] = await Promise.all([store.save('again.txt', 'text/plain', content), retention.sweep(now), makeRetention().sweep(now)]);
      await passTime();
      await retention.sweep(now);
      expect(await text(await store.open(saved))).toBe(content);
    }
  });

  test('a content whose claim was lost is not recorded: the attempt fails and is repeated', async () => {
    const index = new ArtifactTable(database.pool);
    const store = new ArtifactStore(files, { find: (id) => index.find(id), claim: () => Promise.resolve(), put: (record) => index.put(record) }, { runId: uuidv7(), task: 't', instance: null });
    await expect(store.save('slow.txt', 'text/plain', randomUUID())).rejects.toMatchObject({ code: 'artifacts_unavailable', retryable: true });
    expect((await database.pool.query('select from artifacts')).rowCount).toBe(0);
  });
});

test('a store that fails stops nothing but the removal of contents, which goes on in the next round', async () => {
  const { id, artifact } = await plant({ finishedAt: daysAgo(300) });
  await passTime();
  const remove = jest.spyOn(files.contents, 'remove').mockRejectedValueOnce(new Error('the store is away'));
  await expect(retention.sweep(now)).rejects.toThrow('the store is away');
  remove.mockRestore();
  expect([await partsOf(id), await isKept(artifact)]).toEqual([[], true]);
  expect(await retention.sweep(now)).toMatchObject({ contents: 1 });
});

test('a run that a dead process had marked is removed by the next one, and large runs in several bites', async () => {
  const { id } = await plant({ finishedAt: daysAgo(1), lines: 12_000 });
  await database.pool.query('update runs set expired_at = now() where id = $1', [id]);
  expect(await retention.sweep(now)).toMatchObject({ runs: 1, logs: 12_000 });
  expect(await partsOf(id)).toEqual([]);
});

test('no statement scans a large table, whatever is in it', async () => {
  await database.pool.query(
    `insert into runs (id, pipeline, version, plan_hash, status, trigger, requested_by, workflow_id, progress, finished_at, rerun_of, parent_run)
     select gen_random_uuid(), 'p', 1, 'h', 'succeeded', '{}', 'test', 'w' || n, '{}', now() - n * interval '10 minutes',
            case when n % 50 = 0 then gen_random_uuid() end, case when n % 20 = 0 then gen_random_uuid() end
     from generate_series(1, 20000) n`);
  await database.pool.query("insert into task_logs (run_id, task, generation, attempt, at, level, message) select id, 't', 0, 1, now(), 'info', 'x' from runs");
  await database.pool.query("insert into run_tasks (run_id, task, status) select id, 't', 'succeeded' from runs");
  await database.pool.query("insert into task_attempts (run_id, task, generation, attempt, started_at) select id, 't', 0, 1, now() from runs");
  await database.pool.query("insert into run_events (run_id, seq, type, at, data) select id, 1, 'x', now(), '{}' from runs");
  await database.pool.query("insert into artifacts (id, run_id, task, name, bytes, sha256, content_type) select gen_random_uuid(), id, 't', 'n', 1, md5(id::text), 'x' from runs");
  await database.pool.query('insert into artifact_checks select sha256, now() from artifacts');
  await database.pool.query('analyze');
  const some = (await database.pool.query<{ id: string }>('select id from runs limit 100')).rows.map(({ id }) => id);
  const plans: [string, unknown[]][] = [
    [expireSql, [daysAgo(90), 100, []]], [lockUnreadSql, [daysAgo(60), 100, []]], [endedSql('logs'), [daysAgo(30), 100]], [endedSql('events'), [daysAgo(20), 100]],
    ...(['task_logs', 'run_events', 'task_attempts', 'run_tasks'] as const).map((table): [string, unknown[]] => [removeRowsSql(table), [some, 5_000]]),
    [dueSql, [20]], [usedSql, [['a', 'b']]],
  ];
  for (const [sql, values] of plans) {
    const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, values);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).not.toContain('Seq Scan on');
  }
});
