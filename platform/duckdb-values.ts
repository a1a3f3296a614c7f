import type * as Sdk from '@duckdb/node-api';
import { AppError } from '../domain/errors';
import type { Json } from '../domain/json';

/**
 * What makes JSON of a DuckDB value. What JSON numbers cannot hold becomes a string, so nothing is silently rounded:
 * integers beyond 2^53, DECIMAL (always), NaN and infinities. BLOB is base64, TIMESTAMP is ISO 8601 without an offset,
 * TIMESTAMPTZ is RFC 3339 in UTC, MAP is a list of `{key, value}`.
 */
export const jsonConverter = (sdk: typeof Sdk): Sdk.DuckDBValueConverter<Json> => (value, type, converter) => {
  if (value === null) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof sdk.DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  if (value instanceof sdk.DuckDBTimestampValue) return String(value).replace(' ', 'T');
  if (value instanceof sdk.DuckDBTimestampTZValue) return utcText(String(new sdk.DuckDBTimestampValue(value.micros)));
  return sdk.JsonDuckDBValueConverter(value, type, converter);
};

/** RFC 3339 with microseconds; what lies outside its years stays as DuckDB writes it. */
const utcText = (text: string): string => (/^\d{4}-/.test(text) ? `${text.replace(' ', 'T')}Z` : text);

export interface BoundValue {
  value: Sdk.DuckDBValue;
  type: Sdk.DuckDBType | undefined;
}

/**
 * A JSON value as a parameter of SQL: whole numbers as BIGINT, others as DOUBLE, lists of these as LIST.
 * @throws AppError `input_invalid` for objects and nested lists
 */
export function duckdbFromJson(sdk: typeof Sdk, value: Json): BoundValue {
  if (Array.isArray(value)) return { value: sdk.listValue(value.map((item) => scalar(sdk, item).value)), type: undefined };
  return scalar(sdk, value);
}

function scalar({ BIGINT }: typeof Sdk, value: Json): BoundValue {
  if (typeof value === 'object' && value !== null) {
    throw new AppError('input_invalid', 'a parameter of SQL is a string, a number, a boolean, null or a list of these');
  }
  return Number.isSafeInteger(value) && typeof value === 'number' ? { value: BigInt(value), type: BIGINT } : { value, type: undefined };
}
