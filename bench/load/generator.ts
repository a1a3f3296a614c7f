import { performance } from 'node:perf_hooks';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { HttpClient } from '../http-client';

/** What the generator is told on its standard input. */
const loadSchema = z.object({
  apiUrl: z.string(),
  apiKey: z.string(),
  /** Asked for in turn. */
  paths: z.array(z.string()).min(1),
  /** Requests under way at a time, each on its own connection. */
  connections: z.number().int().min(1),
  seconds: z.number().positive(),
});
export type Load = z.output<typeof loadSchema>;

/** What it answers on its standard output. */
export const outcomeSchema = z.object({
  readsASecond: z.number(),
  /** 95 of 100 answers came within so many milliseconds. */
  p95Ms: z.number(),
});
export type Outcome = z.output<typeof outcomeSchema>;

/** Asks again as soon as it is answered, on every connection, until the time is over. @throws Error at the first answer but 200 */
async function generate({ paths, connections, seconds, ...access }: Load): Promise<Outcome> {
  const client = new HttpClient(access, connections);
  const begin = performance.now();
  const end = begin + seconds * 1_000;
  const times: number[] = [];
  let next = 0;
  const connection = async (): Promise<void> => {
    for (let asked = performance.now(); asked < end; asked = performance.now()) {
      const path = paths[next++ % paths.length] ?? '';
      const { status, text } = await client.call(path);
      if (status !== 200) throw new Error(`GET ${path}: ${status} ${text.slice(0, 1_000)}`);
      times.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const tookMs = performance.now() - begin;
  client.close();
  times.sort((one, other) => one - other);
  return { readsASecond: (times.length * 1_000) / tookMs, p95Ms: times[Math.floor(times.length * 0.95)] ?? NaN };
}

async function main(): Promise<void> {
  process.stdout.write(JSON.stringify(await generate(loadSchema.parse(await json(process.stdin)))));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
