import { z } from 'zod';
import type { Json } from '../../domain/json';
import { runStatuses, taskStatuses } from '../../domain/pipeline/status';
import { logLevels } from '../../db/run-stream-queries';
import { pageOf, pageQuery } from '../pages';
import { largestInteger } from '../validation';

export const runParams = z.object({ id: z.uuid() });
export const taskId = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);
export const taskParams = z.object({ id: z.uuid(), task: taskId });

const triggerTypes = ['api', 'cli', 'schedule', 'webhook', 'run', 'parent', 'temporal', 'rerun'] as const;
/** What comes out of a JSON parser is JSON: there is nothing left to check. */
export const json = z.unknown().pipe(z.custom<Json>()).describe('any JSON');
export const jsonObject = z.record(z.string(), json);
const time = z.iso.datetime({ offset: true });

const labelsSchema = z.record(z.string().regex(/^[A-Za-z0-9][\w./-]{0,62}$/, 'is not a label name'), z.string().max(255));

export const newRunSchema = z.strictObject({
  inputs: jsonObject.default({}),
  version: z.number().int().min(1).max(largestInteger).optional().describe('the newest, if it is not given'),
  priority: z.number().int().min(1).max(5).optional().describe('1 goes first'),
  labels: labelsSchema.default({}).describe('beside those of the pipeline'),
  dryRun: z.boolean().default(false).describe('check everything and start nothing'),
}).meta({ id: 'NewRun' });

const errorSchema = z.object({ code: z.string(), message: z.string(), retryable: z.boolean(), details: json.optional() }).meta({ id: 'ErrorInfo' });
/** Not `.nullable()`, which would keep the name: every error of the description could be null then. */
const errorOrNull = z.union([errorSchema, z.null()]);
const count = z.number().int();

export const runSchema = z.object({
  id: z.string(),
  pipeline: z.string(),
  version: z.number().int(),
  status: z.enum(runStatuses),
  inputs: jsonObject,
  outputs: jsonObject.nullable(),
  labels: z.record(z.string(), z.string()),
  priority: z.number().int(),
  trigger: z.object({ type: z.enum(triggerTypes), name: z.string().optional() }),
  requestedBy: z.string(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  progress: z.object({
    total: count, succeeded: count, failed: count, skipped: count, cancelled: count, running: count, waiting: count, queued: count, pending: count,
  }),
  error: errorOrNull,
  warnings: z.array(z.string()),
  rerunOf: z.string().nullable(),
  parentRun: z.string().nullable(),
  workflowId: z.string(),
  links: z.object({ temporal: z.string().nullable(), console: z.string().nullable() }),
}).meta({ id: 'Run' });
export const runPageSchema = pageOf(runSchema, 'Run');

/** A query parameter that may be repeated, or hold a list with commas. */
const listParameter = <S extends z.ZodType>(item: S) => z.preprocess(
  (value) => (value === undefined ? undefined : [value].flat().flatMap((part) => (typeof part === 'string' ? part.split(',') : [part]))),
  z.array(item).max(50).optional(),
);

export const statusesParameter = <T extends readonly [string, ...string[]]>(statuses: T) => listParameter(z.enum(statuses));

const labelPair = z.string().regex(/^[^:=]+[:=].*$/s, 'must be name:value or name=value');
export const listQuery = pageQuery().extend({
  pipeline: z.string().max(63).optional(),
  status: statusesParameter(runStatuses).describe('one or several, with commas or repeated'),
  label: listParameter(labelPair).describe('`name:value`; all of them must be on the run'),
  trigger: z.enum(triggerTypes).optional(),
  after: time.optional().describe('made at this time or later'),
  before: time.optional().describe('made before this time'),
});

const runFilterSchema = z.strictObject({
  ids: z.array(z.uuid()).max(1_000).optional(),
  pipeline: z.string().max(63).optional(),
  status: z.array(z.enum(runStatuses)).max(8).optional().describe('only open runs are looked at, whatever it says'),
  labels: labelsSchema.optional(),
  trigger: z.enum(triggerTypes).optional(),
  after: time.optional(),
  before: time.optional(),
}).refine((filter) => Object.keys(filter).length > 0, 'must name something: an empty filter would be every run').meta({ id: 'RunFilter' });

export const cancelSchema = z.strictObject({
  reason: z.string().max(1_000).optional(),
  force: z.boolean().default(false).describe('skips the tasks with `always()` too'),
}).meta({ id: 'CancelRun' });

export const bulkSchema = z.strictObject({
  action: z.enum(['cancel', 'pause', 'resume']),
  filter: runFilterSchema,
  reason: z.string().max(1_000).optional(),
  force: z.boolean().default(false),
  dryRun: z.boolean().default(false).describe('only tell which runs it would be'),
}).meta({ id: 'RunActions' });

export const bulkResultSchema = z.object({
  dryRun: z.boolean(),
  matched: z.number().int(),
  truncated: z.boolean().describe('there are more: ask again'),
  results: z.array(z.object({
    id: z.string(),
    outcome: z.enum(['would', 'done', 'unconfirmed', 'refused']),
    status: z.string(),
    detail: z.string().nullable(),
  })),
}).meta({ id: 'RunActionsResult' });

export const taskSchema = z.object({
  id: z.string(),
  instance: z.number().int().nullable().describe('item number of a `forEach` instance'),
  uses: z.string(),
  status: z.enum(taskStatuses),
  attempt: z.number().int(),
  generation: z.number().int().describe('rises with every retry by hand'),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  needs: z.array(z.string()),
  output: json,
  error: errorOrNull.describe('why it failed; of a task that waits for its next attempt, why the last one did'),
  progress: z.object({ percent: z.number(), message: z.string().optional() }).nullable(),
  waitingFor: z.string().nullable().describe('what it waits for: `retry` until its next attempt, how its request stands of an approval, else the processor'),
  nextAttemptAt: z.string().nullable().describe('when its next attempt begins, while it waits for that'),
  reusedFrom: z.string().nullable().describe('the run that gave the result, if that is an earlier one'),
}).meta({ id: 'Task' });
export const taskPageSchema = pageOf(taskSchema, 'Task');
export const taskListQuery = pageQuery().extend({ status: statusesParameter(taskStatuses).describe('one or several') });

const attemptSchema = z.object({
  instance: z.number().int().nullable(),
  generation: z.number().int(),
  attempt: z.number().int(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  worker: z.string().nullable(),
  error: errorOrNull,
}).meta({ id: 'Attempt' });
export const taskDetailSchema = taskSchema.extend({
  attempts: z.array(attemptSchema).describe('attempts that did not become the result, the newest first'),
  instances: taskPageSchema.describe('of a `forEach`, in the order of its items'),
}).meta({ id: 'TaskDetail' });

export const graphSchema = z.object({
  nodes: z.array(z.object({ id: z.string(), uses: z.string(), status: z.enum(taskStatuses), forEach: z.boolean() })),
  edges: z.array(z.object({ from: z.string(), to: z.string() })),
}).meta({ id: 'RunGraph' });

export const logLineSchema = z.object({
  id: z.number().int().describe('what `after` takes'),
  at: z.string(),
  level: z.enum(logLevels),
  task: z.string(),
  instance: z.number().int().nullable().describe('item number of a `forEach` instance'),
  generation: z.number().int(),
  attempt: z.number().int(),
  message: z.string(),
  fields: jsonObject.optional(),
}).meta({ id: 'LogLine', description: 'one line of the log: one line of the answer' });

export const streamedEventSchema = z.object({
  id: z.string().optional().describe('number of what is durable: what `Last-Event-ID` takes'),
  event: z.string(),
  data: z.string().describe('JSON: `{seq, type, at, data}` of an event, a task of a `task` message'),
}).meta({ id: 'StreamedEvent', description: 'one message of the stream' });

export const logsQuery = z.strictObject({
  task: taskId.optional(),
  instance: z.coerce.number().int().min(0).max(largestInteger).optional(),
  attempt: z.coerce.number().int().min(0).max(largestInteger).optional(),
  level: z.enum(logLevels).optional().describe('the least severe level'),
  after: z.coerce.number().int().min(0).default(0).describe('`id` of the last line that was read'),
  follow: z.enum(['true', 'false']).default('false').describe('stay until the run is final'),
  format: z.enum(['json', 'text']).optional().describe('instead of Accept'),
});
