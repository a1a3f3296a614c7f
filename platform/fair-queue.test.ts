import { FairQueue } from './fair-queue';

test('those who wait take turns, each in their own order', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.add(item.slice(0, 1), item);
  expect([queue.size, queue.sizeOf('a'), queue.sizeOf('nobody')]).toEqual([6, 3, 0]);
  expect(Array.from({ length: 7 }, () => queue.take())).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', undefined]);
});

test('who comes while another brings more and more waits for one of theirs', () => {
  const queue = new FairQueue<string>();
  queue.add('a', 'a1');
  queue.add('a', 'a2');
  queue.take();
  queue.add('b', 'b1');
  queue.add('a', 'a3');
  expect([queue.take(), queue.take()]).toEqual(['a2', 'b1']);
  expect(queue.clear()).toEqual(['a3']);
  expect(queue.size).toBe(0);
});
