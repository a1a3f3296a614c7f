import { parseDuration } from '../../duration';
import type { CatalogueEntry } from '../catalogue';
import { bareCondition } from '../expressions';
import { defaultPriority, type ForEach, type InputSpec, type Plan, type PlanTask, type RetryPolicy } from '../plan';
import { isJson, isJsonObject } from './json-value';
import type { Head, Retry, Task } from './schema';

const minute = 60_000;
const defaultRetry: RetryPolicy = { maxAttempts: 3, initialIntervalMs: 1_000, backoff: 2, maxIntervalMs: minute };

/** Removes the fields that hold nothing: a plan travels in workflow history. */
function compact<T extends object>(fields: T): T {
  for (const key of Object.keys(fields)) if (Reflect.get(fields, key) === undefined) Reflect.deleteProperty(fields, key);
  return fields;
}

/** Milliseconds of a duration that the schema has accepted. */
const msOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : (parseDuration(text) ?? undefined));

/** The inputs as a plan has them. */
export function inputSpecs(inputs: Partial<Head>['inputs']): Record<string, InputSpec> {
  return Object.fromEntries(Object.entries(inputs ?? {}).map(([name, { default: value, enum: allowed, ...rest }]) => [name, inputSpec(value, allowed, rest)]));
}

function inputSpec(value: unknown, allowed: unknown[] | undefined, rest: Omit<InputSpec, 'default' | 'enum'>): InputSpec {
  return compact<InputSpec>({
    ...rest,
    required: rest.required === true ? true : undefined,
    default: isJson(value) ? value : undefined,
    enum: allowed?.filter(isJson),
  });
}

/** The fields of a plan beside its tasks and triggers. */
export function planHead(head: Partial<Head>, inputs: Record<string, InputSpec>): Omit<Plan, 'tasks' | 'triggers'> {
  const { concurrency, defaults, labels, outputs } = head;
  return compact({
    language: 1 as const,
    name: head.name ?? '',
    description: head.description,
    labels: labels && Object.keys(labels).length > 0 ? labels : undefined,
    inputs: Object.keys(inputs).length > 0 ? inputs : undefined,
    concurrency: concurrency && { key: concurrency.key ?? '', limit: concurrency.limit, whenFull: concurrency.whenFull ?? ('queue' as const) },
    priority: head.priority === defaultPriority ? undefined : head.priority,
    timeoutMs: runTimeoutMs(head),
    failFast: head.failFast === true ? (true as const) : undefined,
    cleanupTimeoutMs: msOf(head.cleanupTimeout) ?? 10 * minute,
    defaults: compact({ timeoutMs: msOf(defaults?.timeout) ?? 5 * minute, retry: retryPolicy(defaults?.retry, defaultRetry), queue: defaults?.queue }),
    outputs: isJsonObject(outputs) && Object.keys(outputs).length > 0 ? outputs : undefined,
  });
}

export const runTimeoutMs = (head: Partial<Head>): number => msOf(head.timeout) ?? 7 * 24 * 60 * minute;

/** What is not said comes from `base`; its longest wait gives way to a longer first one. */
export function retryPolicy(retry: Retry | undefined, base: RetryPolicy): RetryPolicy {
  if (!retry) return base;
  const initialIntervalMs = msOf(retry.initialInterval) ?? base.initialIntervalMs;
  return compact({
    maxAttempts: retry.maxAttempts ?? base.maxAttempts,
    initialIntervalMs,
    backoff: retry.backoff ?? base.backoff,
    maxIntervalMs: msOf(retry.maxInterval) ?? Math.max(base.maxIntervalMs, initialIntervalMs),
    nonRetryable: retry.nonRetryable ?? base.nonRetryable,
  });
}

/** One task as a plan has it. The task has passed every check. */
export function planTask(task: Partial<Task>, entry: CatalogueEntry, needs: number[], reads: number[], defaults: Plan['defaults']): PlanTask {
  const input = isJsonObject(task.with) && Object.keys(task.with).length > 0 ? task.with : undefined;
  const retry = retryPolicy(task.retry, defaults.retry);
  const timeoutMs = msOf(task.timeout);
  const condition = task.if === undefined ? undefined : bareCondition(String(task.if));
  return compact<PlanTask>({
    id: task.id ?? '',
    uses: entry.name,
    mode: entry.mode,
    with: input,
    needs: needs.length > 0 ? needs : undefined,
    if: condition === 'success()' ? undefined : condition,
    forEach: task.forEach && forEachPlan(task.forEach),
    retry: same(retry, defaults.retry) ? undefined : retry,
    timeoutMs: timeoutMs === defaults.timeoutMs ? undefined : timeoutMs,
    totalTimeoutMs: msOf(task.totalTimeout),
    continueOnError: task.continueOnError === true ? true : undefined,
    queue: task.queue === defaults.queue ? undefined : task.queue,
    priority: task.priority,
    fairnessKey: task.fairnessKey,
    reads: reads.length > 0 ? reads : undefined,
  });
}

function forEachPlan({ in: items, as, maxParallel, continueOnError }: NonNullable<Task['forEach']>): ForEach {
  return compact<ForEach>({
    in: typeof items === 'string' ? oneExpression(items) : items.filter(isJson),
    as,
    maxParallel,
    continueOnError: continueOnError === true ? true : undefined,
  });
}

/** A bare expression means the same as one in `${{ }}`; as a template it needs them. */
const oneExpression = (text: string): string => `\${{ ${bareCondition(text)} }}`;

function same(a: RetryPolicy, b: RetryPolicy): boolean {
  return a === b || JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}
