import { Rounds } from './rounds';

/** A round that ends when it is told to. */
function gate() {
  const open: (() => void)[] = [];
  const round = jest.fn(() => new Promise<void>((resolve) => { open.push(resolve); }));
  return { round, release: () => open.shift()?.() };
}
const settled = () => jest.advanceTimersByTimeAsync(0);

beforeEach(() => { jest.useFakeTimers(); });
afterEach(() => { jest.useRealTimers(); });

test('one round is under way at a time, and a tick that meets one is skipped', async () => {
  const { round, release } = gate();
  const rounds = new Rounds(100, round, jest.fn());
  rounds.begin();
  await jest.advanceTimersByTimeAsync(350);
  expect(round).toHaveBeenCalledTimes(1);
  release();
  await settled();
  expect(round).toHaveBeenCalledTimes(1);
  await jest.advanceTimersByTimeAsync(100);
  expect(round).toHaveBeenCalledTimes(2);
  release();
  await rounds.end();
});

test('however often it is woken during a round, one more follows at once', async () => {
  const { round, release } = gate();
  const rounds = new Rounds(1_000_000, round, jest.fn());
  for (let times = 0; times < 3; times++) rounds.wake();
  expect(round).toHaveBeenCalledTimes(1);
  release();
  await settled();
  expect(round).toHaveBeenCalledTimes(2);
  release();
  await settled();
  expect(round).toHaveBeenCalledTimes(2);
  await rounds.end();
});

test('a round that fails is told of, and the next one comes in its time', async () => {
  const round = jest.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue(undefined);
  const onError = jest.fn();
  const rounds = new Rounds(100, round, onError);
  rounds.begin();
  await jest.advanceTimersByTimeAsync(200);
  expect(round).toHaveBeenCalledTimes(2);
  expect(onError.mock.calls).toEqual([[new Error('away')]]);
  await rounds.end();
});

test('its end waits for the round that is under way, and no other follows', async () => {
  const { round, release } = gate();
  const rounds = new Rounds(100, round, jest.fn());
  rounds.begin();
  await jest.advanceTimersByTimeAsync(100);
  rounds.wake();
  const ended = jest.fn();
  void rounds.end().then(ended);
  await jest.advanceTimersByTimeAsync(500);
  expect(ended).not.toHaveBeenCalled();
  release();
  await settled();
  expect(ended).toHaveBeenCalled();
  await jest.advanceTimersByTimeAsync(500);
  expect(round).toHaveBeenCalledTimes(1);
});
