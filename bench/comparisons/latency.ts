import type { Comparison } from '../comparison';
import { ratioAtMost } from '../measurement';
import { takeTurns, timeMs } from '../rounds';

const moments = 10;

export const latency: Comparison = {
  key: 'latency',
  about: 'from the trigger to the end of a run of three tasks in sequence',
  async *measure(bench, time) {
    const { product, plain } = await bench.sides();
    for (const [kind, target] of [['full', ratioAtMost(1.15)], ['quick', ratioAtMost(1.3)]] as const) {
      const rounds = time.rounds(bench.sizes.rounds * moments);
      const figures = await takeTurns(rounds, () => timeMs(() => product.sequence(kind)), () => timeMs(() => plain.sequence(kind)));
      yield { name: `3 ${kind} tasks in sequence`, unit: 'ms', ...figures, target };
    }
  },
};
