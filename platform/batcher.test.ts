import { Batcher } from './batcher';

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function recorder(writeMs: number) {
  const batches: number[][] = [];
  const batcher = new Batcher<number>({
    delayMs: 5, maxItems: 100, onError: () => undefined,
    write: async (items) => { await later(writeMs); batches.push(items); },
  });
  return { batches, batcher };
}

test('items that come while a batch is written are written together after it', async () => {
  const { batches, batcher } = recorder(30);
  batcher.add(0);
  const flushed = batcher.flush();
  for (let item = 1; item < 40; item++) batcher.add(item);
  await flushed;
  expect(batches).toEqual([[0], Array.from({ length: 39 }, (_, item) => item + 1)]);
});

test('a batch is never larger than its limit', async () => {
  const { batches, batcher } = recorder(1);
  for (let item = 0; item < 250; item++) batcher.add(item);
  await batcher.flush();
  expect(batches.map((batch) => batch.length)).toEqual([100, 100, 50]);
});

test('what is withdrawn in time is not written', async () => {
  const { batches, batcher } = recorder(1);
  batcher.add(1);
  batcher.add(2);
  batcher.withdraw(1);
  await batcher.flush();
  expect(batches).toEqual([[2]]);
});

test('a batch that cannot be written is told, and the next one is tried', async () => {
  const told: number[][] = [];
  const batcher = new Batcher<number>({
    delayMs: 1, maxItems: 1, onError: (_error, items) => told.push(items),
    write: (items) => (items.includes(1) ? Promise.reject(new Error('no')) : Promise.resolve()),
  });
  batcher.add(1);
  batcher.add(2);
  await batcher.flush();
  expect(told).toEqual([[1]]);
});
