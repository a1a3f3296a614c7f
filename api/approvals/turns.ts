interface Queue { running: number; waiting: (() => void)[] }
const queues = new Map<string, Queue>();

/** Does at most so many things at a time that have this key; the others wait, in order. */
export async function inTurn<T>(key: string, atOnce: number, work: () => Promise<T>): Promise<T>;
/** @returns undefined when its turn did not come within `patienceMs` */
export async function inTurn<T>(key: string, atOnce: number, work: () => Promise<T>, patienceMs: number): Promise<T | undefined>;
export async function inTurn<T>(key: string, atOnce: number, work: () => Promise<T>, patienceMs?: number): Promise<T | undefined> {
  const queue = queues.get(key) ?? { running: 0, waiting: [] };
  queues.set(key, queue);
  if (queue.running < atOnce) queue.running++;
  // Whoever is done hands the own place on.
  else if (!(await place(queue, patienceMs))) return undefined;
  try {
    return await work();
  } finally {
    const next = queue.waiting.shift();
    if (next) next();
    else if (--queue.running === 0) queues.delete(key);
  }
}

function place({ waiting }: Queue, patienceMs?: number): Promise<boolean> {
  return new Promise((resolve) => {
    const take = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    const leave = (): void => {
      waiting.splice(waiting.indexOf(take), 1);
      resolve(false);
    };
    const timer = patienceMs === undefined ? undefined : setTimeout(leave, patienceMs);
    waiting.push(take);
  });
}
