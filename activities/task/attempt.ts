import type { z } from 'zod';
import { AppError, failureText, type ErrorInfo } from '../../domain/errors';
import { parseJson, type Json } from '../../domain/json';
import { limits } from '../../domain/limits';
import type { TaskInput, TaskOutcome } from '../../domain/pipeline/task-input';
import type { AttemptKey } from '../../db/live';
import { ArtifactStore } from '../../platform/artifacts';
import type { SecretMask } from '../../platform/secret-mask';
import type { ActivityDependencies } from '../dependencies';
import type { Processor, ProcessorContext } from '../processor';
import { AttemptDisplay } from './attempt-display';
import { cleanUp } from './clean-up';
import { Heartbeat } from './heartbeat';
import { maskedIndex } from './masked-index';
import type { RetryDelay } from './next-attempt';
import { patientIndex, whilePostgresIsAway } from './patience';
import { resolveWith, unresolvedTask, type UnresolvedTask } from './resolution';
import { errorInfo } from './task-failure';
import { taskLog } from './task-log';

/** An output up to this size returns to the workflow; a larger one is stored before the attempt completes. */
const maxReturnedOutput = 4 * 1024;

/** Which attempt it is, how it learns of a cancel, and what follows its failure. */
export interface AttemptCall {
  number: number;
  signal: AbortSignal;
  retryDelay: RetryDelay;
}

/** How an attempt ended. Times are RFC 3339. */
export type AttemptEnd =
  | { outcome: 'succeeded'; result: TaskOutcome }
  | { outcome: 'failed'; error: ErrorInfo; startedAt: string; finishedAt: string }
  | { outcome: 'cancelled' };

/** One attempt of one task: resolves its input, shows it, bounds, masks and classifies what comes out. */
export class Attempt {
  /** What it tells with its heartbeats. */
  readonly heartbeat = new Heartbeat();
  private readonly startedAt = new Date();
  private readonly signal: AbortSignal;
  private readonly mask: SecretMask;

  constructor(
    private readonly processor: Processor, private readonly dependencies: ActivityDependencies,
    private readonly input: TaskInput, private readonly call: AttemptCall,
  ) {
    this.signal = call.signal;
    this.mask = dependencies.secrets.mask;
  }

  /** Never throws: how it ended is the answer. */
  async run(): Promise<AttemptEnd> {
    let key: AttemptKey | undefined;
    try {
      const task = await whilePostgresIsAway(this.signal, () => unresolvedTask(this.input, this.dependencies));
      key = this.keyOf(task);
      const output = await this.process(task, key);
      return { outcome: 'succeeded', result: await this.result(output, key) };
    } catch (error) {
      return this.endOf(error, key);
    }
  }

  private keyOf({ id, run }: UnresolvedTask): AttemptKey {
    const { instance, generation } = this.input.unit;
    return { runId: run.id, task: id, instance, generation, attempt: this.call.number };
  }

  private async process(task: UnresolvedTask, key: AttemptKey): Promise<Json> {
    const { processor, dependencies } = this;
    const input = parse(processor.input, resolveWith(task), 'input_invalid', '`with`');
    const display = new AttemptDisplay(dependencies.attempts, { ...key, startedAt: this.startedAt, worker: dependencies.identity, progress: null }, this.mask, this.heartbeat);
    const artifacts = new ArtifactStore(dependencies.files, maskedIndex(patientIndex(dependencies.artifacts, this.signal), this.mask), { runId: key.runId, task: key.task, instance: key.instance < 0 ? null : key.instance });
    const context = this.contextOf(task, key, artifacts, display);
    try {
      display.begin();
      return outputOf(processor, await processor.process(context, input));
    } finally {
      await cleanUp(processor, context, input);
      display.end();
      await artifacts.close();
    }
  }

  private contextOf({ run }: UnresolvedTask, key: AttemptKey, artifacts: ArtifactStore, display: AttemptDisplay): ProcessorContext {
    const { config, connections, secrets, mailer, http, attempts } = this.dependencies;
    const instance = key.instance < 0 ? null : key.instance;
    return {
      signal: this.signal,
      logger: taskLog(key, this.mask, (line) => attempts.log(line)),
      progress: (percent, message) => display.progress(percent, message),
      idempotencyKey: [key.runId, key.task, ...(instance === null ? [] : [instance])].join('/'),
      run,
      task: { id: key.task, instance, attempt: key.attempt, generation: key.generation },
      artifacts, connections, secrets, mailer, http, config,
    };
  }

  /** Results travel through the workflow only while they are small and the run is. */
  private async result(output: Json, key: AttemptKey): Promise<TaskOutcome> {
    const masked = this.mask.json(output);
    const bytes = Buffer.byteLength(JSON.stringify(masked));
    if (bytes > limits.outputBytes) {
      throw new AppError('output_too_large', `The output is ${bytes} bytes; 64 KiB is the limit. Use \`save\` to keep it as an artifact`);
    }
    const times = { attempt: key.attempt, startedAt: this.startedAt.toISOString(), finishedAt: new Date().toISOString() };
    if (masked === null) return times;
    if (this.input.inline && bytes <= maxReturnedOutput) return { output: masked, ...times };
    await whilePostgresIsAway(this.signal, () => this.dependencies.attempts.store({ ...key, output: masked }));
    return { stored: true, ...times };
  }

  /** A cancel stays a cancel; everything else is a failure with its code. */
  private endOf(error: unknown, key: AttemptKey | undefined): AttemptEnd {
    if (this.signal.aborted && !(error instanceof AppError)) return { outcome: 'cancelled' };
    const { startedAt, dependencies: { attempts, identity } } = this;
    const finishedAt = new Date();
    const info = errorInfo(error, this.mask);
    const delayMs = this.call.retryDelay(info);
    const retryAt = delayMs === null ? null : new Date(finishedAt.getTime() + delayMs);
    if (key) attempts.fail({ ...key, startedAt, finishedAt, worker: identity, error: info, retryAt });
    return { outcome: 'failed', error: info, startedAt: startedAt.toISOString(), finishedAt: finishedAt.toISOString() };
  }
}

/**
 * What JSON cannot say (undefined, NaN, dates) is settled here, once.
 * @throws AppError `output_invalid`
 */
function outputOf(processor: Processor, given: unknown): Json {
  try {
    const output = parse(processor.output, given, 'output_invalid', 'The output');
    return output === undefined ? null : parseJson(JSON.stringify(output));
  } catch (error) {
    if (error instanceof AppError) throw error;
    // A circle, a BigInt, a function, what is nested too deeply: it would be the same another time.
    throw new AppError('output_invalid', `The output is not JSON: ${failureText(error)}`, { cause: error });
  }
}

/** @throws AppError with everything that is wrong and its place */
function parse<T extends z.ZodType>(schema: T, value: unknown, code: 'input_invalid' | 'output_invalid', what: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.length > 0 ? `/${path.join('/')}` : 'it'}: ${message}`);
  throw new AppError(code, `${what} is not right: ${faults.join('; ')}`, { details: { faults } });
}
