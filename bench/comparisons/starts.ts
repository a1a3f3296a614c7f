import type { Comparison } from '../comparison';
import { ratioAtLeast } from '../measurement';
import { rateOf, takeTurns } from '../rounds';
import type { Side } from '../side';

const atOnce = 50;

/** What was started is carried out meanwhile, on both sides, and has ended before the other side begins. */
export const starts: Comparison = {
  key: 'starts',
  about: 'runs accepted, fifty requests at a time',
  async *measure(bench, time) {
    const { product, plain } = await bench.sides();
    for (const [kind, target] of [['full', ratioAtLeast(0.85)], ['quick', ratioAtLeast(0.85)]] as const) {
      const round = (side: Side) => async () => {
        const rate = await rateOf(bench.sizes.starts, atOnce, () => side.start(kind));
        await side.drain();
        return rate;
      };
      const figures = await takeTurns(time.rounds(bench.sizes.rounds), round(product), round(plain));
      yield { name: `starts of 1 ${kind} task, ${atOnce} at once`, unit: 'starts a second', ...figures, target };
    }
  },
};
