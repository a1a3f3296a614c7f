import type { Comparison } from '../comparison';
import { generateLoad } from '../load/generated';
import { storeRuns } from '../load/stored-runs';
import { atLeast, atMost } from '../measurement';
import { repeat } from '../rounds';

const connections = 16;

export const reads: Comparison = {
  key: 'reads',
  about: `reads over ${connections} connections, the load generator beside it`,
  async *measure(bench, time) {
    const { product, addresses } = await bench.sides();
    await product.sequence('quick');
    const ids = await storeRuns(addresses.databaseUrl, bench.sizes.storedRuns);
    const stored = ids.length.toLocaleString('en');
    const kinds = [
      { name: `one of ${stored} runs`, paths: ids.map((id) => `/v1/runs/${id}`) },
      { name: `the newest 20 of ${stored} runs`, paths: ['/v1/runs?limit=20'] },
      { name: `the newest 20 failed of ${stored} runs`, paths: ['/v1/runs?limit=20&status=failed'] },
    ];
    for (const { name, paths } of kinds) {
      const load = { apiUrl: addresses.apiUrl, apiKey: addresses.apiKey, paths, connections, seconds: bench.sizes.readSeconds };
      const outcomes = await repeat(time.rounds(bench.sizes.rounds), () => generateLoad(load, bench.stopped));
      yield { name, unit: 'reads a second', product: outcomes.map(({ readsASecond }) => readsASecond), target: atLeast(1_000) };
      yield { name: `${name}, p95`, unit: 'ms', product: outcomes.map(({ p95Ms }) => p95Ms), target: atMost(50) };
    }
  },
};
