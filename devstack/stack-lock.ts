import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { identityOf } from './left-over';
import { eventually, isAlive } from './processes';
import { readStackFile } from './stack-file';
import { hasCode } from './system-error';

const holderSchema = z.object({
  pid: z.number().int().positive(),
  /** Tells the process from a later one with the same number. */
  identity: z.string(),
  /** The npm that started it: when that is gone, the holder is about to stop. */
  launcher: z.number().int().nullable(),
  stopping: z.boolean(),
});
type Holder = z.output<typeof holderSchema>;

const fileOf = (dataFolder: string): string => join(dataFolder, 'supervisor.json');
const stoppingTimeoutMs = 60_000;

export interface StackLock {
  /** Tells a next start to wait instead of refusing. */
  markStopping(): void;
  release(): void;
}

/**
 * Makes sure that one stack runs on a data folder. One that is stopping is waited for; one that was killed is no obstacle.
 * @throws Error with the address of the stack that runs
 */
export async function takeStackLock(dataFolder: string, launcher: number | null, onWait: () => void): Promise<StackLock> {
  const file = fileOf(dataFolder);
  const own: Holder = { pid: process.pid, identity: await identityOf(process.pid), launcher, stopping: false };
  for (;;) {
    const holder = await readHolder(file);
    if (!holder && tryWrite(file, own)) break;
    if (!holder) continue;
    if (!holder.stopping && (holder.launcher === null || isAlive(holder.launcher))) await refuse(dataFolder, holder);
    onWait();
    const gone = await eventually(async () => ((await readHolder(file)) ? undefined : true), stoppingTimeoutMs, 200);
    if (!gone) await refuse(dataFolder, holder);
  }
  return {
    markStopping: () => {
      try {
        writeFileSync(file, JSON.stringify({ ...own, stopping: true }));
      } catch {
        // On a full disk a next start is refused instead of made to wait: no reason not to stop in order.
      }
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** The living holder; the file of a dead one is removed. */
async function readHolder(file: string): Promise<Holder | undefined> {
  const holder = parse(file);
  if (holder && isAlive(holder.pid) && (await identityOf(holder.pid)) === holder.identity) return holder;
  if (holder !== undefined) rmSync(file, { force: true });
  return undefined;
}

/** Undefined when there is no file; null when a kill left it half written. */
function parse(file: string): Holder | null | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function tryWrite(file: string, holder: Holder): boolean {
  try {
    writeFileSync(file, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function refuse(dataFolder: string, holder: Holder): Promise<never> {
  const stack = await readStackFile(dataFolder);
  const where = stack ? `at ${stack.apiUrl}` : 'and is still starting';
  throw new Error(`The stack of this clone runs already (process ${holder.pid}) ${where}. Stop it with Ctrl-C in its terminal, or: kill ${holder.pid}`);
}
