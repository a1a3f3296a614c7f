import { graphOf, runOf, started, unit } from '../../../test/run-state/graph';
import { RunState, type Unit } from './index';

describe('a run of 100,000 tasks', () => {
  const size = 100_000;
  const cpuMs = (since: NodeJS.CpuUsage): number => process.cpuUsage(since).user / 1_000;
  const complete = (run: RunState, window: number): number => {
    let taken = 0;
    const inFlight: Unit[] = [];
    while (!run.isDone()) {
      const units = run.takeReady('working', window - inFlight.length, () => true);
      inFlight.push(...units);
      taken += units.length;
      const next = inFlight.shift();
      if (next) run.succeeded(next);
      run.takeChanges();
    }
    return taken;
  };

  it.each([
    ['wide', (task: number): number[] => (task === 0 ? [] : [0])],
    ['in a chain', (task: number): number[] => (task === 0 ? [] : [task - 1])],
    ['in 100 layers, each task needing 10 of the layer above', (task: number): number[] =>
      task < 1_000 ? [] : Array.from({ length: 10 }, (_, edge) => Math.floor(task / 1_000) * 1_000 - 1_000 + ((task + edge * 97) % 1_000)).sort((a, b) => a - b)],
  ])('%s, takes seconds and a snapshot of under 300 kB', (_, needs) => {
    const graph = graphOf(Array.from({ length: size }, (_node, task) => ({ needs: needs(task) })));
    const begin = process.cpuUsage();
    const run = new RunState(graph);
    expect(JSON.stringify(run.snapshot()).length).toBeLessThan(300_000);
    expect(complete(run, 500)).toBe(size);
    // A second or two; minutes, if every completion walked through the run.
    expect(cpuMs(begin)).toBeLessThan(20_000);
  });

  it('is not walked through for every completion when a filter refuses nearly all of it', () => {
    const run = runOf(Array.from({ length: size }, () => ({})));
    const begin = process.cpuUsage();
    for (let round = 0; round < 1_000; round++) run.takeReady('working', 1, ({ task }) => task % 1_000 === 0);
    expect(run.inFlight()).toBe(3);
    expect(cpuMs(begin)).toBeLessThan(3_000);
  });

  it('is stopped, and skipped below a failure, in one walk', () => {
    const chain = graphOf(Array.from({ length: size }, (_, task) => ({ needs: task === 0 ? [] : [task - 1] })));
    const failing = new RunState(chain);
    const stopped = new RunState(chain);
    const begin = process.cpuUsage();
    started(failing);
    failing.failed(unit(0));
    stopped.stop('cancelled');
    expect([failing.isDone(), stopped.isDone(), failing.takeChanges().length]).toEqual([true, true, size + 1]);
    expect(cpuMs(begin)).toBeLessThan(3_000);
  });
});
