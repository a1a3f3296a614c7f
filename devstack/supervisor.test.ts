import { Supervised, type Running } from './supervisor';
import { eventually } from './processes';

/** A process whose end the test decides. */
class Play implements Running {
  private settle: (code: number) => void = () => undefined;
  readonly exited = new Promise<number>((resolve) => { this.settle = resolve; });
  stops = 0;
  constructor(readonly pid: number) {}
  end(code = 1): void {
    this.settle(code);
  }
  stop(): Promise<void> {
    this.stops += 1;
    this.end(0);
    return Promise.resolve();
  }
}

describe('the supervisor', () => {
  const started: Play[] = [];
  let failures = 0;
  let changes = 0;
  const launch = (): Promise<Play> => {
    if (failures > 0 && started.length > 0) {
      failures -= 1;
      return Promise.reject(new Error('not this time'));
    }
    const play = new Play(started.length + 1);
    started.push(play);
    return Promise.resolve(play);
  };
  const hooks = { onChange: () => { changes += 1; } };
  beforeEach(() => {
    started.length = 0;
    failures = 0;
    changes = 0;
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => jest.restoreAllMocks());

  it('starts a process again that ended, and again after failing to', async () => {
    failures = 1;
    const part = await Supervised.start('Part', launch, hooks);
    started[0]?.end();
    await eventually(() => (started.length === 2 ? true : undefined), 5_000);
    expect(part.current()?.pid).toBe(2);
    expect(changes).toBe(2);
    await part.stop();
  });

  it('leaves a process that it stopped alone', async () => {
    const part = await Supervised.start('Part', launch, hooks);
    await part.stop();
    expect(started).toHaveLength(1);
    expect(started[0]?.stops).toBe(1);
    expect(part.current()).toBeUndefined();
  });

  it('does not start a process any more that ended just before it was stopped', async () => {
    const part = await Supervised.start('Part', launch, hooks);
    started[0]?.end();
    await Promise.resolve();
    await part.stop();
    expect(started.every((play, index) => index === 0 || play.stops === 1)).toBe(true);
    expect(part.current()).toBeUndefined();
  });

  it('throws what the first start throws', async () => {
    await expect(Supervised.start('Part', () => Promise.reject(new Error('no port')), hooks)).rejects.toThrow('no port');
  });
});
