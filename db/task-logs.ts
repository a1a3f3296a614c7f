import type { Pool } from 'pg';
import type { AttemptKey } from './live';
import { jsonParameter } from '../platform/postgres';

export interface TaskLogLine extends AttemptKey {
  at: Date;
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields?: Record<string, unknown>;
}

/** Any number that no other lock of the product takes. */
const writersLock = 8_140_233_902;

/**
 * Appends log lines. One writer at a time, so that ids become visible in their order: a reader that remembers the
 * highest id it has seen would otherwise miss lines of a slower writer.
 */
export async function appendLogs(pool: Pool, lines: TaskLogLine[]): Promise<void> {
  await pool.query({
    name: 'append-logs',
    text: `
    with one_writer as materialized (select pg_advisory_xact_lock(${writersLock}) as locked),
    appended as (
      insert into task_logs (run_id, task, instance, generation, attempt, at, level, message, fields)
      select "runId", task, instance, generation, attempt, at, level, message, fields
      from one_writer, json_to_recordset($1) as l ("runId" uuid, task text, instance int, generation int, attempt int,
        at timestamptz, level text, message text, fields jsonb)
      where one_writer.locked is not null
      returning run_id)
    select pg_notify('run_changed', run_id::text) from (select distinct run_id from appended) as changed`,
    values: [jsonParameter(lines)],
  });
}
