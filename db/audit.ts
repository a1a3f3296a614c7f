import type { JsonObject } from '../domain/json';
import type { Queryable } from '../platform/postgres';
import { everyNumber, newest, newestOf } from './newest';

/** Who asks for a change, and by what they can be found again. */
export interface Requester {
  /** Name of the subject whose key was used. */
  name: string;
  keyId: string;
  /** Of the client; null when it had left by the time it was asked. */
  address: string | null;
  requestId: string;
}

/** What was done to what. */
export interface AuditEntry {
  /** `<what>.<verb>`: `pipeline.apply`, `run.cancel`, … */
  action: string;
  /** `pipeline/<name>`, `run/<id>`, `key/<id>`, … */
  target: string;
  /** Never secrets, never whole documents. */
  data?: JsonObject;
}

/** Records a change; give it the transaction of the change, so that neither exists without the other. */
export async function recordAudit(db: Queryable, by: Requester, { action, target, data = {} }: AuditEntry): Promise<void> {
  await db.query({
    name: 'record-audit',
    text: 'insert into audit (actor, key_id, address, request_id, action, target, data) values ($1, $2, $3, $4, $5, $6, $7)',
    values: [by.name, by.keyId, by.address, by.requestId, action, target, JSON.stringify(data)],
  });
}

export interface AuditRow {
  id: number;
  at: Date;
  actor: string;
  /** Null, as the address, of what was recorded before these were kept. */
  keyId: string | null;
  address: string | null;
  requestId: string | null;
  action: string;
  target: string;
  data: JsonObject;
}

export interface AuditFilter {
  actor?: string | undefined;
  action?: string | undefined;
  target?: string | undefined;
  /** At this time or later. */
  after?: Date | undefined;
  /** Before this time. */
  before?: Date | undefined;
}

/** Entries older than the one with number `before`, newest first. */
export async function listAudit(db: Queryable, filter: AuditFilter, page: { before?: number | undefined; limit: number }): Promise<AuditRow[]> {
  const { text, values } = auditQuery(filter, page);
  const { rows } = await db.query<AuditRow>(text, values);
  return rows;
}

/** The time is that of a transaction's begin, the number that of its insert: their order may differ by as long as one lasts. */
const longestTransaction = `interval '1 hour'`;
const firstIdAfter = (time: string, otherwise: string): string => `coalesce((select id from audit where at >= ${time} order by at limit 1), ${otherwise})`;

const columns = ['target', 'actor', 'action'] as const;

/** The statement of the list: along the index of one column. A time is turned into a place in the primary key. */
function auditQuery(filter: AuditFilter, page: { before?: number | undefined; limit: number }): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const before = page.before === undefined ? undefined : parameter(page.before);
  const times = { after: filter.after && parameter(filter.after), before: filter.before && parameter(filter.before) };
  const [first, ...others] = columns.filter((column) => filter[column] !== undefined);
  const walk = first === undefined ? newest('id', before) : newestOf(first, parameter(filter[first]), 'id', before, everyNumber);
  const conditions = [
    ...walk.conditions,
    ...others.map((column) => `${column} = ${parameter(filter[column])}`),
    ...(times.after ? [`at >= ${times.after}`, `id >= ${firstIdAfter(`${times.after}::timestamptz - ${longestTransaction}`, '0')}`] : []),
    ...(times.before ? [`at < ${times.before}`, `id < ${firstIdAfter(`${times.before}::timestamptz + ${longestTransaction}`, `${Number.MAX_SAFE_INTEGER}`)}`] : []),
  ];
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')} ` : '';
  return {
    text: `select id, at, actor, key_id as "keyId", address, request_id as "requestId", action, target, data from audit ${where}order by ${walk.order} limit ${parameter(page.limit)}`,
    values,
  };
}
