/** A component that takes longer has not answered, for health and metrics. */
export const patienceMs = 2_000;

/** Asks, and waits two seconds at most: whoever looks after an installation must not wait with it. @throws Error when there is no answer by then */
export async function inTime<T>(ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs); });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}
