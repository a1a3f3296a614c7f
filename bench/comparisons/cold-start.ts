import type { Comparison } from '../comparison';
import { withInstalledStack } from '../installed-stack';
import { atMost } from '../measurement';
import { ProductSide } from '../product-side';
import { repeat } from '../rounds';

/** From the command to the acceptance of the first run; the stop is not measured. */
const coldStart = (stopped: AbortSignal): Promise<number> => {
  const begin = performance.now();
  return withInstalledStack(stopped, async (stack) => {
    const product = new ProductSide(await stack.access());
    await product.start('quick');
    const seconds = (performance.now() - begin) / 1_000;
    product.close();
    return seconds;
  });
};

export const coldStarts: Comparison = {
  key: 'cold-start',
  about: 'from `npm start -- --no-demo` with nothing stored to the first accepted run',
  async *measure({ sizes, stopped }, time) {
    yield { name: 'cold start', unit: 's', product: await repeat(time.rounds(sizes.rounds), () => coldStart(stopped)), target: atMost(6) };
  },
};
