import type { Column } from '../../platform/duckdb';
import { identifier } from '../../platform/sql-text';

const plainTypes: Readonly<Record<string, string>> = {
  BOOLEAN: 'boolean', TINYINT: 'smallint', SMALLINT: 'smallint', INTEGER: 'integer', BIGINT: 'bigint',
  UTINYINT: 'smallint', USMALLINT: 'integer', UINTEGER: 'bigint', UBIGINT: 'numeric', HUGEINT: 'numeric', UHUGEINT: 'numeric',
  FLOAT: 'real', DOUBLE: 'double precision', DATE: 'date', TIME: 'time', INTERVAL: 'interval', UUID: 'uuid', BLOB: 'bytea',
  TIMESTAMP: 'timestamp', TIMESTAMP_S: 'timestamp', TIMESTAMP_MS: 'timestamp', TIMESTAMP_NS: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz', 'TIME WITH TIME ZONE': 'timetz',
};

const isNested = (type: string): boolean => /^(STRUCT|MAP|UNION)\(|\]$|^JSON$/.test(type);

/** The Postgres type that holds every value of a DuckDB type. What has no like is text, what is nested is jsonb. */
export function postgresType(type: string): string {
  if (isNested(type)) return 'jsonb';
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  return decimal ? `numeric(${decimal[1]}, ${decimal[2]})` : plainTypes[type] ?? 'text';
}

/** A column as DuckDB SQL that writes what COPY of Postgres reads. */
export function copyColumn({ name, type }: Column): string {
  const column = identifier(name);
  if (isNested(type)) return `to_json(${column}) as ${column}`;
  return type === 'BLOB' ? `'\\x' || hex(${column}) as ${column}` : column;
}
