import type { Json, JsonObject } from '../json';

/** Of a run whose pipeline and request name none. */
export const defaultPriority = 3;

/**
 * A plan is a definition in its normalised form: checked, durations in milliseconds, needs as indices.
 * It is immutable, identified by the hash of its canonical JSON, and it is what a run executes.
 * Fields that have their default are left out, so that a plan stays small in workflow history.
 */
export interface Plan {
  language: 1;
  name: string;
  description?: string;
  labels?: Record<string, string>;
  inputs?: Record<string, InputSpec>;
  triggers?: Trigger[];
  concurrency?: { key: string; limit: number; whenFull: 'queue' | 'reject' };
  /** 1 (first) to 5; `defaultPriority` when left out. */
  priority?: number;
  timeoutMs: number;
  failFast?: true;
  cleanupTimeoutMs: number;
  defaults: { timeoutMs: number; retry: RetryPolicy; queue?: string };
  tasks: PlanTask[];
  /** Templates by output name. */
  outputs?: Record<string, Json>;
}

export interface RetryPolicy {
  maxAttempts: number;
  initialIntervalMs: number;
  backoff: number;
  maxIntervalMs: number;
  nonRetryable?: string[];
}

/**
 * Where one unit of a task runs:
 * - `activity`: a full Temporal activity;
 * - `quick`: a local activity (an idempotent processor, well under a second);
 * - `workflow`: a step of the run's own workflow (`core.set`, `core.wait`, `pipeline.run`, `approval`, `temporal.activity`), never on an activity slot of ours.
 */
export type ExecutionMode = 'activity' | 'quick' | 'workflow';

export interface PlanTask {
  id: string;
  uses: string;
  mode: ExecutionMode;
  /** The processor's input as a template: strings may hold `${{ … }}`. */
  with?: JsonObject;
  /** Indices into `Plan.tasks`, ascending, without repetition. */
  needs?: number[];
  /** One CEL expression, without `${{ }}`. Absent means `success()`. */
  if?: string;
  forEach?: ForEach;
  /** Only where it differs from `Plan.defaults`; complete when present. */
  retry?: RetryPolicy;
  timeoutMs?: number;
  totalTimeoutMs?: number;
  continueOnError?: true;
  queue?: string;
  priority?: number;
  fairnessKey?: string;
  /** Indices of the tasks whose output, status or error its `with`, `if` or `forEach.in` reads. */
  reads?: number[];
}

export interface ForEach {
  /** A template that gives a list. */
  in: Json;
  as: string;
  maxParallel?: number;
  continueOnError?: true;
}

export type InputType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';

export interface InputSpec {
  type: InputType;
  required?: boolean;
  default?: Json;
  enum?: Json[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  items?: { type: InputType };
  description?: string;
}

export type Trigger =
  | { kind: 'schedule'; name: string; cron: string; timezone: string; overlap: string; catchupMs?: number; inputs?: JsonObject }
  | { kind: 'webhook'; name: string; secret?: string; filter?: string; inputs?: JsonObject }
  | { kind: 'run'; name: string; pipeline: string; statuses: string[]; inputs?: JsonObject };
