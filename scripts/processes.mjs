import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** State, parent and name of a process; undefined when there is none. */
function look(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const end = stat.lastIndexOf(')');
      const [state, parent] = stat.slice(end + 2).split(' ');
      return { state, parent: Number(parent), name: stat.slice(stat.indexOf('(') + 1, end) };
    }
    const [state, parent, name] = execFileSync('ps', ['-o', 'state=,ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' }).trim().split(/\s+/);
    return { state, parent: Number(parent), name };
  } catch {
    return undefined;
  }
}

/** Whether a process of that id runs; a zombie does not. */
export function isAlive(pid) {
  const found = look(pid);
  return found !== undefined && !found.state.startsWith('Z');
}

/** The npm that runs this script, also when a shell stands between; undefined when it was not npm that started it. */
export function launchingNpm() {
  if (!process.env.npm_lifecycle_event) return undefined;
  const parent = look(process.ppid);
  return parent && /(^|\/)-?(ba|da|z|k)?sh$/.test(parent.name) ? parent.parent : process.ppid;
}
