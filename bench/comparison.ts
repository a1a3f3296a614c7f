import type { StepKind } from './plain/workflows';

/** One of the two that are compared. Each call takes the time from the trigger to the end as the caller sees it. */
export interface Side {
  /** Three full tasks, one after the other. */
  sequence(timeoutMs: number): Promise<void>;
  /** Independent tasks that do nothing. */
  fanOut(kind: StepKind, tasks: number, timeoutMs: number): Promise<void>;
}

/** What is compared: `limit` is the ratio of medians that the product promises not to exceed. */
export interface Comparison {
  name: string;
  rounds: number;
  limit: number;
  /** Tasks of one round, for the speed. */
  tasks: number;
  run(side: Side): Promise<void>;
}

export interface ComparisonResult {
  name: string;
  tasks: number;
  /** Milliseconds, in the order of the rounds. */
  productMs: number[];
  plainMs: number[];
  productMedianMs: number;
  plainMedianMs: number;
  ratio: number;
  limit: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = NaN, high = low] = sorted.length % 2 === 1 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}

async function timeMs(work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/**
 * Runs both sides in turn on the same server, the other one first in every second round, so that whatever slows the
 * machine down for a while meets both. A first round of each warms up and does not count.
 * @param deadlineMs of `performance.now()`; no round begins after it, but each side is measured at least once
 */
export async function compare(comparison: Comparison, product: Side, plain: Side, deadlineMs: number): Promise<ComparisonResult> {
  const productMs: number[] = [];
  const plainMs: number[] = [];
  const sides: [Side, number[]][] = [[product, productMs], [plain, plainMs]];
  for (const [side] of sides) await comparison.run(side);
  for (let round = 0; round < comparison.rounds && (round === 0 || performance.now() < deadlineMs); round++) {
    for (const [side, times] of round % 2 === 0 ? sides : sides.toReversed()) times.push(await timeMs(() => comparison.run(side)));
  }
  const [productMedianMs, plainMedianMs] = [median(productMs), median(plainMs)];
  const { name, tasks, limit } = comparison;
  return { name, tasks, productMs, plainMs, productMedianMs, plainMedianMs, ratio: productMedianMs / plainMedianMs, limit };
}
