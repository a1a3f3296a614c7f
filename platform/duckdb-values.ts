import {
  BIGINT, DuckDBBlobValue, DuckDBTimestampTZValue, DuckDBTimestampValue, JsonDuckDBValueConverter, listValue,
  type DuckDBType, type DuckDBValue, type DuckDBValueConverter,
} from '@duckdb/node-api';
import { AppError } from '../domain/errors';
import type { Json } from '../domain/json';

/**
 * A DuckDB value as JSON. What JSON numbers cannot hold becomes a string, so nothing is silently rounded:
 * integers beyond 2^53, DECIMAL (always), NaN and infinities. BLOB is base64, TIMESTAMP is ISO 8601 without an offset,
 * TIMESTAMPTZ is RFC 3339 in UTC, MAP is a list of `{key, value}`.
 */
export const jsonFromDuckdb: DuckDBValueConverter<Json> = (value, type, converter) => {
  if (value === null) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  if (value instanceof DuckDBTimestampValue) return String(value).replace(' ', 'T');
  if (value instanceof DuckDBTimestampTZValue) return utcText(value);
  return JsonDuckDBValueConverter(value, type, converter);
};

/** RFC 3339 with microseconds; what lies outside its years stays as DuckDB writes it. */
function utcText(value: DuckDBTimestampTZValue): string {
  const text = String(new DuckDBTimestampValue(value.micros));
  return /^\d{4}-/.test(text) ? `${text.replace(' ', 'T')}Z` : text;
}

export interface BoundValue {
  value: DuckDBValue;
  type: DuckDBType | undefined;
}

/**
 * A JSON value as a parameter of SQL: whole numbers as BIGINT, others as DOUBLE, lists of these as LIST.
 * @throws AppError `input_invalid` for objects and nested lists
 */
export function duckdbFromJson(value: Json): BoundValue {
  if (Array.isArray(value)) return { value: listValue(value.map((item) => scalar(item).value)), type: undefined };
  return scalar(value);
}

function scalar(value: Json): BoundValue {
  if (typeof value === 'object' && value !== null) {
    throw new AppError('input_invalid', 'a parameter of SQL is a string, a number, a boolean, null or a list of these');
  }
  return Number.isSafeInteger(value) && typeof value === 'number' ? { value: BigInt(value), type: BIGINT } : { value, type: undefined };
}
