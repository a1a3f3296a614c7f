import { interceptors } from '../../workflows/local-activity-order';

/** Calls as many local activities at once as are named, and lets them end in this order. @returns the order in which their callers go on */
async function goOn(ends: number[]): Promise<number[]> {
  const [order] = interceptors().outbound ?? [];
  const ending = new Map<number, () => void>();
  const next = ({ seq }: { seq: number }): Promise<unknown> => new Promise<void>((end) => { ending.set(seq, end); });
  const seen: number[] = [];
  const call = async (seq: number): Promise<void> => {
    await order?.scheduleLocalActivity?.({ seq, activityType: '', args: [], headers: {}, options: {}, attempt: 1 }, next);
    seen.push(seq);
  };
  const calls = ends.map((_, seq) => call(seq));
  for (const seq of ends) {
    ending.get(seq)?.();
    // As live, where each end comes by itself.
    await new Promise(setImmediate);
  }
  await Promise.all(calls);
  return seen;
}

test.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 0]], [[2, 0, 1]]])('local activities that end in the order %j go on in the order of their calls', async (ends) => {
  expect(await goOn(ends)).toEqual([0, 1, 2]);
});
