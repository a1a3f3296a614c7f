import type { JsonObject } from '../domain/json';
import type { Queryable } from '../platform/postgres';

export interface RunEventRow {
  seq: number;
  type: string;
  at: Date;
  data: JsonObject;
}

/** Events of a run after number `after`, in order. */
export async function listRunEvents(db: Queryable, runId: string, after: number, limit: number): Promise<RunEventRow[]> {
  const { rows } = await db.query<RunEventRow>({
    name: 'list-run-events',
    text: 'select seq, type, at, data from run_events where run_id = $1 and seq > $2 order by seq limit $3',
    values: [runId, after, limit],
  });
  return rows;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogRow {
  id: number;
  task: string;
  instance: number;
  generation: number;
  attempt: number;
  at: Date;
  level: LogLevel;
  message: string;
  fields: JsonObject | null;
}

export interface LogFilter {
  task?: string | undefined;
  instance?: number | undefined;
  attempt?: number | undefined;
  /** The least severe level that is wanted. */
  level?: LogLevel | undefined;
}

/** Log lines of a run after line `after`, in the order in which they arrived. */
export async function listLogs(db: Queryable, runId: string, filter: LogFilter, page: { after: number; limit: number }): Promise<LogRow[]> {
  const levels = logLevels.slice(logLevels.indexOf(filter.level ?? 'debug'));
  const { rows } = await db.query<LogRow>({
    name: 'list-logs',
    text: `select id, task, instance, generation, attempt, at, level, message, fields from task_logs
      where run_id = $1 and id > $2 and ($3::text is null or task = $3) and ($4::integer is null or instance = $4)
        and ($5::integer is null or attempt = $5) and level = any ($6)
      order by id limit $7`,
    values: [runId, page.after, filter.task ?? null, filter.instance ?? null, filter.attempt ?? null, levels, page.limit],
  });
  return rows;
}
