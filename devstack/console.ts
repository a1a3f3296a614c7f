import { errorMessage } from '../domain/errors';

const slowMs = 2_000;
const everyMs = 5_000;

const seconds = (sinceMs: number): string => `${((Date.now() - sinceMs) / 1_000).toFixed(1)} s`;

/** Lines for the person at the terminal. Standard error, so that standard output stays for results. */
export const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/**
 * Runs one step of the boot, says how it goes when it takes longer than two seconds, and in one line how it went.
 * @param describe what came of it, for that line
 * @throws what `work` throws, with the step's name in front
 */
export async function step<T>(name: string, work: () => Promise<T>, describe: (result: T) => string): Promise<T> {
  const startedAt = Date.now();
  let clock = setTimeout(function report() {
    say(`  ${name}: still starting, ${seconds(startedAt)}`);
    clock = setTimeout(report, everyMs);
  }, slowMs);
  try {
    const result = await work();
    say(`  ${name.padEnd(13)} ${describe(result)}  (${seconds(startedAt)})`);
    return result;
  } catch (cause) {
    throw new Error(`${name} could not be started: ${errorMessage(cause)}`, { cause });
  } finally {
    clearTimeout(clock);
  }
}
