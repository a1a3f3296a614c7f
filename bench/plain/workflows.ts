import { allHandlersFinished, condition, defineUpdate, executeChild, ParentClosePolicy, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type * as activities from './activities';

const full = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });
const local = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '10 seconds' });

/** The sizes that were measured to be best (docs/performance.md). */
const batchTasks = 500;
const batchWindow = 50;
const batchesAtOnce = 10;

/** An activity, or a local one. */
export type StepKind = 'full' | 'quick';

const stepOf = (kind: StepKind): typeof full.step => (kind === 'full' ? full : local).step;

/** Calls `work` for each number below `count`, at most `width` at a time. */
async function inLanes(count: number, width: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}

/** So many activities in sequence, as one writes them by hand. */
export async function plainSequence(kind: StepKind, tasks: number): Promise<void> {
  const step = stepOf(kind);
  for (let done = 0; done < tasks; done += 1) await step();
}

/** A batch of independent activities. */
export async function plainBatch(kind: StepKind, tasks: number): Promise<void> {
  const step = stepOf(kind);
  await inLanes(tasks, batchWindow, () => step());
}

/** So many activities that one more waits for, in one workflow. */
export async function plainFanOut(kind: StepKind, tasks: number): Promise<void> {
  await plainBatch(kind, tasks);
  await stepOf(kind)();
}

/** Many independent activities, through children that each take a batch of them. */
export async function plainWide(kind: StepKind, tasks: number): Promise<void> {
  await inLanes(Math.ceil(tasks / batchTasks), batchesAtOnce, (batch) =>
    executeChild(plainBatch, {
      args: [kind, Math.min(batchTasks, tasks - batch * batchTasks)],
      parentClosePolicy: ParentClosePolicy.TERMINATE,
    }));
}

export const plainDecide = defineUpdate<string, [string]>('decide');

/** A request for a decision: it waits until its deadline for the update that decides it, which is written down before it counts. */
export async function plainDecision(deadlineMs: number): Promise<string> {
  let decision: string | undefined;
  setHandler(plainDecide, async (given) => {
    await local.step();
    return (decision ??= given);
  });
  await condition(() => decision !== undefined, deadlineMs);
  await condition(allHandlersFinished);
  return decision ?? 'expired';
}
