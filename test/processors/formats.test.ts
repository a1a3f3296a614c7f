import { Workbench } from './workbench';
import { containing } from './text-matchers';

let bench: Workbench;
beforeAll(async () => { bench = await Workbench.create(); });
afterAll(() => bench.close());

/** Columns with their types, and rows, of a CSV file. */
async function read(text: string, reading?: object): Promise<{ types: string; rows: unknown }> {
  const file = await bench.save('x.csv', 'text/csv', text);
  const { output } = await bench.run('duckdb.query', { sql: 'from x', from: { x: reading === undefined ? file : { file, ...reading } } });
  const columns = output['columns'] as { name: string; type: string }[];
  return { types: columns.map(({ name, type }) => `${name} ${type}`).join(', '), rows: output['rows'] };
}

describe('a CSV file', () => {
  it.each<[string, string, string, unknown]>([
    ['has a header, also where every value is text', 'name\nSmith\nJones\n', 'name VARCHAR', [{ name: 'Smith' }, { name: 'Jones' }]],
    ['has its numbers', 'n,x\n1,1.5\n-2,2e3\n', 'n BIGINT, x DOUBLE', [{ n: 1, x: 1.5 }, { n: -2, x: 2000 }]],
    ['keeps leading zeros and signs', 'zip,phone\n00501,+4412\n90210,+4413\n', 'zip VARCHAR, phone VARCHAR', [{ zip: '00501', phone: '+4412' }, { zip: '90210', phone: '+4413' }]],
    ['takes dates in ISO 8601 only, and does not guess', 'd,e\n2020-01-02,01/02/2020\n', 'd DATE, e VARCHAR', [{ d: '2020-01-02', e: '01/02/2020' }]],
    ['knows moments with and without a zone', 't,u\n2020-01-02T03:04:05Z,2020-01-02 03:04:05\n', 't TIMESTAMP WITH TIME ZONE, u TIMESTAMP', [{ t: '2020-01-02T03:04:05Z', u: '2020-01-02T03:04:05' }]],
    ['keeps truth values as the text that they are', 'a,b\nt,true\nf,false\n', 'a VARCHAR, b VARCHAR', [{ a: 't', b: 'true' }, { a: 'f', b: 'false' }]],
    ['has null for what is empty', 'a,b\n1,\n,x\n', 'a BIGINT, b VARCHAR', [{ a: 1, b: null }, { a: null, b: 'x' }]],
    ['has commas and line breaks inside of quotes', 'a\n"x, ""y""\nz"\n', 'a VARCHAR', [{ a: 'x, "y"\nz' }]],
    ['may have no rows', 'a,b\n', 'a VARCHAR, b VARCHAR', []],
  ])('%s', async (_what, text, types, rows) => {
    expect(await read(text)).toEqual({ types, rows });
  });

  it('has the type that all of its rows have, wherever the odd one stands', async () => {
    const { output } = await bench.run('duckdb.query', {
      sql: 'select count(*) as n, max(v) as last from x', from: { x: await bench.save('x.csv', 'text/csv', `v\n${'1\n'.repeat(50_000)}x\n`) },
    });
    expect(output['rows']).toEqual([{ n: 50_001, last: 'x' }]);
  });

  it.each(['a,b\n1,2\n3\n', 'a;b\n1,5;2\n', 'a,b\n1,2,3\n'])('is refused when its rows differ in length: %j', async (text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'query_failed', retryable: false });
  });
});

describe('how a CSV file is read', () => {
  it('can be said: types, where digits would be lost, and another delimiter', async () => {
    expect(await read('id;n\n12345678901234567890123;1\n', { delimiter: ';', types: { id: 'VARCHAR' } }))
      .toEqual({ types: 'id VARCHAR, n BIGINT', rows: [{ id: '12345678901234567890123', n: 1 }] });
    expect(await read('flag,price\nt,1.10\n', { types: { flag: 'BOOLEAN', price: 'DECIMAL(9,2)' } }))
      .toEqual({ types: 'flag BOOLEAN, price DECIMAL(9,2)', rows: [{ flag: true, price: '1.10' }] });
  });

  it('fails when a column or a type does not exist, or a value does not fit', async () => {
    await expect(read('a\n1\n', { types: { nope: 'VARCHAR' } })).rejects.toMatchObject({ code: 'query_failed', message: containing('nope') });
    await expect(read('a\n1\n', { types: { a: 'NUMBERS' } })).rejects.toMatchObject({ code: 'query_failed', message: containing('NUMBERS') });
    await expect(read('a\nx\n', { types: { a: 'INTEGER' } })).rejects.toMatchObject({ code: 'query_failed' });
  });

  it.each([{ types: { a: "VARCHAR'}) --" } }, { delimiter: ',,' }, { delimiter: '' }, { header: false }])('takes %j for wrong', async (reading) => {
    await expect(read('a\n1\n', reading)).rejects.toThrow();
  });

  it('can be said of CSV only', async () => {
    const file = await bench.save('x.jsonl', 'application/x-ndjson', '{"a":1}\n');
    await expect(bench.run('duckdb.query', { sql: 'from x', from: { x: { file, delimiter: ';' } } })).rejects.toMatchObject({ code: 'input_invalid', message: containing('CSV') });
  });
});

describe('a table that is loaded', () => {
  it.each([
    ['rows.csv', 'id,name,at\n1,"a, b",2020-01-02\n2,,2020-01-03\n'],
    ['rows.jsonl', '{"id":1,"name":"a, b","at":"2020-01-02"}\n{"id":2,"name":null,"at":"2020-01-03"}\n'],
    ['rows.json', '[{"id":1,"name":"a, b","at":"2020-01-02"},{"id":2,"at":"2020-01-03"}]'],
  ])('holds the rows of %s', async (name, text) => {
    const table = `from_${name.replace('.', '_')}`;
    const from = await bench.save(name, 'text/plain', text);
    expect((await bench.run('sql.load', { connection: 'warehouse', table, from, createTable: true })).output).toEqual({ table, rows: 2 });
    expect((await bench.database.pool.query(`select id, name, at::text from ${table} order by id`)).rows)
      .toEqual([{ id: 1, name: 'a, b', at: '2020-01-02' }, { id: 2, name: null, at: '2020-01-03' }]);
  });

  it('is left as it is when a merge has two rows of one key, or no unique index', async () => {
    await bench.database.pool.query("create table merged (id int primary key, v text); insert into merged values (1, 'old'); create table loose (id int, v text)");
    const twice = await bench.save('rows.csv', 'text/csv', 'id,v\n1,a\n1,b\n');
    const merge = (table: string) => bench.run('sql.load', { connection: 'warehouse', table, from: twice, mode: 'merge', key: ['id'] });
    await expect(merge('merged')).rejects.toMatchObject({ code: 'query_failed', retryable: false, message: containing('a second time') });
    await expect(merge('loose')).rejects.toMatchObject({ code: 'query_failed', retryable: false, message: containing('unique') });
    expect((await bench.database.pool.query('select * from merged')).rows).toEqual([{ id: 1, v: 'old' }]);
  });
});

it.each(['parquet', 'csv', 'json', 'jsonl'])('a result that is saved as %s is read back as it was', async (format) => {
  const saved = await bench.run('duckdb.query', { sql: "select 1 as n, 'a,\"b\"' as text, null::varchar as nothing, date '2020-01-02' as day", save: `x.${format}` });
  expect(saved.output).toMatchObject({ rowCount: 1, artifact: { name: `x.${format}` } });
  const { output } = await bench.run('duckdb.query', { sql: 'from x', from: { x: saved.output['artifact'] } });
  expect(output['rows']).toEqual([{ n: 1, text: 'a,"b"', nothing: null, day: '2020-01-02' }]);
});
