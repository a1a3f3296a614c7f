import { z } from 'zod';
import type { Pool } from '../../platform/postgres';

/** A step of a plan as `EXPLAIN (ANALYZE, FORMAT JSON)` tells it; rows are averages of its loops. */
const stepSchema = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Filter': z.string().optional(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().default(0),
  'Rows Removed by Index Recheck': z.number().default(0),
  get Plans() { return z.array(stepSchema).default([]); },
});
type Step = z.output<typeof stepSchema>;

const planSchema = z.object({ 'Query Text': z.string(), 'Plan': stepSchema });

/** How one query read one table. */
export interface TableRead {
  table: string;
  /** Row after row, in search of some: it reads all of them when there are none. */
  searched: boolean;
  /** Rows that were looked at, also those that were not wanted. */
  rows: number;
  query: string;
}

function readsOf(step: Step, query: string): TableRead[] {
  const rows = Math.round((step['Actual Rows'] + step['Rows Removed by Filter'] + step['Rows Removed by Index Recheck']) * step['Actual Loops']);
  const searched = step['Node Type'] === 'Seq Scan' && step.Filter !== undefined;
  const own = step['Relation Name'] === undefined ? [] : [{ table: step['Relation Name'], searched, rows, query }];
  return [...own, ...step.Plans.flatMap((part) => readsOf(part, query))];
}

const settings = {
  'session_preload_libraries': 'auto_explain', 'client_min_messages': 'log', 'auto_explain.log_min_duration': '0', 'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off', 'auto_explain.log_format': 'json',
};

/** An address of Postgres whose sessions tell their plans to the client. */
export function watchedUrl(url: string): string {
  const address = new URL(url);
  address.searchParams.set('options', Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`).join(' '));
  return address.toString();
}

/**
 * Sees the plan with which Postgres really carried out each query of a pool: its extension `auto_explain` tells it to
 * the client that asked. An `explain` beside the query may tell another plan than that of the prepared statement.
 */
export class PlanWatch {
  private seen: TableRead[] = [];

  /** @param pool with a `watchedUrl`, and no connections yet */
  constructor(pool: Pool) {
    pool.on('connect', (client) => { client.on('notice', ({ message = '' }) => this.note(message)); });
  }

  /** What was read since the last call. */
  take(): TableRead[] {
    const { seen } = this;
    this.seen = [];
    return seen;
  }

  private note(message: string): void {
    const [, plan] = /^duration: .* plan:\n(.*)$/s.exec(message) ?? [];
    if (plan === undefined) return;
    const { 'Query Text': query, Plan: top } = planSchema.parse(JSON.parse(plan));
    this.seen.push(...readsOf(top, query));
  }
}
