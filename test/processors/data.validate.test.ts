import { Workbench, abortAfter, type Outcome } from './workbench';
import { containing, matching } from './text-matchers';

let bench: Workbench;
beforeAll(async () => { bench = await Workbench.create(); });
afterAll(async () => { await bench.close(); });

const validate = (from: unknown, rules: object[], more: object = {}, attempt = {}): Promise<Outcome> => bench.run('data.validate', { from, rules, ...more }, attempt);
const csv = (text: string) => bench.save('rows.csv', 'text/csv', text);
const month = async (first: string, next: string) => (await bench.run('duckdb.query', {
  sql: 'select * from flights where date >= $1::timestamp and date < $2::timestamp', params: [first, next],
  from: { flights: 'flights-3m.parquet' }, save: 'flights.parquet',
})).output['artifact'];

const flightRules = [
  { rowCount: { min: 400_000 } },
  { column: 'delay', notNull: true },
  { column: 'origin', reference: { from: 'airports.csv', column: 'iata' } },
  { column: 'delay', range: { min: -120, max: 1800 } },
  { unique: true, severity: 'warn' },
];

describe('data.validate on real flights', () => {
  it('passes January, with its 35 repeated rows as a warning', async () => {
    const { output, log } = await validate(await month('2001-01-01', '2001-02-01'), flightRules);
    expect(output).toMatchObject({ passed: 4, warnings: [{ name: 'no row occurs twice', broken: 35 }], report: { name: 'validation.json' } });
    expect(log).toMatchObject([{ level: 'warn', message: 'rule broken: no row occurs twice' }]);
    const report: unknown = JSON.parse(await bench.read(output['report']));
    expect(report).toMatchObject({ rowCount: output['rowCount'], rules: [{ passed: true }, { passed: true }, { passed: true }, { passed: true }, { passed: false, broken: 35 }] });
  });

  it('fails February on its three impossible rows, and names the rule and the rows', async () => {
    const february = await month('2001-02-01', '2001-03-01');
    const failure: unknown = await validate(february, flightRules).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'validation_failed', retryable: false, message: '1 of 5 rules are broken: delay is between -120 and 1800 (3 rows)',
      details: { rules: [{ name: 'delay is between -120 and 1800', broken: 3 }], report: { uri: matching(/^artifact:/) } },
    });
    const { report } = (failure as { details: { report: unknown } }).details;
    const { rules } = JSON.parse(await bench.read(report)) as { rules: { sample: { delay: number }[] }[] };
    expect(rules[3]?.sample).toHaveLength(3);
    expect(rules[3]?.sample.every(({ delay }) => delay < -120 || delay > 1800)).toBe(true);
  });
});

describe('a rule of data.validate', () => {
  const data = 'id,kind,price\n1,a,1.5\n2,b,\n2,b,\n3,,-4\n';
  it.each<[string, object, number]>([
    ['rowCount.min', { rowCount: { min: 6 } }, 2],
    ['rowCount.max', { rowCount: { max: 3 } }, 1],
    ['notNull', { column: 'price', notNull: true }, 2],
    ['unique of the whole row', { unique: true }, 1],
    ['unique of its column', { column: 'kind', unique: true }, 1],
    ['unique of several columns', { unique: ['id', 'kind'] }, 1],
    ['range, which nulls do not break', { column: 'price', range: { min: 0 } }, 1],
    ['in', { column: 'kind', in: ['a'] }, 2],
    ['regex', { column: 'kind', regex: '^a' }, 2],
    ['sql', { sql: 'select * from input where id > $$2$$::int -- larger' }, 1],
    ['reference, which nulls do not break', { column: 'kind', reference: { from: 'airports.csv', column: 'iata' } }, 3],
  ])('%s counts what breaks it', async (_check, rule, broken) => {
    const { output } = await validate(await csv(data), [{ ...rule, severity: 'warn', name: 'it' }]);
    expect(output['warnings']).toEqual([{ name: 'it', broken }]);
  });

  it.each<[string, object]>([
    ['rowCount', { rowCount: { min: 4, max: 4 } }], ['notNull', { column: 'id', notNull: true }], ['in', { column: 'kind', in: ['a', 'b'] }],
    ['range', { column: 'id', range: { min: 1, max: 3 } }], ['regex', { column: 'kind', regex: '^(a|b)$' }], ['sql', { sql: 'select 1 where false' }],
  ])('%s holds where it holds', async (_check, rule) => {
    expect((await validate(await csv(data), [rule])).output).toMatchObject({ passed: 1, warnings: [] });
  });

  it('takes one check, and a column where the check needs one', async () => {
    await expect(validate('airports.csv', [{ column: 'iata' }])).rejects.toThrow('exactly one of');
    await expect(validate('airports.csv', [{ notNull: true }])).rejects.toThrow('is needed');
  });

  it('takes values as values, whatever they hold', async () => {
    const { output } = await validate(await csv(data), [{ column: 'kind', in: ["a'; drop table x --", 'b'], severity: 'warn', name: 'it' }]);
    expect(output['warnings']).toEqual([{ name: 'it', broken: 1 }]);
  });

  it('names a column that does not exist, and a regex that is none', async () => {
    await expect(validate('airports.csv', [{ column: 'nope', notNull: true }])).rejects.toMatchObject({ code: 'query_failed', retryable: false, message: containing('nope') });
    await expect(validate('airports.csv', [{ column: 'iata', regex: '(' }])).rejects.toMatchObject({ code: 'query_failed' });
  });

  it('may only read', async () => {
    await expect(validate('airports.csv', [{ sql: 'drop view input' }])).rejects.toMatchObject({ code: matching(/query_failed|access_denied/) });
    await expect(validate('airports.csv', [{ sql: "select * from read_text('/etc/hostname')" }])).rejects.toMatchObject({ code: 'access_denied' });
  });
});

describe('data.validate', () => {
  it('reports a huge broken row by its count alone', async () => {
    const { output } = await validate(await csv(`a\n${'x'.repeat(100_000)}\n`), [{ column: 'a', in: ['y'], severity: 'warn' }]);
    expect(JSON.parse(await bench.read(output['report']))).toMatchObject({ rules: [{ broken: 1, sample: [] }] });
  });

  it('needs no more memory for many rules over CSV files than for one', async () => {
    const rules = Array.from({ length: 8 }, () => ({ column: 'iata', reference: { from: 'airports.csv', column: 'iata' } }));
    expect((await validate('airports.csv', rules)).output).toMatchObject({ passed: 8 });
  });

  it('works on an empty file', async () => {
    expect((await validate(await csv('a,b\n'), [{ column: 'a', notNull: true }, { unique: true }])).output).toMatchObject({ rowCount: 0, passed: 2 });
  });

  it('stops within a second when it is told to', async () => {
    const { signal, reason } = abortAfter(300);
    const started = Date.now();
    const slow = 'select a.range from range(10000000) a, range(10000000) b where (a.range * b.range) % 7 = 3';
    await expect(validate('airports.csv', [{ sql: slow }], {}, { signal })).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(1_300);
  });
});
