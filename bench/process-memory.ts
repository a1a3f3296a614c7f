import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether the system tells what its processes weigh. */
export const canWeigh = process.platform === 'linux';

const kibInMib = 1_024;
const everyMs = 1_000;

/** Parents by process id; one that ends meanwhile is left out. */
async function parents(): Promise<Map<number, number>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid): Promise<[number, number] | undefined> => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    // Field 4 of proc(5), counted from behind the program's name, which may hold blanks.
    return stat === undefined ? undefined : [pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])];
  }));
  return new Map(found.filter((entry) => entry !== undefined));
}

/** A process and those that it started, and so on. */
export async function withDescendants(pid: number): Promise<number[]> {
  const parentOf = await parents();
  const family = new Set([pid]);
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const [child, parent] of parentOf) if (family.has(parent)) family.add(child);
  }
  return [...family];
}

/** Proportional set size: memory that processes share counts once in all. In MiB. */
async function weigh(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / kibInMib;
}

/** What a process and all its descendants weigh, in MiB. */
export async function memoryOf(pid: number): Promise<number> {
  const weights = await Promise.all((await withDescendants(pid)).map(weigh));
  return weights.reduce((sum, weight) => sum + weight, 0);
}

/** The most that they weigh while the work lasts, looked at once a second. */
export async function peakMemoryOf(pid: number, work: () => Promise<unknown>): Promise<number> {
  const working = work().then(() => true);
  let peak = 0;
  do peak = Math.max(peak, await memoryOf(pid));
  while (!(await Promise.race([working, sleep(everyMs, false)])));
  return peak;
}
