import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { packageRoot } from '../platform/package-root';
import type { Sizes } from './bench';
import type { Comparison } from './comparison';
import { comparisons } from './comparisons';

export interface Options {
  sizes: Sizes;
  chosen: readonly Comparison[];
  /** For each comparison: no round of it begins later. */
  minutes: number;
  /** Where every round is written. */
  out: string;
}

const usualSizes: Sizes = {
  rounds: 3, tasks: [10_000, 100_000], fanOut: 1_000, runs: 300, starts: 500, storedRuns: 10_000, approvals: [100, 1_000], readSeconds: 10, settleSeconds: 20,
};
/** Enough to see that each part works; the figures mean nothing. */
const quickSizes: Sizes = {
  rounds: 1, tasks: [1_000], fanOut: 100, runs: 20, starts: 20, storedRuns: 1_000, approvals: [10], readSeconds: 1, settleSeconds: 2,
};

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 on');
  return value;
}

function known(text: string): readonly Comparison[] {
  const keys = text.split(',');
  const unknown = keys.filter((key) => !comparisons.some((comparison) => comparison.key === key));
  if (unknown.length > 0) throw new InvalidArgumentError(`there is no ${unknown.join(', ')}; there are ${comparisons.map(({ key }) => key).join(', ')}`);
  return comparisons.filter(({ key }) => keys.includes(key));
}

/** Reads the command line; ends the process with a message when it is wrong. */
export function readOptions(args: readonly string[]): Options {
  const command = new Command('bench')
    .description('Measures the product, beside the same work hand-coded on Temporal, in turn on one server')
    .option('--only <names>', `some of ${comparisons.map(({ key }) => key).join(',')}`, known)
    .option('--rounds <count>', `rounds of what takes seconds; what takes moments has more (default: ${usualSizes.rounds})`, whole)
    .option('--tasks <counts>', `tasks of the large runs (default: ${usualSizes.tasks.join(',')})`, (text) => text.split(',').map(whole))
    .option('--quick', 'small sizes, to see that it works; the figures mean nothing', false)
    .option('--minutes <count>', 'for each part: no round of it begins later', whole, 10)
    .option('--out <file>', 'where every round is written as JSON', join(packageRoot(), '.datamcp', 'bench-results.json'))
    .addHelpText('after', `\nParts:\n${comparisons.map(({ key, about }) => `  ${key.padEnd(12)} ${about}`).join('\n')}`)
    .parse(args);
  const { only = comparisons, rounds, tasks, quick, minutes, out } = command.opts<{
    only?: readonly Comparison[]; rounds?: number; tasks?: number[]; quick: boolean; minutes: number; out: string;
  }>();
  const sizes = quick ? quickSizes : usualSizes;
  return { sizes: { ...sizes, ...(rounds !== undefined && { rounds }), ...(tasks && { tasks }) }, chosen: only, minutes, out };
}
