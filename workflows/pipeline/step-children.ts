import { CancellationScope, ParentClosePolicy, WorkflowIdReusePolicy, condition, isCancellation, startChild } from '@temporalio/workflow';
import type { TypedSearchAttributes } from '@temporalio/common';
import { limits } from '../../domain/limits';
import type { Unit } from '../../domain/pipeline/run-state';
import type { StepChild } from './contract';
import { jsonLength, unitKey } from './run';

export interface ChildStart {
  type: string;
  input: object;
  /** For the Temporal UI. */
  summary: string;
  attributes?: TypedSearchAttributes;
}

/**
 * Children that steps wait for. Each tells by signal how it ended, because the run may have continued as new since it
 * was started, and has no handle of it then.
 */
export abstract class StepChildren<Child extends StepChild, Result, End> {
  /** By unit. */
  readonly open = new Map<string, Child>();
  private readonly ended = new Map<string, End>();
  private readonly door = new Door();
  private starting = 0;

  /** @param wake asks for another look at the run: there is news of what it waits for */
  constructor(private readonly wake: () => void) {}

  /** Asks a child to end whose step is cancelled. @throws when it is there no more */
  protected abstract askToEnd(child: Child): Promise<void>;
  protected abstract endOfResult(result: Result): End;
  /** The end of a child that could not tell it: it was terminated, or could not begin. */
  protected abstract endOfFailure(error: unknown): End;

  /** How many of them survive a continue-as-new. */
  get carriable(): number {
    return this.open.size - this.starting;
  }

  /**
   * A late word of the child of an earlier generation does not count for the one that the step waits for now.
   * @param workflowId absent in messages of older versions
   */
  onEnded({ unit, workflowId }: { unit: Unit; workflowId?: string }, end: End): void {
    const key = unitKey(unit);
    const expected = this.open.get(key)?.workflowId;
    if (expected !== undefined && (workflowId ?? expected) === expected && !this.ended.has(key)) this.ended.set(key, end);
  }

  /**
   * Waits for the end of a child, started here or before a continue-as-new.
   * @returns undefined when the step was cancelled and the child is there no more
   */
  protected async follow(child: Child, start?: ChildStart): Promise<End | undefined> {
    const key = unitKey(child.unit);
    this.ended.delete(key);
    this.open.set(key, child);
    this.wake();
    try {
      if (start) await this.start(child, start);
      await condition(() => this.ended.has(key));
    } catch (error) {
      if (!isCancellation(error)) throw error;
      await CancellationScope.nonCancellable(() => this.cancel(child, key));
    } finally {
      this.open.delete(key);
    }
    return this.ended.get(key);
  }

  private async start(child: Child, { type, input, summary, attributes }: ChildStart): Promise<void> {
    this.starting++;
    try {
      const handle = await this.door.pass(jsonLength(input), () => startChild<(input: object) => Promise<Result>>(type, {
        workflowId: child.workflowId,
        args: [input],
        // A child of a workflow that may continue as new must not die with the old run of its parent.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        staticSummary: summary,
        ...(attributes && { typedSearchAttributes: attributes }),
      }));
      void handle.result().then(
        (result: Result) => this.onEnded(child, this.endOfResult(result)),
        (error: unknown) => this.onEnded(child, this.endOfFailure(error)),
      );
    } finally {
      this.starting--;
    }
  }

  private async cancel(child: Child, key: string): Promise<void> {
    const isTold = await this.askToEnd(child).then(() => true, () => false);
    if (isTold) await condition(() => this.ended.has(key));
  }
}

/** Lets as many children begin at a time as one message to the server holds: an input may weigh 1 MiB. */
class Door {
  private length = 0;

  async pass<T>(length: number, begin: () => Promise<T>): Promise<T> {
    const hasRoom = (): boolean => this.length === 0 || this.length + length <= limits.messageBytes;
    // Whoever goes on first takes the room: the others look again.
    while (!hasRoom()) await condition(hasRoom);
    this.length += length;
    try {
      return await CancellationScope.nonCancellable(begin);
    } finally {
      this.length -= length;
    }
  }
}
