import { types } from 'pg';

/** Object ids of the built-in types (pg_type) whose default conversion would lose something in JSON. */
const oid = { bytea: 17, int8: 20, float4: 700, float8: 701, date: 1082, timestamp: 1114, timestamptz: 1184, interval: 1186 } as const;

const whole = (text: string): number | string => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
const real = (text: string): number | string => (Number.isFinite(Number(text)) ? Number(text) : text);
const asIs = (text: string): string => text;
const local = (text: string): string => text.replace(' ', 'T');
/** Only with the session in UTC and ISO style, where the offset is `+00`. */
const moment = (text: string): string => text.replace(' ', 'T').replace(/\+00$/, 'Z');
const base64 = (text: string): string => Buffer.from(text.replace(/^\\x/, ''), 'hex').toString('base64');

const parsers = new Map<number, (text: string) => unknown>([
  [oid.bytea, base64], [oid.int8, whole], [oid.float4, real], [oid.float8, real],
  [oid.date, asIs], [oid.timestamp, local], [oid.timestamptz, moment], [oid.interval, asIs],
]);

/**
 * Conversion of Postgres values to JSON, for a session in UTC. What JSON numbers cannot hold becomes a string: integers
 * beyond 2^53, NUMERIC (always), NaN and infinities. BYTEA is base64, times are as in `jsonFromDuckdb`.
 */
export const jsonTypeParsers: Pick<typeof types, 'getTypeParser'> = {
  getTypeParser: (type: number, format?: 'text' | 'binary'): unknown => parsers.get(type) ?? types.getTypeParser(type, format ?? 'text'),
};

/** Start of a transaction whose values read as above. */
export const beginForJson = "begin; set local timezone to 'UTC'; set local datestyle to 'ISO'; set local bytea_output to 'hex'; set local extra_float_digits to 1";
