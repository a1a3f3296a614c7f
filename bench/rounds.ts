import { performance } from 'node:perf_hooks';

export interface Rounds {
  count: number;
  /** Whether each side does a round beforehand that does not count. */
  warmUp: boolean;
  /** Of `performance.now()`: no round begins later, but each side is measured at least once. */
  deadlineMs: number;
  stopped: AbortSignal;
}

/** One round of one side: does the work and returns its figure. */
export type Round = () => Promise<number>;

/**
 * Both sides in turn, the other one first in every second round, so that whatever slows the machine down for a while
 * meets both.
 * @throws the reason of `stopped` when that is aborted between two rounds
 */
export async function takeTurns(rounds: Rounds, product: Round, plain: Round): Promise<{ product: number[]; plain: number[] }> {
  const figures = { product: [] as number[], plain: [] as number[] };
  const sides: [Round, number[]][] = [[product, figures.product], [plain, figures.plain]];
  if (rounds.warmUp) for (const [side] of sides) await side();
  for (let round = 0; mayBegin(rounds, round); round += 1) {
    for (const [side, values] of round % 2 === 0 ? sides : sides.toReversed()) values.push(await side());
  }
  return figures;
}

/** The same with one side only, whatever a round of it tells. */
export async function repeat<T>(rounds: Rounds, side: () => Promise<T>): Promise<T[]> {
  const told: T[] = [];
  if (rounds.warmUp) await side();
  for (let round = 0; mayBegin(rounds, round); round += 1) told.push(await side());
  return told;
}

function mayBegin({ count, deadlineMs, stopped }: Rounds, round: number): boolean {
  stopped.throwIfAborted();
  return round < count && (round === 0 || performance.now() < deadlineMs);
}

/** Milliseconds that the work takes. */
export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Does the work `count` times, `width` of them at a time. @returns how many a second */
export async function rateOf(count: number, width: number, work: () => Promise<unknown>): Promise<number> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  const ms = await timeMs(() => Promise.all(Array.from({ length: Math.min(width, count) }, lane)));
  return (count * 1_000) / ms;
}
