import type { Comparison } from '../comparison';
import { ratioAtLeast } from '../measurement';
import { rateOf, takeTurns } from '../rounds';
import type { Side } from '../side';

const atOnce = 50;

export const throughput: Comparison = {
  key: 'throughput',
  about: 'runs of three tasks, fifty at a time',
  async *measure(bench, time) {
    const { product, plain } = await bench.sides();
    for (const [kind, target] of [['full', ratioAtLeast(0.85)], ['quick', ratioAtLeast(1 / 1.3)]] as const) {
      const round = (side: Side) => () => rateOf(bench.sizes.runs, atOnce, () => side.sequence(kind));
      const figures = await takeTurns(time.rounds(bench.sizes.rounds), round(product), round(plain));
      yield { name: `runs of 3 ${kind} tasks, ${atOnce} at once`, unit: 'runs a second', ...figures, target };
    }
  },
};
