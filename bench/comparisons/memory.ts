import { setTimeout as sleep } from 'node:timers/promises';
import { say } from '../../devstack/console';
import type { Bench } from '../bench';
import type { Comparison } from '../comparison';
import { withInstalledStack } from '../installed-stack';
import { atMost } from '../measurement';
import { canWeigh, memoryOf, peakMemoryOf } from '../process-memory';
import { ProductSide } from '../product-side';
import { rateOf } from '../rounds';

const atOnce = 50;

interface Weights {
  idle: number;
  runs: number;
  large: number;
}

async function weigh({ sizes, stopped }: Bench, tasks: number): Promise<Weights> {
  return withInstalledStack(stopped, async (stack) => {
    const product = new ProductSide(await stack.access());
    await product.sequence('full');
    await sleep(sizes.settleSeconds * 1_000, undefined, { signal: stopped });
    const idle = await memoryOf(stack.pid);
    const runs = await peakMemoryOf(stack.pid, () => rateOf(sizes.runs, atOnce, () => product.sequence('full')));
    const large = await peakMemoryOf(stack.pid, () => product.wide('full', tasks));
    product.close();
    return { idle, runs, large };
  });
}

/** Once: what a stack weighs hardly differs from one start to the next. */
export const memory: Comparison = {
  key: 'memory',
  about: 'all processes of `npm start` together, shared memory counted once (PSS)',
  async *measure(bench) {
    if (!canWeigh) {
      say('  only Linux tells what processes weigh: left out');
      return;
    }
    const { runs: count, tasks: [tasks = 1] } = bench.sizes;
    const { idle, runs, large } = await weigh(bench, tasks);
    yield { name: 'memory, idle', unit: 'MiB', product: [idle], target: atMost(450) };
    yield { name: `memory, peak of ${count} runs, ${atOnce} at once`, unit: 'MiB', product: [runs] };
    yield { name: `memory, peak of a run of ${tasks.toLocaleString('en')} full tasks`, unit: 'MiB', product: [large] };
  },
};
