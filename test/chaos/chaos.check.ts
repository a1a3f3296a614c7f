import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import { Random } from './random';
import type { Figures } from './scenario';
import { scenarios } from './scenarios';

/** Given by scripts/chaos.mjs. */
const { CHAOS_SEED: seed, CHAOS_ONLY: only, CHAOS_OUT: out } = z.object({ CHAOS_SEED: z.coerce.number().int(), CHAOS_ONLY: z.string(), CHAOS_OUT: z.string() }).parse(process.env);

const longestMs = 8 * 60_000;
const wanted = only === '' ? scenarios.map(({ name }) => name) : only.split(',');
const results: (Figures & { name: string; title: string; seconds: number })[] = [];

for (const { name, title, missing, run } of scenarios.filter((scenario) => wanted.includes(scenario.name))) {
  (missing === undefined ? test : test.skip)(`${name}: ${title}${missing === undefined ? '' : ` (skipped: ${missing} on this machine)`}`, async () => {
    // Jest speaks when all is over, which is a quarter of an hour later.
    process.stderr.write(`  ${name}: ${title}\n`);
    const beganAt = Date.now();
    const figures = await run(new Random(seed));
    results.push({ name, title, seconds: Math.round((Date.now() - beganAt) / 1_000), ...figures });
    expect(figures.breaches).toEqual([]);
  }, longestMs);
}

afterAll(() => {
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify({ seed, node: process.version, cpus: cpus().length, results }, null, 2)}\n`);
});
