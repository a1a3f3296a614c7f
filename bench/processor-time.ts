import { readFile } from 'node:fs/promises';
import { withDescendants } from './process-memory';

/** Linux tells it in hundredths of a second, whatever its kernel counts in (USER_HZ, proc(5)). */
const msInTick = 10;

async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Fields 14 and 15 of proc(5), counted from behind the program's name, which may hold blanks.
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number);
  return user + system;
}

/** What a process and all its descendants that live have taken of processors so far, in milliseconds. */
export async function processorTimeOf(pid: number): Promise<number> {
  const ticks = await Promise.all((await withDescendants(pid)).map(ticksOf));
  return ticks.reduce((sum, one) => sum + one, 0) * msInTick;
}
