import { AppError } from '../../domain/errors';

interface Queue { running: number; waiting: (() => void)[] }
const queues = new Map<string, Queue>();

/**
 * Does at most so many things at a time that have this key; the others wait, in order.
 * @throws AppError `unavailable` when its turn does not come within `patienceMs`
 */
export async function inTurn<T>(key: string, atOnce: number, work: () => Promise<T>, patienceMs?: number): Promise<T> {
  const queue = queues.get(key) ?? { running: 0, waiting: [] };
  queues.set(key, queue);
  if (queue.running < atOnce) queue.running++;
  // Whoever is done hands the own place on.
  else await place(queue, patienceMs);
  try {
    return await work();
  } finally {
    const next = queue.waiting.shift();
    if (next) next();
    else if (--queue.running === 0) queues.delete(key);
  }
}

function place({ waiting }: Queue, patienceMs?: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const take = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const leave = (): void => {
      waiting.splice(waiting.indexOf(take), 1);
      reject(new AppError('unavailable', 'Many acts wait for an answer at this moment, and this one was not taken. Try again.', { retryable: true }));
    };
    const timer = patienceMs === undefined ? undefined : setTimeout(leave, patienceMs);
    waiting.push(take);
  });
}
