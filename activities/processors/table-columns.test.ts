import { copyColumn, postgresType } from './table-columns';

describe('columns of a table', () => {
  it.each([
    ['BIGINT', 'bigint'], ['UBIGINT', 'numeric'], ['DECIMAL(18,3)', 'numeric(18, 3)'], ['TIMESTAMP WITH TIME ZONE', 'timestamptz'],
    ['TIMESTAMP', 'timestamp'], ['INTEGER[]', 'jsonb'], ['STRUCT("a" INTEGER)', 'jsonb'], ['ENUM(\'a\')', 'text'], ['VARCHAR', 'text'],
  ])('hold %s as %s', (duckdb, postgres) => {
    expect(postgresType(duckdb)).toBe(postgres);
  });

  it('are quoted, whatever their name holds', () => {
    expect(copyColumn({ name: 'a"b', type: 'BIGINT' })).toBe('"a""b"');
    expect(copyColumn({ name: 'a', type: 'INTEGER[]' })).toBe('to_json("a") as "a"');
  });
});
