export type Unit =
  | 'ms' | 's' | 'MiB'
  | 'runs a second' | 'tasks a second' | 'starts a second' | 'reads a second' | 'rows a second' | 'decisions a second';

/** What docs/performance.md promises: of the ratio to the hand-coded side, or of the product's own figure. */
export interface Target {
  of: 'ratio' | 'product';
  bound: 'at most' | 'at least';
  value: number;
}

/** One figure and every round that it comes from. */
export interface Measurement {
  name: string;
  unit: Unit;
  /** One value a round, in the order of the rounds. */
  product: number[];
  /** Absent where nothing hand-coded does the same. */
  plain?: number[];
  target?: Target;
}

/** Medians of a measurement, and what they mean. */
export interface Verdict {
  product: number;
  plain?: number;
  /** Product by hand-coded. */
  ratio?: number;
  /** Absent where nothing is promised. */
  kept?: boolean;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = NaN, high = low] = sorted.length % 2 === 1 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** The medians of all rounds, their ratio, and whether the target is reached. */
export function verdictOf({ product: rounds, plain: plainRounds, target }: Measurement): Verdict {
  const product = median(rounds);
  const plain = plainRounds && median(plainRounds);
  const ratio = plain && product / plain;
  const figure = target?.of === 'ratio' ? ratio : product;
  return {
    product,
    ...(plain !== undefined && { plain, ratio }),
    ...(target && figure !== undefined && { kept: target.bound === 'at most' ? figure <= target.value : figure >= target.value }),
  };
}

export const ratioAtMost = (value: number): Target => ({ of: 'ratio', bound: 'at most', value });
export const ratioAtLeast = (value: number): Target => ({ of: 'ratio', bound: 'at least', value });
export const atMost = (value: number): Target => ({ of: 'product', bound: 'at most', value });
export const atLeast = (value: number): Target => ({ of: 'product', bound: 'at least', value });
