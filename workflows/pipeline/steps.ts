import {
  CancellationScope,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { ErrorInfo } from '../../domain/errors';
import { parseDuration } from '../../domain/duration';
import type { Json, JsonObject } from '../../domain/json';
import type { Unit } from '../../domain/pipeline/run-state';
import type { UnitEnd } from '../task/unit-end';
import { pipelineRunType, type ChildEnded, type PipelineRunInput } from './contract';
import { unitKey, type Run } from './run';

/** A child of a child of a child … ends somewhere: a pipeline that runs itself would not. */
const maxDepth = 16;

const failed = (code: string, message: string): UnitEnd => ({ outcome: 'failed', error: { code, message, retryable: false } });

/** Time at which a `core.wait` ends, in milliseconds since the epoch, or why it never does. */
export function waitEnd(input: JsonObject, nowMs: number): number | ErrorInfo {
  const { duration, until } = input;
  const parsed = typeof duration === 'string' ? parseDuration(duration) : null;
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

/** `pipeline.run`: other runs as steps. A child tells by signal how it ended, because this run may have continued as new. */
export class ChildRuns {
  private readonly ended = new Map<string, ChildEnded>();
  readonly open = new Map<string, { unit: Unit; workflowId: string }>();

  constructor(private readonly run: Run) {}

  /** A late word of the child of an earlier generation does not count for the one that the step waits for now. */
  onEnded(message: ChildEnded): void {
    const key = unitKey(message.unit);
    const expected = this.open.get(key)?.workflowId;
    if (message.workflowId !== undefined && message.workflowId !== expected) return;
    this.ended.set(key, message);
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
    return this.follow(unit, workflowId, child);
  }

  /** Waits for the end of a child, started here or before a continue-as-new. */
  async follow(unit: Unit, workflowId: string, start?: PipelineRunInput): Promise<UnitEnd> {
    const key = unitKey(unit);
    this.ended.delete(key);
    this.open.set(key, { unit, workflowId });
    try {
      if (start) await this.start(unit, workflowId, start);
      await condition(() => this.ended.has(key));
    } catch (error) {
      if (!isCancellation(error)) throw error;
      await CancellationScope.nonCancellable(() => this.cancelChild(key, workflowId));
    } finally {
      this.open.delete(key);
    }
    return endOfChild(this.ended.get(key));
  }

  private async start(unit: Unit, workflowId: string, input: PipelineRunInput): Promise<void> {
    const handle = await CancellationScope.nonCancellable(() => startChild(pipelineRunType, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      staticSummary: `${input.pipeline} for ${input.parent?.task}`,
    }));
    // A child that was terminated, or could not begin, sends no signal.
    void handle.result().then(
      () => undefined,
      (error: unknown) => {
        const reason = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
        if (!this.ended.has(unitKey(unit))) {
          this.onEnded({ unit, workflowId, status: 'failed', outputs: null, error: { code: 'child_run_failed', message: reason, retryable: false } });
        }
      },
    );
  }

  private async cancelChild(key: string, workflowId: string): Promise<void> {
    await getExternalWorkflowHandle(workflowId).cancel().catch(() => undefined);
    await condition(() => this.ended.has(key));
  }
}

function endOfChild(end: ChildEnded | undefined): UnitEnd {
  switch (end?.status) {
    case 'succeeded': return { outcome: 'succeeded', output: end.outputs };
    case 'cancelled': return { outcome: 'cancelled' };
    default: {
      const why = end?.error?.message ?? 'it ended without a word';
      return failed('child_run_failed', `The child run ${end?.status === 'timed_out' ? 'timed out' : 'failed'}: ${why}`);
    }
  }
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
