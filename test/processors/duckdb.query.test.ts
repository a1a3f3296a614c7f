import { mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtinProcessors } from '../../activities/processors';
import { testEnvironment } from '../harness/environment';
import { Workbench, abortAfter, dataFolder } from './workbench';
import { containing, matching } from './text-matchers';

let bench: Workbench;
beforeAll(async () => { bench = await Workbench.create(); });
afterAll(async () => { await bench.close(); });

const query = (sql: string, more: Record<string, unknown> = {}, attempt = {}) => bench.run('duckdb.query', { sql, ...more }, attempt);

describe('duckdb.query', () => {
  it('reads a real parquet file of a data folder by the name that `from` gives it', async () => {
    const { output } = await query('select count(*) as flights from flights', { from: { flights: 'flights-3m.parquet' } });
    expect(output).toEqual({ rowCount: 1, columns: [{ name: 'flights', type: 'BIGINT' }], rows: [{ flights: 3_000_000 }] });
  });

  it.each([
    ['parquet', 'application/vnd.apache.parquet'], ['csv', 'text/csv; charset=utf-8'],
    ['json', 'application/json'], ['jsonl', 'application/x-ndjson'],
  ])('saves the rows as .%s and reads them again from the artifact', async (extension, contentType) => {
    const saved = await query('select iata, latitude from airports order by iata', { from: { airports: 'airports.csv' }, save: `airports.${extension}` });
    expect(saved.output).toMatchObject({ rowCount: 3376, columns: [{ name: 'iata' }, { name: 'latitude' }], artifact: { name: `airports.${extension}`, contentType } });
    expect(saved.output['rows']).toBeUndefined();
    const again = await query("select iata from a where latitude > $1 order by latitude desc limit $2", { from: { a: saved.output['artifact'] }, params: [71, 1] });
    expect(again.output['rows']).toEqual([{ iata: 'BRW' }]);
  });

  it('saves what parameters choose, whose types are known only with their values', async () => {
    const saved = await query("select iata, $1 as word from airports where iata = $2 || 'K'", { from: { airports: 'airports.csv' }, params: ['x', 'JF'], save: 'one.csv' });
    expect(saved.output).toMatchObject({ rowCount: 1, columns: [{ name: 'iata' }, { name: 'word' }] });
  });

  it('takes parameters by name, lists included, and never as text', async () => {
    const { output } = await query('select $airport as airport, list_contains($list, $airport) as listed', {
      params: { airport: "x'; drop table t; --", list: ['a', 'b'] },
    });
    expect(output['rows']).toEqual([{ airport: "x'; drop table t; --", listed: false }]);
  });

  it('gives values as JSON without losing digits', async () => {
    const { output } = await query(`select 9007199254740991 as safe, 9007199254740993 as large, 170141183460469231731687303715884105727::hugeint as huge,
      1.10::decimal(9,2) as price, 'nan'::double as nan, '-inf'::double as infinite, date '2001-02-03' as day, timestamp '2001-02-03 04:05:06.5' as local,
      timestamptz '2001-02-03 04:05:06+02' as moment, 'a\\x00'::blob as bytes, [1, null] as list, {'a': {'b': 1::bigint}} as nested, null as nothing, 'naïve' as text`);
    expect(output['rows']).toEqual([{
      safe: 9007199254740991, large: '9007199254740993', huge: '170141183460469231731687303715884105727', price: '1.10', nan: 'NaN', infinite: '-Infinity',
      day: '2001-02-03', local: '2001-02-03T04:05:06.5', moment: '2001-02-03T02:05:06Z', bytes: 'YQA=', list: [1, null], nested: { a: { b: 1 } }, nothing: null, text: 'naïve',
    }]);
  });

  it('refuses a result above 64 KiB and says to save it', async () => {
    await expect(query('select range as n from range(1000000)')).rejects.toMatchObject({ code: 'output_too_large', retryable: false, message: containing('save') });
    await expect(query("select repeat('x', 100000) as wide")).rejects.toMatchObject({ code: 'output_too_large' });
  });

  it('is not retried when the SQL is wrong, and says what is', async () => {
    await expect(query('selec 1')).rejects.toMatchObject({ code: 'query_failed', retryable: false, message: containing('selec') });
    await expect(query('select $1', { params: [] })).rejects.toMatchObject({ code: 'input_invalid', message: containing('1 parameters') });
    await expect(query('select $a', { params: { b: 1 } })).rejects.toMatchObject({ code: 'input_invalid', message: '`params` has "b", and `sql` takes $a' });
    for (const nothing of ['  ', '-- later']) await expect(query(nothing)).rejects.toMatchObject({ code: 'input_invalid', message: '`sql` holds no statement' });
    await expect(query('select 1', { save: 'result.xls' })).rejects.toMatchObject({ code: 'input_invalid' });
  });

  it('fails within the memory that it is given instead of taking the machine', async () => {
    await expect(query('select count(l) from (select list(range) as l from range(100000000))')).rejects.toMatchObject({ code: 'query_failed', message: containing('DATAMCP_DUCKDB_MEMORY_MB') });
  });

  it('refuses `${{` in its SQL by its catalogue entry', () => {
    expect(builtinProcessors.get('duckdb.query')).toMatchObject({ literal: ['sql'] });
  });

  it('stops a long query within a second of being told to, and leaves nothing behind', async () => {
    const { signal, reason } = abortAfter(300);
    const started = Date.now();
    await expect(query('select count(*) from range(10000000) a, range(10000000) b where (a.range * b.range) % 7 = 3', {}, { signal })).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(1_300);
    expect(await readdir(join(bench.artifactsFolder, 'work'))).toEqual([]);
  });

  it('stops a long write in the same way', async () => {
    const { signal, reason } = abortAfter(300);
    await expect(query('select a.range * b.range as n from range(10000000) a, range(10000000) b', { save: 'n.parquet' }, { signal })).rejects.toBe(reason);
    expect(await readdir(join(bench.artifactsFolder, 'work'))).toEqual([]);
  });
});

describe('the sandbox of duckdb.query', () => {
  it.each([
    ['a file outside', "select * from read_text('/etc/hostname')"],
    ['a way out of a data folder', `select * from read_text('${dataFolder}/../package.json')`],
    ['a list of files', "select * from glob('/etc/*')"],
    ['the network', "select * from read_csv('http://127.0.0.1:1/x.csv')"],
    ['writing by COPY', `copy (select 1) to '${dataFolder}/written.csv'`],
    ['writing by an explained COPY', `explain analyze copy (select 1) to '${dataFolder}/written.csv'`],
    ['other databases', "attach '/etc/x.db'"],
    ['settings', 'set enable_external_access = true'],
    ['extensions', "install httpfs"],
    ['tables', 'create table t (x int)'],
    ['several statements', 'select 1; select 2'],
    ['a second statement behind a comment', "select 1 /* ; */; copy (select 1) to 'x.csv'"],
  ])('refuses %s', async (_what, sql) => {
    await expect(query(sql)).rejects.toMatchObject({ code: matching(/^(access_denied|input_invalid)$/), retryable: false });
  });

  it('refuses a text that closes the parenthesis into which it is put', async () => {
    await expect(query("select 1) to '/etc/x' (format csv); --", { save: 'x.csv' })).rejects.toMatchObject({ code: 'query_failed' });
    await expect(query('select 1 as n -- the end', { save: 'x.csv' })).resolves.toMatchObject({ output: { rowCount: 1 } });
  });

  it('reads other artifacts only when `from` names them', async () => {
    const secret = await bench.save('secret.csv', 'text/csv', 'a\n1\n');
    const path = await bench.artifacts({}).localPath(secret);
    await expect(query(`select * from read_csv('${path}')`)).rejects.toMatchObject({ code: 'access_denied' });
    await expect(query('select * from s', { from: { s: secret } })).resolves.toMatchObject({ output: { rows: [{ a: 1 }] } });
  });

  it.each(['/etc/hostname.csv', '../package.json', 'nope.csv'])('does not find %s in the data folders', async (path) => {
    await expect(query('select * from f', { from: { f: path } })).rejects.toMatchObject({ code: 'access_denied' });
  });

  it('does not follow a link that leads out of a data folder', async () => {
    const outside = await mkdtemp(join(testEnvironment().TEST_DIR, 'outside-'));
    const folder = await mkdtemp(join(testEnvironment().TEST_DIR, 'data-'));
    await writeFile(join(outside, 'a.csv'), 'a\n1\n');
    await symlink(join(outside, 'a.csv'), join(folder, 'link.csv'));
    const other = await Workbench.create({ DATAMCP_DATA_DIRS: folder });
    await expect(other.run('duckdb.query', { sql: 'select * from f', from: { f: 'link.csv' } })).rejects.toMatchObject({ code: 'access_denied' });
    await expect(other.run('duckdb.query', { sql: `select * from read_csv('${join(folder, 'link.csv')}')` })).rejects.toMatchObject({ code: 'access_denied' });
    await other.close();
  });
});
