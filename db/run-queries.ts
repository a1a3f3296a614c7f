import type { ErrorInfo } from '../domain/errors';
import type { JsonObject } from '../domain/json';
import type { RunTrigger } from '../domain/pipeline/run';
import type { RunProgress, RunStatus } from '../domain/pipeline/status';
import type { Queryable } from '../platform/postgres';
import { mergedNewest, newest, newestOf, type IndexWalk } from './newest';

export interface RunRow {
  id: string;
  pipeline: string;
  version: number;
  planHash: string;
  status: RunStatus;
  inputs: JsonObject;
  outputs: JsonObject | null;
  labels: Record<string, string>;
  priority: number;
  trigger: RunTrigger;
  requestedBy: string;
  workflowId: string;
  rerunOf: string | null;
  parentRun: string | null;
  /** The nominal time of a run that a schedule started, and of its reruns. */
  scheduledAt: Date | null;
  /** Set when it counts against the `concurrency` of its pipeline. */
  concurrencyKey: string | null;
  createdAt: Date;
  admittedAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  seq: number;
  progress: RunProgress;
  error: ErrorInfo | null;
  warnings: string[];
}

export interface RunFilter {
  pipeline?: string | undefined;
  statuses?: RunStatus[] | undefined;
  /** All of these must be on the run. */
  labels?: Record<string, string> | undefined;
  trigger?: RunTrigger['type'] | undefined;
  /** Made at this time or later. */
  after?: Date | undefined;
  /** Made before this time. */
  before?: Date | undefined;
  ids?: string[] | undefined;
}

/** The columns of a `RunRow`. */
export const runColumns = `id, pipeline, version, plan_hash as "planHash", status, inputs, outputs, labels, priority, trigger,
  requested_by as "requestedBy", workflow_id as "workflowId", rerun_of as "rerunOf", parent_run as "parentRun", scheduled_at as "scheduledAt",
  concurrency_key as "concurrencyKey", created_at as "createdAt", admitted_at as "admittedAt", started_at as "startedAt", finished_at as "finishedAt", seq,
  progress, error, warnings`;

export async function findRunRow(db: Queryable, id: string): Promise<RunRow | undefined> {
  const { rows } = await db.query<RunRow>({
    name: 'find-run-row',
    text: `select ${runColumns} from runs where id = $1`,
    values: [id],
  });
  return rows[0];
}

/** What those who wait for a run look at; `seq` is the number of its last fact. */
export type RunStatusRow = Pick<RunRow, 'status' | 'seq' | 'finishedAt'>;

export async function findRunStatus(db: Queryable, id: string): Promise<RunStatusRow | undefined> {
  const { rows } = await db.query<RunStatusRow>({
    name: 'find-run-status',
    text: 'select status, seq, finished_at as "finishedAt" from runs where id = $1',
    values: [id],
  });
  return rows[0];
}

/** Runs older than the one with id `before`, newest first. */
export async function listRuns(db: Queryable, filter: RunFilter, page: { before?: string | undefined; limit: number }): Promise<RunRow[]> {
  const name = preparedName(filter, page.before);
  const { rows } = await db.query<RunRow>({ ...(name !== undefined && { name }), ...runsQuery(filter, page) });
  return rows;
}

/** Lists along an index are planned once: their plan is the same for all values. The others are too many for each connection to keep. */
function preparedName({ statuses, pipeline, trigger, ...others }: RunFilter, before: string | undefined): string | undefined {
  if (Object.values(others).some((value) => value !== undefined)) return undefined;
  const given = Object.entries({ pipeline, trigger, before }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return ['list-runs', new Set(statuses).size, ...given].join('-');
}

/**
 * The statement of a list of runs: along the index of its status, else of its pipeline, else of its trigger. Several
 * statuses are read one by one, and merged.
 */
function runsQuery(filter: RunFilter, page: { before?: string | undefined; limit: number }): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const before = page.before === undefined ? undefined : parameter(page.before);
  const limit = parameter(page.limit);
  const from = ({ conditions, order }: IndexWalk, others: RunFilter): string => {
    const all = [...conditions, ...runConditions(others, parameter)];
    return `select ${runColumns} from runs ${all.length > 0 ? `where ${all.join(' and ')} ` : ''}order by ${order} limit ${limit}`;
  };
  const { statuses = [], pipeline, trigger } = filter;
  if (statuses.length > 0) {
    const queries = [...new Set(statuses)].map((status) => from(newestOf('status', parameter(status), 'id', before), filter));
    return { text: mergedNewest(queries, limit), values };
  }
  if (pipeline !== undefined) return { text: from(newestOf('pipeline', parameter(pipeline), 'id', before), { ...filter, pipeline: undefined }), values };
  if (trigger !== undefined) return { text: from(newestOf("(trigger ->> 'type')", parameter(trigger), 'id', before), { ...filter, trigger: undefined }), values };
  return { text: from(newest('id', before), filter), values };
}

/** All but the statuses. */
function runConditions({ pipeline, labels, trigger, after, before: until, ids }: RunFilter, parameter: (value: unknown) => string): string[] {
  return [
    ...(pipeline !== undefined ? [`pipeline = ${parameter(pipeline)}`] : []),
    ...(labels && Object.keys(labels).length > 0 ? [`labels @> ${parameter(JSON.stringify(labels))}`] : []),
    ...(trigger !== undefined ? [`trigger ->> 'type' = ${parameter(trigger)}`] : []),
    ...(after ? [`id >= ${parameter(idAt(after, -clockSlackMs))}`, `created_at >= ${parameter(after)}`] : []),
    ...(until ? [`id < ${parameter(idAt(until, clockSlackMs))}`, `created_at < ${parameter(until)}`] : []),
    ...(ids ? [`id = any (${parameter(ids)}::uuid[])`] : []),
  ];
}

/** The process that makes an id and the database that notes the time have clocks of their own. */
const clockSlackMs = 3_600_000;

/** Least UUIDv7 of a moment (RFC 9562, 5.7: 48 bits of milliseconds in front): it turns a time into a place in the primary key. */
function idAt(time: Date, shiftMs: number): string {
  const hex = Math.max(0, time.getTime() + shiftMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}
