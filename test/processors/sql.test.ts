import { randomUUID } from 'node:crypto';
import { Workbench, abortAfter } from './workbench';
import { containing, lacking } from './text-matchers';

let bench: Workbench;
beforeAll(async () => { bench = await Workbench.create({ DATAMCP_CONNECTION_NOWHERE: 'postgres://nobody:hidden@127.0.0.1:1/none' }); });
afterAll(async () => { await bench.close(); });

const query = (sql: string, params: unknown[] = [], attempt = {}) => bench.run('sql.query', { connection: 'warehouse', sql, params }, attempt);
const rowsIn = async (table: string): Promise<Record<string, unknown>[]> =>
  (await bench.database.pool.query<Record<string, unknown>>(`select * from ${table} order by 1`)).rows;
const running = async (text: string): Promise<number> =>
  (await bench.database.pool.query("select 1 from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like $1", [`%${text}%`])).rowCount ?? 0;

describe('sql.query', () => {
  it('gives rows as JSON without losing digits', async () => {
    await expect(query('select 1 as a, 2 as a')).rejects.toMatchObject({ code: 'output_invalid', message: containing('"a"') });
    const { output } = await query(`select $1::text as name, 9007199254740993 as large, 5::bigint as small, 1.10::numeric(9,2) as price, 'NaN'::float8 as nan,
      timestamptz '2001-02-03 04:05:06+02' as moment, timestamp '2001-02-03 04:05:06.5' as local, date '2001-02-03' as day, '\\x6100'::bytea as bytes,
      '{"a": [1]}'::jsonb as document, null as nothing, array[1, 2] as list, array[[1.10, null]]::numeric[] as prices, array['NaN'::float8] as nans,
      array[timestamptz '2001-02-03 04:05:06.123456+02'] as moments, array[date '2001-02-03'] as days, array[5::bigint, 9007199254740993] as counts`, ["x'; drop table t"]);
    expect(output).toEqual({ rowCount: 1, rows: [{
      name: "x'; drop table t", large: '9007199254740993', small: 5, price: '1.10', nan: 'NaN', moment: '2001-02-03T02:05:06Z', local: '2001-02-03T04:05:06.5',
      day: '2001-02-03', bytes: 'YQA=', document: { a: [1] }, nothing: null, list: [1, 2], prices: [['1.10', null]], nans: ['NaN'],
      moments: ['2001-02-03T02:05:06.123456Z'], days: ['2001-02-03'], counts: [5, '9007199254740993'],
    }] });
  });

  it('writes once per task, however often it is attempted, and gives the same answer again', async () => {
    await bench.database.pool.query('create table counted (n serial, note text)');
    const task = { run: randomUUID() };
    const insert = (attempt: number) => query('insert into counted (note) values ($1) returning n, note', ['once'], { ...task, attempt });
    const first = await insert(1);
    const second = await insert(2);
    expect(second.output).toEqual(first.output);
    expect(await rowsIn('counted')).toEqual([{ n: 1, note: 'once' }]);
    await query('insert into counted (note) values ($1)', ['other task']);
    expect(await rowsIn('counted')).toHaveLength(2);
  });

  it('writes once when two attempts run at the same time', async () => {
    await bench.database.pool.query('create table raced (n int)');
    const run = randomUUID();
    const twins = await Promise.allSettled([1, 2, 3].map((attempt) => query('insert into raced select 1 from pg_sleep(0.2)', [], { run, attempt })));
    expect(await rowsIn('raced')).toEqual([{ n: 1 }]);
    for (const twin of twins) if (twin.status === 'rejected') expect(twin.reason).toMatchObject({ code: 'conflict', retryable: true });
  });

  it('leaves no ledger behind where it only reads', async () => {
    const empty = await Workbench.create();
    await empty.run('sql.query', { connection: 'warehouse', sql: 'select 1' });
    expect((await empty.database.pool.query("select to_regclass('datamcp_ledger') as ledger")).rows).toEqual([{ ledger: null }]);
    await empty.close();
  });

  it('refuses a result above 64 KiB without waiting for all of it', async () => {
    const started = Date.now();
    await expect(query('select generate_series(1, 100000000) as n')).rejects.toMatchObject({ code: 'output_too_large' });
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(await running('generate_series(1, 100000000)')).toBe(0);
  });

  it('leaves nothing in its session for the task that gets it next', async () => {
    await query('set search_path to elsewhere');
    await query('select pg_advisory_lock(4711)');
    await expect(query('select pg_advisory_lock(4711), 1 / $1::int', [0])).rejects.toMatchObject({ code: 'query_failed' });
    expect((await query('show search_path')).output['rows']).toEqual([{ search_path: '"$user", public' }]);
    expect((await bench.database.pool.query<{ free: boolean }>('select pg_try_advisory_xact_lock(4711) as free')).rows).toEqual([{ free: true }]);
  });

  it('takes one statement only', async () => {
    await expect(query('select 1; select 2')).rejects.toMatchObject({ code: 'query_failed', retryable: false });
  });

  it('tells a wrong statement from a database that cannot be reached', async () => {
    await expect(query('selec 1')).rejects.toMatchObject({ code: 'query_failed', retryable: false, details: { sqlState: '42601', position: 1 } });
    await expect(query('select $1::int')).rejects.toMatchObject({ code: 'query_failed', retryable: false, message: containing('supplies 0 parameters') });
    const lost = bench.run('sql.query', { connection: 'nowhere', sql: 'select 1' });
    await expect(lost).rejects.toMatchObject({ code: 'connection_failed', retryable: true, message: lacking('hidden') });
    await expect(bench.run('sql.query', { connection: 'unknown', sql: 'select 1' }))
      .rejects.toMatchObject({ code: 'connection_unknown', retryable: false, message: containing('nowhere, warehouse') });
  });

  it('ends a long statement on the server within a second of being told to', async () => {
    const { signal, reason } = abortAfter(300);
    const started = Date.now();
    await expect(query('select pg_sleep(60)', [], { signal })).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(1_300);
    expect(await running('pg_sleep(60)')).toBe(0);
  });
});

describe('sql.load', () => {
  const airports = async () => (await bench.run('duckdb.query', {
    sql: 'select iata, name, latitude, longitude from airports order by iata', from: { airports: 'airports.csv' }, save: 'airports.parquet',
  })).output['artifact'];
  const csv = (text: string) => bench.save('rows.csv', 'text/csv', text);
  const load = (table: string, from: unknown, more = {}, attempt = {}) =>
    bench.run('sql.load', { connection: 'warehouse', table, from, createTable: true, ...more }, attempt);

  it('makes the table from the columns of the file and loads it', async () => {
    const { output, progress } = await load('airports', await airports());
    expect(output).toEqual({ table: 'airports', rows: 3376 });
    expect(progress.length).toBeGreaterThan(0);
    expect((await rowsIn('airports'))[0]).toEqual({ iata: '00M', name: 'Thigpen', latitude: 31.95376472, longitude: -89.23450472 });
  });

  it('loads once per task, however often and however simultaneously it is attempted', async () => {
    const from = await airports();
    const task = { run: randomUUID() };
    const results = await Promise.allSettled([1, 2, 3].map((attempt) => load('once', from, {}, { ...task, attempt })));
    const again = await load('once', from, {}, { ...task, attempt: 4 });
    expect(again.output).toEqual({ table: 'once', rows: 3376 });
    expect(again.log).toEqual([{ level: 'info', message: containing('earlier attempt') }]);
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(await rowsIn('once')).toHaveLength(3376);
  });

  it('makes one table when the instances of a forEach start together', async () => {
    const from = await airports();
    const run = randomUUID();
    await Promise.all(Array.from({ length: 4 }, (_, instance) => load('together', from, {}, { run, instance })));
    expect(await rowsIn('together')).toHaveLength(4 * 3376);
  });

  it('appends, replaces or merges by key', async () => {
    const pairs = async (text: string, more: object) => {
      await load('modes', await csv(text), { key: ['id'], ...more });
      return rowsIn('modes');
    };
    expect(await pairs('id,v\n1,a\n2,b\n', { mode: 'append' })).toEqual([{ id: 1, v: 'a' }, { id: 2, v: 'b' }]);
    expect(await pairs('id,v\n2,c\n3,d\n', { mode: 'merge' })).toEqual([{ id: 1, v: 'a' }, { id: 2, v: 'c' }, { id: 3, v: 'd' }]);
    expect(await pairs('id,v\n9,z\n', { mode: 'replace' })).toEqual([{ id: 9, v: 'z' }]);
  });

  it('needs a key to merge', async () => {
    await expect(load('modes', await csv('id\n1\n'), { mode: 'merge' })).rejects.toThrow('is needed with mode');
  });

  it('keeps every kind of value', async () => {
    const saved = await bench.run('duckdb.query', {
      sql: `select 1::bigint as n, 12345678901234567890123456789::decimal(38,0) as huge, 1.5::decimal(9,2) as price, 'nan'::double as nan, '' as empty, null as nothing,
        'a,"b"' || chr(10) || 'c' as odd, 'ab'::blob as bytes, [1, 2] as list, {'a': 'x'} as nested, timestamptz '2001-02-03 04:05:06+02' as moment, true as flag`,
      save: 'kinds.parquet',
    });
    await load('kinds', saved.output['artifact']);
    expect(await rowsIn('kinds')).toEqual([{
      n: 1, huge: '12345678901234567890123456789', price: '1.50', nan: NaN, empty: '', nothing: null, odd: 'a,"b"\nc', bytes: Buffer.from('ab'),
      list: [1, 2], nested: { a: 'x' }, moment: new Date('2001-02-03T02:05:06Z'), flag: true,
    }]);
  });

  it('loads nothing when one row does not fit, and says why', async () => {
    await bench.database.pool.query('create table strict (id int primary key)');
    await expect(load('strict', await csv('id\n1\n2\n2\n'))).rejects.toMatchObject({ code: 'query_failed', retryable: false, message: containing('(id)=(2)') });
    expect(await rowsIn('strict')).toEqual([]);
  });

  it('ends a load on the server when it is told to stop, and the next attempt loads it', async () => {
    await bench.database.pool.query('create table held (iata text, name text, latitude float8, longitude float8)');
    const holder = await bench.database.pool.connect();
    await holder.query('begin; lock table held in access exclusive mode');
    const task = { run: randomUUID() };
    const from = await airports();
    const { signal, reason } = abortAfter(600);
    const started = Date.now();
    await expect(load('held', from, {}, { ...task, signal })).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(1_800);
    expect(await running('copy "held"')).toBe(0);
    await holder.query('rollback');
    holder.release();
    await load('held', from, {}, { ...task, attempt: 2 });
    expect(await rowsIn('held')).toHaveLength(3376);
  });
});
