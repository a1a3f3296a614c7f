/** Updates of one workflow that the server takes at a time are ten; a few are left to other processes. */
const updatesAtOnce = 8;

interface Queue { running: number; waiting: (() => void)[] }
const queues = new Map<string, Queue>();

/** Does at most so many things at a time that have this key; the others wait, in order. */
export async function inTurn<T>(key: string, work: () => Promise<T>, atOnce = updatesAtOnce): Promise<T> {
  const queue = queues.get(key) ?? { running: 0, waiting: [] };
  queues.set(key, queue);
  if (queue.running < atOnce) queue.running++;
  // Whoever is done hands the own place on.
  else await new Promise<void>((resolve) => { queue.waiting.push(resolve); });
  try {
    return await work();
  } finally {
    const next = queue.waiting.shift();
    if (next) next();
    else if (--queue.running === 0) queues.delete(key);
  }
}
