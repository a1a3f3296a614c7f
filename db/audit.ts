import type { JsonObject } from '../domain/json';
import type { Queryable } from '../platform/postgres';

/** Who did what to what: one row for each change that a person or a service asked for. */
export interface AuditEntry {
  /** Name of the subject whose key was used. */
  actor: string;
  /** `<what>.<verb>`: `pipeline.apply`, `run.cancel`, … */
  action: string;
  /** `pipeline/<name>`, `run/<id>`, `key/<id>`, … */
  target: string;
  requestId: string;
  /** Never secrets, never whole documents. */
  data?: JsonObject;
}

/** Records a change; give it the transaction of the change, so that neither exists without the other. */
export async function recordAudit(db: Queryable, entry: AuditEntry): Promise<void> {
  await db.query('insert into audit (actor, action, target, request_id, data) values ($1, $2, $3, $4, $5)',
    [entry.actor, entry.action, entry.target, entry.requestId, JSON.stringify(entry.data ?? {})]);
}
