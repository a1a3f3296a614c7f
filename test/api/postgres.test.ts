import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresHealth } from '../../api/operations/health';
import { migrate } from '../../db/migrate';
import { packageRoot } from '../../platform/package-root';
import { isPostgresAway, isPostgresDown, transaction } from '../../platform/postgres';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { testTemporal } from '../harness/temporal';

/** Starts a process of the product on a database. @returns its exit code and what it said, once it has ended */
async function lastWordsOf(script: string, databaseUrl: string): Promise<[code: number | null, said: string]> {
  const process_ = spawn(process.execPath, [join(packageRoot(), 'dist', script)], {
    timeout: 20_000,
    env: { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: testTemporal().address, DATAMCP_API_PORT: '0', LOG_LEVEL: 'error' },
  });
  const ended = new Promise<number | null>((resolve) => process_.once('close', resolve));
  const said = await text(process_.stderr);
  return [await ended, said];
}

describe('migrations', () => {
  let database: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    database = await createTestDatabase('empty');
    folder = await mkdtemp(join(tmpdir(), 'datamcp-migrations-'));
    await cp(join(packageRoot(), 'db', 'migrations'), folder, { recursive: true });
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });

  test('apply once, in order, also when processes start together', async () => {
    const applied = await Promise.all([migrate(database.pool, folder), migrate(database.pool, folder), migrate(database.pool, folder)]);
    expect(applied.flat()[0]).toBe('0001_spine.sql');
    expect(new Set(applied.flat()).size).toBe(applied.flat().length);
    expect(await migrate(database.pool, folder)).toEqual([]);
    await writeFile(join(folder, '0099_more.sql'), 'create table more (id integer);');
    expect(await migrate(database.pool, folder)).toEqual(['0099_more.sql']);
  });

  test('refuse a file that was edited after it ran', async () => {
    await migrate(database.pool, folder);
    await appendFile(join(folder, '0001_spine.sql'), '\n-- harmless, surely');
    await expect(migrate(database.pool, folder)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('0001_spine.sql was edited') });
  });

  test.each(['api/main.js', 'workers/main.js', 'workers/setup.js'])('that were edited end %s, which says what, where and what to do', async (script) => {
    await migrate(database.pool);
    await database.pool.query("update migrations set checksum = 'of another release' where name = '0001_spine.sql'");
    const [code, said] = await lastWordsOf(script, database.url);
    expect(code).toBe(1);
    expect(said).toMatch(/^conflict: Migration 0001_spine\.sql was edited .* Nothing was changed\. Restore db\/migrations\/0001_spine\.sql as the release has it/m);
  });

  test('refuse a gap, and let an older release run on the schema of a newer one', async () => {
    await writeFile(join(folder, '0099_newer.sql'), 'create table newer (id integer);');
    await migrate(database.pool, folder);
    await rm(join(folder, '0099_newer.sql'));
    expect(await migrate(database.pool, folder)).toEqual([]);
    await rm(join(folder, '0001_spine.sql'));
    await expect(migrate(database.pool, folder)).rejects.toMatchObject({ message: expect.stringContaining('its file is gone') });
  });

  test('leave nothing of one that fails', async () => {
    await writeFile(join(folder, '0099_bad.sql'), 'create table half (id integer); select nonsense;');
    await expect(migrate(database.pool, folder)).rejects.toThrow('nonsense');
    const { rows } = await database.pool.query("select to_regclass('half') as half, to_regclass('runs')::text as runs");
    expect(rows).toEqual([{ half: null, runs: 'runs' }]);
  });
});

test('a Postgres that takes no writes is unhealthy', async () => {
  const database = await createTestDatabase();
  const client = await database.pool.connect();
  expect(await postgresHealth({ pool: client })).toMatchObject({ status: 'healthy' });
  await client.query('set session characteristics as transaction read only');
  expect(await postgresHealth({ pool: client })).toMatchObject({ status: 'unhealthy', detail: expect.stringContaining('takes no writes') });
  client.release(true);
  await database.close();
});

describe('a transaction', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase('empty');
    await database.pool.query('create table notes (text text)');
  });
  afterAll(() => database.close());

  test('keeps all of its work or none', async () => {
    await transaction(database.pool, async (client) => { await client.query("insert into notes values ('kept')"); });
    const failing = transaction(database.pool, async (client) => {
      await client.query("insert into notes values ('lost')");
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect((await database.pool.query('select text from notes')).rows).toEqual([{ text: 'kept' }]);
  });

  test('whose connection dies fails, and the next one gets a good connection', async () => {
    const failing = transaction(database.pool, async (client) => {
      await client.query("insert into notes values ('lost')");
      await client.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
      await client.query('select 1');
    });
    const error: unknown = await failing.catch((thrown: unknown) => thrown);
    expect(isPostgresDown(error)).toBe(true);
    expect((await database.pool.query('select text from notes')).rows).toEqual([{ text: 'kept' }]);
  });

  test.each([['53100', true], ['53200', true], ['25006', true], ['23505', false]])('SQLSTATE %s is an outage of ours: %s', async (state, isAway) => {
    const error: unknown = await database.pool.query(`do $$ begin raise sqlstate '${state}'; end $$`).catch((thrown: unknown) => thrown);
    expect(isPostgresAway(error)).toBe(isAway);
  });

  test('a wrong query is not an outage, and sixty-four bit integers are numbers', async () => {
    const error: unknown = await database.pool.query('select nonsense').catch((thrown: unknown) => thrown);
    expect(isPostgresDown(error)).toBe(false);
    expect((await database.pool.query('select 9007199254740991::bigint as n')).rows).toEqual([{ n: 9007199254740991 }]);
  });
});
