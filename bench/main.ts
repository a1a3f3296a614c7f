import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { say } from '../devstack/console';
import { Bench } from './bench';
import { Time } from './comparison';
import { describeMachine, machineLine } from './machine';
import { verdictOf, type Measurement } from './measurement';
import { readOptions, type Options } from './options';
import { tableOf } from './report';

const interrupted = 130;

/** Somebody wanted it so. */
class StoppedError extends Error {}

/** Ctrl-C or a signal; the second one ends the process at once, and its guarded processes with it. */
function stopOnSignal(): AbortSignal {
  const control = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (control.signal.aborted) process.exit(interrupted);
      say('\nStopping what was started');
      control.abort(new StoppedError(`Stopped by ${signal}`));
    });
  }
  return control.signal;
}

async function measureAll(bench: Bench, { chosen, minutes }: Options, measured: Measurement[]): Promise<void> {
  for (const comparison of chosen) {
    bench.stopped.throwIfAborted();
    say(`${comparison.key}: ${comparison.about}`);
    for await (const measurement of comparison.measure(bench, new Time(minutes, bench.stopped))) {
      measured.push(measurement);
      say(`  ${measurement.name}: ${measurement.product.map((value) => value.toFixed(2)).join(', ')} ${measurement.unit}`);
    }
  }
}

async function report({ sizes, out }: Options, measured: readonly Measurement[]): Promise<void> {
  const machine = describeMachine();
  const results = measured.map((measurement) => ({ ...measurement, medians: verdictOf(measurement) }));
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, `${JSON.stringify({ machine, sizes, results }, null, 2)}\n`);
  process.stdout.write(`${machineLine(machine)}\n\n${tableOf(measured)}\n`);
  say(`  every round: ${out}`);
}

/** What was measured is reported, also when a later part failed. @throws what the first failing part throws */
async function main(options: Options): Promise<void> {
  const bench = new Bench(options.sizes, stopOnSignal());
  const measured: Measurement[] = [];
  const working = measureAll(bench, options, measured);
  const stopped = once(bench.stopped, 'abort').then(() => { throw bench.stopped.reason; });
  const failure = await Promise.race([working, stopped]).then(() => undefined, (error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  const failed = failure !== undefined && !bench.stopped.aborted;
  if (failed) say(`  logs: ${bench.stack.folders.logs}`);
  await bench.close(failed);
  // What was still being measured fails now that its servers are gone.
  await working.catch(() => undefined);
  if (measured.length > 0) await report(options, measured);
  if (failure) throw failure;
}

main(readOptions(process.argv)).then(() => process.exit(), (error: Error) => {
  const asked = error instanceof StoppedError;
  say(asked ? error.message : (error.stack ?? error.message));
  process.exit(asked ? interrupted : 1);
});
