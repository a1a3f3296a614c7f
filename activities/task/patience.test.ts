import { patientIndex, whilePostgresIsAway } from './patience';

const away = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const never = new AbortController().signal;

test('work is repeated while Postgres is away, and its result is given when it is back', async () => {
  const work = jest.fn<Promise<string>, []>().mockRejectedValueOnce(away()).mockRejectedValueOnce(away()).mockResolvedValue('done');
  expect(await whilePostgresIsAway(never, work)).toBe('done');
  expect(work).toHaveBeenCalledTimes(3);
});

test('any other error is not waited for', async () => {
  const work = jest.fn<Promise<string>, []>().mockRejectedValue(new Error('syntax error'));
  await expect(whilePostgresIsAway(never, work)).rejects.toThrow('syntax error');
  expect(work).toHaveBeenCalledTimes(1);
});

test('a cancel ends the waiting with its own reason', async () => {
  const control = new AbortController();
  const waiting = whilePostgresIsAway(control.signal, () => Promise.reject(away()));
  control.abort(new Error('cancelled by hand'));
  await expect(waiting).rejects.toThrow('cancelled by hand');
});

test('artifacts are recorded when Postgres is back', async () => {
  const put = jest.fn<Promise<boolean>, []>().mockRejectedValueOnce(away()).mockResolvedValue(true);
  await patientIndex({ put, claim: () => Promise.resolve(), find: () => Promise.resolve(undefined) }, never).put({
    id: 'a', runId: 'r', task: 't', instance: null, name: 'n', contentType: 'text/plain', bytes: 1, sha256: 'x',
  });
  expect(put).toHaveBeenCalledTimes(2);
});
