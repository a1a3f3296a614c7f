import { types } from 'pg';

const whole = (text: string): number | string => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
const real = (text: string): number | string => (Number.isFinite(Number(text)) ? Number(text) : text);
const asIs = (text: string): string => text;
const local = (text: string): string => text.replace(' ', 'T');
/** Only with the session in UTC and ISO style, where the offset is `+00`. */
const moment = (text: string): string => text.replace(' ', 'T').replace(/\+00$/, 'Z');
const base64 = (text: string): string => Buffer.from(text.replace(/^\\x/, ''), 'hex').toString('base64');

/** Built-in types (pg_type) whose default conversion would lose something in JSON, and lists of them. */
const readings = [
  { type: 'bytea', oid: 17, listOid: 1001, read: base64 },
  { type: 'int8', oid: 20, listOid: 1016, read: whole },
  { type: 'float4', oid: 700, listOid: 1021, read: real },
  { type: 'float8', oid: 701, listOid: 1022, read: real },
  { type: 'date', oid: 1082, listOid: 1182, read: asIs },
  { type: 'timestamp', oid: 1114, listOid: 1115, read: local },
  { type: 'timestamptz', oid: 1184, listOid: 1185, read: moment },
  { type: 'interval', oid: 1186, listOid: 1187, read: asIs },
  { type: 'numeric', oid: 1700, listOid: 1231, read: asIs },
];
const textListOid: number = 1009;
const textList: unknown = types.getTypeParser(textListOid, 'text');

/** Items read as they do alone, in lists of lists, too. */
const listOf = (read: (text: string) => unknown) => (text: string): unknown => (isParser(textList) ? itemsRead(textList(text), read) : text);
const isParser = (value: unknown): value is (text: string) => unknown => typeof value === 'function';
const itemsRead = (value: unknown, read: (text: string) => unknown): unknown =>
  (Array.isArray(value) ? value.map((item) => itemsRead(item, read)) : typeof value === 'string' ? read(value) : value);

const parsers = new Map(readings.flatMap(({ oid, listOid, read }): [number, (text: string) => unknown][] => [[oid, read], [listOid, listOf(read)]]));

/**
 * Conversion of Postgres values to JSON, for a session in UTC. What JSON numbers cannot hold becomes a string: integers
 * beyond 2^53, NUMERIC (always), NaN and infinities. BYTEA is base64, times are as in `jsonFromDuckdb`.
 */
export const jsonTypeParsers: Pick<typeof types, 'getTypeParser'> = {
  getTypeParser: (type: number, format?: 'text' | 'binary'): unknown => parsers.get(type) ?? types.getTypeParser(type, format ?? 'text'),
};

/** Start of a transaction whose values read as above. */
export const beginForJson = "begin; set local timezone to 'UTC'; set local datestyle to 'ISO'; set local bytea_output to 'hex'; set local extra_float_digits to 1";
