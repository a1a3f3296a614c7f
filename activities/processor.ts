import type { z } from 'zod';
import type { RunContext } from '../domain/pipeline/run';
import type { ArtifactStore } from '../platform/artifacts';
import type { Connections } from '../platform/connections';
import type { Config } from '../platform/config';
import type { Mailer } from '../platform/mail';
import type { HttpClient } from '../platform/http';
import type { Secrets } from '../platform/secrets';

/** A log line of a task: bound to run, task, instance and attempt by whoever made the logger. */
export interface TaskLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** What a processor is given, beside its checked input. */
export interface ProcessorContext {
  /** Aborted on cancel, on time-out and when the worker drains. A processor stops its work then and throws `signal.reason`. */
  signal: AbortSignal;
  logger: TaskLogger;
  /** Shows progress: percent from 0 to 100, and an optional word of what is going on. Cheap to call often. */
  progress(percent: number, message?: string): void;
  /** `<run>/<task>/<instance>`: stable over attempts and generations. */
  idempotencyKey: string;
  run: RunContext;
  task: { id: string; instance: number | null; attempt: number; generation: number };
  /** Artifacts of this task: saving the same name again replaces it. */
  artifacts: ArtifactStore;
  connections: Connections;
  /** For a secret that a field of `with` names. What an expression reads is in the input already. */
  secrets: Pick<Secrets, 'value'>;
  mailer: Mailer;
  http: HttpClient;
  config: Config;
}

interface Described<I extends z.ZodType, O extends z.ZodType> {
  name: string;
  title: string;
  description?: string;
  version: string;
  input: I;
  output: O;
  /** Properties of `with` that hold a program text and refuse `${{`. */
  literal?: string[];
}

/** A processor that runs as an activity; `quick` ones run as local activities (idempotent, well under a second). */
export interface Processor<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> extends Described<I, O> {
  quick?: boolean;
  process(context: ProcessorContext, input: z.output<I>): Promise<z.input<O>>;
  /** Removes what an attempt has left elsewhere, however it ended. It has ten seconds, and `context.signal` is one for these. */
  cleanup?(context: ProcessorContext, input: z.output<I>): Promise<void>;
}

/** A step that the run's workflow carries out itself: only its shapes are here. */
export interface WorkflowStep<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> extends Described<I, O> {
  inWorkflow: true;
}

/** Keeps the types of the schemas for `process`. */
export function defineProcessor<I extends z.ZodType, O extends z.ZodType>(processor: Processor<I, O>): Processor<I, O> {
  return processor;
}

export function defineWorkflowStep<I extends z.ZodType, O extends z.ZodType>(step: Omit<WorkflowStep<I, O>, 'inWorkflow'>): WorkflowStep<I, O> {
  return { ...step, inWorkflow: true };
}

/** The processors that can be called, by name. */
export type CallableProcessors = ReadonlyMap<string, Processor>;
