import { recent } from './recent';

test('an answer is kept for its time and shared by all who ask meanwhile; a failure is not kept', async () => {
  let now = 0;
  let asked = 0;
  let fails = false;
  const ask = recent(100, async () => {
    asked += 1;
    if (fails) throw new Error('away');
    return asked;
  }, () => now);
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  now = 99;
  expect(await ask()).toBe(1);
  now = 100;
  expect(await ask()).toBe(2);
  now = 200;
  fails = true;
  await expect(ask()).rejects.toThrow('away');
  fails = false;
  expect(await ask()).toBe(4);
});
