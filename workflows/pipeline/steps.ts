import { getExternalWorkflowHandle, rootCause, sleep, workflowInfo } from '@temporalio/workflow';
import type { ErrorInfo } from '../../domain/errors';
import { formatDuration, longestDurationMs, parseDuration } from '../../domain/duration';
import type { Json, JsonObject } from '../../domain/json';
import type { Unit } from '../../domain/pipeline/run-state';
import type { UnitEnd } from '../task/unit-end';
import { pipelineRunType, type EndOfRun, type PipelineRunInput, type PipelineRunResult, type StepChild } from './contract';
import type { Run } from './run';
import { StepChildren, type ChildStart } from './step-children';

/** A child of a child of a child … ends somewhere: a pipeline that runs itself would not. */
const maxDepth = 16;

const failed = (code: string, message: string): UnitEnd => ({ outcome: 'failed', error: { code, message, retryable: false } });

/** Time at which a `core.wait` ends, in milliseconds since the epoch, or why it never does. */
export function waitEnd(input: JsonObject, nowMs: number): number | ErrorInfo {
  const { duration, until } = input;
  const parsed = typeof duration === 'string' ? parseDuration(duration) : null;
  // Temporal refuses a timer of ages, again and again: the run could not even be cancelled.
  if (parsed !== null && parsed > longestDurationMs) return { code: 'input_invalid', message: `core.wait waits for at most ${formatDuration(longestDurationMs)}`, retryable: false };
  const at = parsed === null ? Date.parse(typeof until === 'string' ? until : '') : nowMs + parsed;
  return Number.isFinite(at) ? at
    : { code: 'input_invalid', message: 'core.wait needs a `duration` like 5m, or an RFC 3339 time `until`', retryable: false };
}

/** `core.wait`: a durable timer. */
export async function waitUntil(untilMs: number, taskId: string): Promise<UnitEnd> {
  const left = untilMs - Date.now();
  if (left > 0) await sleep(left, { summary: `${taskId} · core.wait` });
  return { outcome: 'succeeded', output: { until: new Date(untilMs).toISOString() } };
}

/** `pipeline.run`: other runs as steps. */
export class ChildRuns extends StepChildren<StepChild, PipelineRunResult, EndOfRun> {
  constructor(private readonly run: Run, wake: () => void) {
    super(wake);
  }

  /** Starts a child run and waits for its end; a cancel of the step cancels the child. */
  async runChild(unit: Unit, generation: number, taskId: string, input: JsonObject): Promise<UnitEnd> {
    const { context, parent } = this.run;
    const { pipeline, version, inputs } = input;
    if (typeof pipeline !== 'string') return failed('input_invalid', 'pipeline.run needs the name of a `pipeline`');
    const depth = (parent?.depth ?? 0) + 1;
    if (depth > maxDepth) return failed('child_run_failed', `Runs are nested ${maxDepth} deep; a pipeline that runs itself never ends`);
    const instance = unit.instance < 0 ? '' : `.${unit.instance}`;
    const workflowId = `run/${pipeline}/${context.id}.${taskId}${instance}.${generation}`;
    const child: PipelineRunInput = {
      pipeline,
      ...(typeof version === 'number' && { version }),
      ...(isObject(inputs) && { inputs }),
      parent: { runId: context.id, workflowId: workflowInfo().workflowId, task: taskId, unit, depth },
    };
    return this.endOf({ unit, workflowId }, { type: pipelineRunType, input: child, summary: `${pipeline} for ${taskId}` });
  }

  /** Goes on waiting for a child of before a continue-as-new. */
  resume(child: StepChild): Promise<UnitEnd> {
    return this.endOf(child);
  }

  private async endOf(child: StepChild, start?: ChildStart): Promise<UnitEnd> {
    const end = await this.follow(child, start);
    switch (end?.status) {
      case 'succeeded': return { outcome: 'succeeded', output: end.outputs };
      case 'cancelled':
      case undefined: return { outcome: 'cancelled' };
      case 'failed':
      case 'timed_out': return failed('child_run_failed', `The child run ${end.status === 'failed' ? 'failed' : 'timed out'}: ${end.error?.message ?? 'it ended without a word'}`);
    }
  }

  protected override async askToEnd({ workflowId }: StepChild): Promise<void> {
    await getExternalWorkflowHandle(workflowId).cancel();
  }

  protected override endOfResult({ status, outputs }: PipelineRunResult): EndOfRun {
    return { status, outputs, error: null };
  }

  protected override endOfFailure(error: unknown): EndOfRun {
    return { status: 'failed', outputs: null, error: { code: 'child_run_failed', message: rootCause(error) ?? String(error), retryable: false } };
  }
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
