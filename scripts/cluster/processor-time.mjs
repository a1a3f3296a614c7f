import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second, whatever the clock of the kernel is. */
const tickMs = 10;

/** Fields of /proc/<pid>/stat behind the name, which may hold spaces (proc(5)). */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
    return { parent: fields[1], own: fields[11] + fields[12], ended: fields[13] + fields[14] };
  } catch {
    return undefined;
  }
}

/** Milliseconds of processor time that a process and its children have used, those that ended included. */
export function processorMs(pid) {
  const parent = stat(pid);
  if (parent === undefined) return 0;
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(stat).filter((each) => each?.parent === pid);
  return [...children.map((child) => child.own + child.ended), parent.own, parent.ended].reduce((sum, ticks) => sum + ticks * tickMs, 0);
}
