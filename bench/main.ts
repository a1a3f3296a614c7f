import { cpus } from 'node:os';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { say } from '../devstack/console';
import { loadConfig } from '../platform/config';
import { makeTemporalClient } from '../platform/temporal';
import { compare, type Comparison, type ComparisonResult } from './comparison';
import { PlainSide } from './plain/side';
import { ProductSide } from './product-side';
import { tableOf } from './report';
import { BenchStack } from './stack';

interface Options {
  tasks: number;
  rounds: number;
  sequences: number;
  minutes: number;
  only?: string;
  out?: string;
}

const roundTimeoutMs = 300_000;

/** The promises of docs/performance.md. */
const comparisons = ({ tasks, rounds, sequences }: Options): Record<string, Comparison> => ({
  sequence: { name: '3 tasks in sequence', tasks: 3, rounds: sequences, limit: 1.25, run: (side) => side.sequence(roundTimeoutMs) },
  full: { name: `${tasks} full tasks`, tasks, rounds, limit: 1.25, run: (side) => side.fanOut('full', tasks, roundTimeoutMs) },
  quick: { name: `${tasks} quick tasks`, tasks, rounds, limit: 1.5, run: (side) => side.fanOut('quick', tasks, roundTimeoutMs) },
});

async function measure(options: Options, stack: BenchStack, stopped: AbortSignal): Promise<ComparisonResult[]> {
  const addresses = await stack.start();
  const client = makeTemporalClient(loadConfig({
    DATABASE_URL: addresses.databaseUrl, TEMPORAL_ADDRESS: addresses.temporalAddress, TEMPORAL_NAMESPACE: addresses.temporalNamespace,
  }));
  const product = new ProductSide(addresses);
  const plain = new PlainSide(client);
  try {
    await Promise.all([product.prepare(options.tasks), plain.start(stack.folders, addresses)]);
    const chosen = Object.entries(comparisons(options)).filter(([key]) => !options.only || options.only.split(',').includes(key));
    const deadlineMs = performance.now() + options.minutes * 60_000;
    const results: ComparisonResult[] = [];
    for (const [, comparison] of chosen) {
      if (stopped.aborted) break;
      say(`  ${comparison.name}: up to ${comparison.rounds} rounds`);
      results.push(await compare(comparison, product, plain, deadlineMs));
    }
    return results;
  } finally {
    await plain.stop();
    await client.connection.close();
  }
}

async function bench(options: Options): Promise<void> {
  const stopper = new AbortController();
  const stack = new BenchStack();
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { stopper.abort(); reject(new Error(`Stopped by ${signal}`)); });
  });
  const measured = measure(options, stack, stopper.signal);
  let failed = true;
  try {
    const results = await Promise.race([measured, interrupted]);
    const out = resolve(options.out ?? join(dirname(stack.folders.data), 'bench-results.json'));
    await mkdir(dirname(out), { recursive: true });
    const { tasks, rounds, sequences } = options;
    await writeFile(out, `${JSON.stringify({ cpus: cpus().length, node: process.version, tasks, rounds, sequences, results }, null, 2)}\n`);
    process.stdout.write(`${tableOf(results)}\n`);
    say(`  every round: ${out}`);
    failed = false;
  } finally {
    if (failed && !stopper.signal.aborted) say(`  logs: ${stack.folders.logs}`);
    await stack.stop(failed && !stopper.signal.aborted);
    // What was still being measured fails now that its servers are gone.
    await measured.catch(() => undefined);
  }
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 on');
  return value;
}

new Command('bench')
  .description('Compares the product with the same work hand-coded on Temporal, in turn on one server')
  .option('--tasks <count>', 'tasks of a wide run', whole, 10_000)
  .option('--rounds <count>', 'rounds of each wide run', whole, 3)
  .option('--sequences <count>', 'rounds of the 3-task run', whole, 30)
  .option('--minutes <count>', 'no round begins later than this', whole, 10)
  .option('--only <names>', 'some of sequence,full,quick')
  .option('--out <file>', 'where every round is written as JSON (default: .datamcp/bench-results.json)')
  .action((options: Options) => bench(options))
  .parseAsync()
  .then(() => process.exit(), (error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  });
