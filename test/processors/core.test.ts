import { builtinProcessors } from '../../activities/processors';
import { Workbench, abortAfter } from './workbench';

let bench: Workbench;
beforeAll(async () => { bench = await Workbench.create(); });
afterAll(async () => { await bench.close(); });

describe('core.noop', () => {
  it('does nothing and takes nothing', async () => {
    expect((await bench.run('core.noop', {})).output).toBeNull();
    await expect(bench.run('core.noop', { a: 1 })).rejects.toThrow('a');
  });
});

describe('core.log', () => {
  it('writes its message at its level, and anything but text as JSON', async () => {
    expect((await bench.run('core.log', { message: 'hello' })).log).toEqual([{ level: 'info', message: 'hello' }]);
    expect(await bench.run('core.log', { message: { a: [1] }, level: 'warn' })).toMatchObject({ log: [{ level: 'warn', message: '{"a":[1]}' }], output: { message: '{"a":[1]}' } });
    await expect(bench.run('core.log', {})).rejects.toThrow('message');
  });
});

describe('core.assert', () => {
  it('succeeds on true and fails for good on false, with its message', async () => {
    expect((await bench.run('core.assert', { that: true })).output).toBeNull();
    await expect(bench.run('core.assert', { that: false, message: 'no rows' })).rejects.toMatchObject({ code: 'assertion_failed', message: 'no rows', retryable: false });
  });

  it.each([1, 'true', null])('takes no %j for true', async (that) => {
    await expect(bench.run('core.assert', { that })).rejects.toThrow('boolean');
  });
});

describe('core.fail', () => {
  const fail = (input: object, attempt: number, generation = 0) => bench.run('core.fail', input, { attempt, generation });

  it('fails in every attempt, retryable or not', async () => {
    await expect(fail({ message: 'x' }, 9)).rejects.toMatchObject({ code: 'task_failed', message: 'x', retryable: false });
    await expect(fail({ retryable: true }, 9)).rejects.toMatchObject({ retryable: true });
  });

  it('succeeds after `failAttempts` failures', async () => {
    for (const attempt of [1, 2]) await expect(fail({ failAttempts: 2 }, attempt)).rejects.toMatchObject({ retryable: true });
    expect((await fail({ failAttempts: 2 }, 3)).output).toEqual({ attempt: 3 });
    expect((await fail({ failAttempts: 0 }, 1)).output).toEqual({ attempt: 1 });
  });

  it('counts the failures before a retry by hand', async () => {
    await expect(fail({ failAttempts: 1, retryable: false }, 1)).rejects.toMatchObject({ retryable: false });
    expect((await fail({ failAttempts: 1, retryable: false }, 1, 1)).output).toEqual({ attempt: 1 });
  });
});

describe('core.sleep', () => {
  it('takes its time, or none', async () => {
    const started = Date.now();
    await bench.run('core.sleep', { milliseconds: 200 });
    expect(Date.now() - started).toBeGreaterThanOrEqual(199);
    expect((await bench.run('core.sleep', { milliseconds: 0 })).output).toBeNull();
  });

  it('ends at once when it is told to stop', async () => {
    const { signal, reason } = abortAfter(50);
    const started = Date.now();
    await expect(bench.run('core.sleep', { milliseconds: 60_000 }, { signal })).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(500);
  });
});

describe('the steps of the workflow', () => {
  const accepts = (uses: string, input: unknown): boolean => builtinProcessors.get(uses)?.input.safeParse(input).success === true;

  it.each([
    ['core.wait', { duration: '5m' }, true], ['core.wait', { until: '2001-01-01T00:00:00+02:00' }, true],
    ['core.wait', {}, false], ['core.wait', { duration: '5m', until: '2001-01-01T00:00:00Z' }, false], ['core.wait', { until: '2001-01-01T00:00:00' }, false],
    ['core.set', { anything: [1, { a: null }] }, true], ['core.set', 'text', false],
    ['pipeline.run', { pipeline: 'child', version: 2, inputs: { a: 1 } }, true], ['pipeline.run', { pipeline: 'Not A Name' }, false], ['pipeline.run', {}, false],
  ])('%s takes %j: %s', (uses, input, expected) => {
    expect(accepts(uses, input)).toBe(expected);
    expect(builtinProcessors.get(uses)).toMatchObject({ inWorkflow: true });
  });
});
