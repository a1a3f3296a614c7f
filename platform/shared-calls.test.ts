import { shareCalls } from './shared-calls';

/** Calls that end when they are told to. */
function heldCalls() {
  const begun: { key: string; end: (value: string) => void; fail: (error: Error) => void }[] = [];
  const call = shareCalls((key) => new Promise<string>((resolve, reject) => { begun.push({ key, end: resolve, fail: reject }); }));
  return { begun, call };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('who asks while a call is under way shares the next one, which begins after that', async () => {
  const { begun, call } = heldCalls();
  const answers = [call('a'), call('a'), call('a')];
  expect(begun).toHaveLength(1);
  begun[0]?.end('old');
  await settled();
  expect(begun).toHaveLength(2);
  const late = call('a');
  begun[1]?.end('new');
  await settled();
  begun[2]?.end('newest');
  expect(await Promise.all([...answers, late])).toEqual(['old', 'new', 'new', 'newest']);
  expect(begun).toHaveLength(3);
});

test('keys do not wait for each other, and a call alone begins at once', async () => {
  const { begun, call } = heldCalls();
  const [one, other] = [call('a'), call('b')];
  expect(begun.map(({ key }) => key)).toEqual(['a', 'b']);
  begun[1]?.end('2');
  begun[0]?.end('1');
  expect(await Promise.all([one, other])).toEqual(['1', '2']);
  await settled();
  void call('a');
  expect(begun).toHaveLength(3);
});

test('a failure is that of those who share the call, and of nobody after it', async () => {
  const { begun, call } = heldCalls();
  const [failing, next] = [call('a'), call('a')];
  begun[0]?.fail(new Error('gone'));
  await expect(failing).rejects.toThrow('gone');
  await settled();
  begun[1]?.end('back');
  expect(await next).toBe('back');
});
