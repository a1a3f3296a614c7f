import { graphOf, type Node } from '../../../test/run-state/graph';
import { taskFlag } from '../run-graph';
import { RunState, type Unit } from './index';

const { evaluate, statusFunction, cleanup, continueOnError, forEach, continueItems, waiting } = taskFlag;
const always = evaluate | statusFunction | cleanup;
const onFailure = evaluate | statusFunction;
const each = evaluate | forEach;

const runOf = (nodes: Node[], failFast = false): RunState => new RunState(graphOf(nodes, failFast));
const unit = (task: number, instance = -1): Unit => ({ task, instance });
const started = (run: RunState, max = 100): Unit[] => run.takeReady(max);
const statuses = (run: RunState, size: number): string[] => Array.from({ length: size }, (_, task) => run.statusOf(task));
const expanded = (run: RunState, items: number): void => {
  for (const task of run.takeDecisions()) {
    run.decide(task, true);
    run.expand(task, items);
  }
};

describe('needs', () => {
  it('starts a task the moment that all its needs are final, without waiting for its level', () => {
    const run = runOf([{}, {}, { needs: [0] }, { needs: [0, 1] }]);
    expect(started(run)).toEqual([unit(0), unit(1)]);
    run.succeeded(unit(0));
    expect(started(run)).toEqual([unit(2)]);
    run.succeeded(unit(1));
    expect(started(run)).toEqual([unit(3)]);
  });

  it('skips what needs a failed or skipped task, and lets the rest go on', () => {
    const run = runOf([{}, { needs: [0] }, { needs: [1] }, {}]);
    started(run);
    run.failed(unit(0));
    run.succeeded(unit(3));
    expect(statuses(run, 4)).toEqual(['failed', 'skipped', 'skipped', 'succeeded']);
    expect(run.outcome()).toBe('failed');
  });

  it('cancels what needs a cancelled task, also when another need was skipped', () => {
    const run = runOf([{}, {}, { needs: [0] }, { needs: [1, 2] }, { needs: [3] }]);
    run.cancelTask(1);
    started(run);
    run.failed(unit(0));
    expect(statuses(run, 5)).toEqual(['failed', 'cancelled', 'skipped', 'cancelled', 'cancelled']);
  });

  it('counts a failure under continueOnError as success, while its status says failed', () => {
    const run = runOf([{ flags: continueOnError }, { needs: [0] }]);
    started(run);
    run.failed(unit(0));
    expect(started(run)).toEqual([unit(1)]);
    run.succeeded(unit(1));
    expect([run.statusOf(0), run.outcome()]).toEqual(['failed', 'succeeded']);
  });

  it('hands a task with a status function out to be decided, whatever became of its needs', () => {
    const run = runOf([{}, { needs: [0] }, { needs: [1], flags: onFailure }]);
    started(run);
    run.failed(unit(0));
    expect(run.takeDecisions()).toEqual([2]);
    expect(run.conditionStatus(2)).toEqual({ success: false, failure: true, cancelled: false });
    run.decide(2, true);
    expect(started(run)).toEqual([unit(2)]);
    run.succeeded(unit(2));
    expect(run.outcome()).toBe('failed');
  });

  it('decides `if` once, after the needs, and skips with that reason', () => {
    const run = runOf([{}, { needs: [0], flags: evaluate }]);
    expect(run.takeDecisions()).toEqual([]);
    started(run);
    run.succeeded(unit(0));
    expect([run.takeDecisions(), run.takeDecisions()]).toEqual([[1], []]);
    run.decide(1, false);
    expect(run.takeChanges().at(-1)).toEqual({ task: 1, instance: -1, generation: 0, status: 'skipped', reason: 'condition' });
    expect(run.outcome()).toBe('succeeded');
  });

  it('fails a task whose expression failed', () => {
    const run = runOf([{ flags: evaluate }]);
    run.takeDecisions();
    run.failed(unit(0));
    expect([run.statusOf(0), run.outcome()]).toEqual(['failed', 'failed']);
  });
});

describe('forEach', () => {
  it('succeeds at once over an empty list', () => {
    const run = runOf([{ flags: each }, { needs: [0] }]);
    expanded(run, 0);
    expect(run.statusOf(0)).toBe('succeeded');
    expect(started(run)).toEqual([unit(1)]);
  });

  it('never has more than maxParallel instances in flight, and starts them in item order', () => {
    const run = runOf([{ flags: each, maxParallel: 2 }]);
    expanded(run, 4);
    expect([run.readyCount(), started(run)]).toEqual([2, [unit(0, 0), unit(0, 1)]]);
    run.succeeded(unit(0, 1));
    expect(started(run)).toEqual([unit(0, 2)]);
    expect(run.progress()).toMatchObject({ total: 1, running: 1 });
  });

  it('starts no instance after one has failed, lets running ones finish, and fails', () => {
    const run = runOf([{ flags: each, maxParallel: 2 }]);
    expanded(run, 3);
    started(run);
    run.failed(unit(0, 0));
    expect([run.statusOf(0), run.statusOf(0, 2)]).toEqual(['queued', 'skipped']);
    run.succeeded(unit(0, 1));
    expect([run.statusOf(0), run.statusOf(0, 1)]).toEqual(['failed', 'succeeded']);
  });

  it('starts all under its own continueOnError, and succeeds although some failed', () => {
    const run = runOf([{ flags: each | continueItems, maxParallel: 1 }]);
    expanded(run, 2);
    started(run);
    run.failed(unit(0, 0));
    expect(started(run)).toEqual([unit(0, 1)]);
    run.succeeded(unit(0, 1));
    expect(run.outcome()).toBe('succeeded');
  });

  it('tells of the task and of its instances', () => {
    const run = runOf([{ flags: each }]);
    expanded(run, 1);
    started(run);
    run.succeeded(unit(0, 0));
    expect(run.takeChanges().map(({ instance, status }) => [instance, status])).toEqual([
      [-1, 'queued'], [0, 'queued'], [0, 'succeeded'], [-1, 'succeeded'],
    ]);
  });
});

describe('stop', () => {
  it('cancels what has not started, and names the units in flight that have to be cancelled', () => {
    const run = runOf([{}, {}, { needs: [0] }]);
    started(run, 1);
    expect(run.stop('cancelled')).toEqual([unit(0)]);
    expect(statuses(run, 3)).toEqual(['queued', 'cancelled', 'cancelled']);
    run.succeeded(unit(0));
    expect([run.statusOf(0), run.outcome()]).toEqual(['succeeded', 'cancelled']);
  });

  it('lets clean-up run when its needs are final, and force ends it too', () => {
    const run = runOf([{}, { needs: [0], flags: always }, { needs: [1], flags: always }]);
    started(run);
    run.stop('cancelled');
    expect(run.takeDecisions()).toEqual([]);
    run.cancelled(unit(0));
    expect(run.takeDecisions()).toEqual([1]);
    expect(run.conditionStatus(1)).toEqual({ success: false, failure: false, cancelled: true });
    run.decide(1, true);
    expect(started(run)).toEqual([unit(1)]);
    expect(run.stop('cancelled')).toEqual([]);
    expect(run.stop('timed_out', { force: true })).toEqual([unit(1)]);
    expect(run.statusOf(2)).toBe('cancelled');
    run.cancelled(unit(1));
    expect([run.isDone(), run.outcome()]).toEqual([true, 'cancelled']);
  });

  it('decides clean-up anew that was ready before the stop, and starts no waiting step for it', () => {
    const run = runOf([{ flags: always }, { flags: always | waiting }]);
    for (const task of run.takeDecisions()) run.decide(task, true);
    run.stop('timed_out');
    expect(run.readyCount()).toBe(0);
    expect(run.takeDecisions()).toEqual([0]);
    expect(run.conditionStatus(0).cancelled).toBe(false);
    expect(run.statusOf(1)).toBe('cancelled');
  });

  it('starts no further instance, and ends a forEach cancelled unless one failed', () => {
    for (const [report, status] of [['succeeded', 'cancelled'], ['cancelled', 'cancelled'], ['failed', 'failed']] as const) {
      const run = runOf([{ flags: each, maxParallel: 1 }]);
      expanded(run, 2);
      started(run);
      expect(run.stop('cancelled')).toEqual([unit(0, 0)]);
      run[report](unit(0, 0));
      expect([started(run), run.statusOf(0)]).toEqual([[], status]);
    }
  });

  it('lifts a pause, and cannot be paused', () => {
    const run = runOf([{ flags: always }]);
    run.pause();
    run.stop('cancelled');
    expect([run.paused, run.takeDecisions()]).toEqual([false, [0]]);
    run.pause();
    expect(run.paused).toBe(false);
  });

  it('changes nothing once the run is done', () => {
    const run = runOf([{}]);
    started(run);
    run.succeeded(unit(0));
    expect([run.stop('cancelled'), run.outcome()]).toEqual([[], 'succeeded']);
  });

  it('happens by itself at the first failure that counts, under failFast', () => {
    const run = runOf([{ flags: continueOnError }, {}, {}, { needs: [2] }], true);
    started(run);
    run.failed(unit(0));
    expect(run.stopReason).toBeNull();
    run.failed(unit(1));
    expect([run.stopReason, run.takeStopped(), run.takeStopped()]).toEqual(['failed', [unit(2)], []]);
    run.cancelled(unit(2));
    expect([run.statusOf(3), run.outcome()]).toEqual(['cancelled', 'failed']);
  });
});

describe('pause', () => {
  it('starts and decides nothing, while results count', () => {
    const run = runOf([{}, { needs: [0] }, { flags: evaluate }]);
    started(run, 1);
    run.pause();
    run.succeeded(unit(0));
    expect([run.status(), run.readyCount(), started(run), run.takeDecisions()]).toEqual(['paused', 0, [], []]);
    run.resume();
    expect([started(run), run.takeDecisions()]).toEqual([[unit(1)], [2]]);
  });
});

describe('status', () => {
  it('is waiting when only waiting tasks are in flight and nothing else can go on', () => {
    const run = runOf([{ flags: waiting }, {}]);
    expect(started(run).map(({ task }) => run.statusOf(task))).toEqual(['waiting', 'queued']);
    expect([run.status(), run.progress()]).toEqual(['running', expect.objectContaining({ waiting: 1, running: 1 })]);
    run.succeeded(unit(1));
    expect(run.status()).toBe('waiting');
  });
});

describe('retry of a task', () => {
  it('carries it out again as the next generation, with what was skipped because of it', () => {
    const run = runOf([{}, { needs: [0] }, { needs: [1] }, {}]);
    started(run);
    run.failed(unit(0));
    run.takeChanges();
    expect(run.retryTask(0)).toBe(true);
    expect(run.takeChanges().map(({ task, generation, status }) => [task, generation, status])).toEqual([
      [0, 1, 'pending'], [1, 0, 'pending'], [2, 0, 'pending'],
    ]);
    for (const task of [0, 1, 2]) {
      expect(started(run)).toEqual([unit(task)]);
      run.succeeded(unit(task));
    }
    run.succeeded(unit(3));
    expect(run.outcome()).toBe('succeeded');
  });

  it('leaves alone what has started because of the failure', () => {
    const run = runOf([{}, { needs: [0], flags: onFailure }, { needs: [1] }, {}]);
    started(run);
    run.failed(unit(0));
    run.decide(run.takeDecisions()[0] ?? -1, true);
    started(run);
    run.retryTask(0);
    expect(statuses(run, 3)).toEqual(['pending', 'queued', 'pending']);
  });

  it('forgets the failure of an ancestor, unless there is another', () => {
    const run = runOf([{}, {}, { needs: [0, 1] }, { needs: [2], flags: onFailure }, { needs: [0], flags: onFailure }, {}]);
    started(run);
    run.failed(unit(0));
    run.failed(unit(1));
    run.retryTask(0);
    expect([run.conditionStatus(3).failure, run.conditionStatus(4).failure]).toEqual([true, false]);
    run.retryTask(1);
    expect(run.conditionStatus(3).failure).toBe(false);
  });

  it('keeps the instances that succeeded', () => {
    const run = runOf([{ flags: each, maxParallel: 2 }, {}]);
    expanded(run, 3);
    started(run);
    run.succeeded(unit(0, 1));
    run.failed(unit(0, 0));
    expect(run.retryTask(0)).toBe(true);
    expect(started(run)).toEqual([unit(0, 0), unit(0, 2)]);
    run.succeeded(unit(0, 0));
    run.succeeded(unit(0, 2));
    expect([run.statusOf(0), run.generationOf(0)]).toEqual(['succeeded', 1]);
  });

  it('is not possible when it did not fail, when the run is done, or when it is ending', () => {
    const run = runOf([{}, {}, {}]);
    started(run);
    run.succeeded(unit(0));
    run.failed(unit(1));
    expect([run.retryTask(0), run.retryTask(2)]).toEqual([false, false]);
    run.stop('cancelled');
    expect(run.retryTask(1)).toBe(false);
    const done = runOf([{}]);
    started(done);
    done.failed(unit(0));
    expect(done.retryTask(0)).toBe(false);
  });
});

describe('cancel of a task', () => {
  it('cancels at once what has not started, and it can be retried', () => {
    const run = runOf([{}, { needs: [0] }, { needs: [1] }]);
    started(run);
    expect(run.cancelTask(1)).toEqual([]);
    expect(statuses(run, 3)).toEqual(['queued', 'cancelled', 'cancelled']);
    expect([run.cancelTask(1), run.retryTask(2), run.retryTask(1)]).toEqual([null, false, true]);
    expect(statuses(run, 3)).toEqual(['queued', 'pending', 'pending']);
  });

  it('names the units in flight, and counts what they report', () => {
    const run = runOf([{}, { flags: each, maxParallel: 1 }]);
    expanded(run, 2);
    started(run);
    expect([run.cancelTask(0), run.cancelTask(1)]).toEqual([[unit(0)], [unit(1, 0)]]);
    run.succeeded(unit(0));
    run.cancelled(unit(1, 0));
    expect([statuses(run, 2), run.outcome()]).toEqual([['succeeded', 'cancelled'], 'cancelled']);
  });
});

describe('reports', () => {
  it('change nothing when they are repeated, late or about nothing', () => {
    const run = runOf([{}, { needs: [0] }]);
    started(run);
    run.succeeded(unit(0));
    run.takeChanges();
    for (const other of [unit(0), unit(1), unit(0, 3), unit(77)]) {
      run.failed(other);
      run.cancelled(other);
      run.succeeded(other);
    }
    run.decide(1, false);
    run.expand(1, 0);
    expect([run.takeChanges(), run.inFlight(), run.readyCount()]).toEqual([[], 0, 1]);
  });
});

describe('a filter of what may start', () => {
  it('leaves what it refuses in its place', () => {
    const run = runOf([{}, {}, { flags: waiting }]);
    expect(run.takeReady(10, ({ task }) => task !== 0)).toEqual([unit(2), unit(1)]);
    expect([run.takeReady(0), run.takeReady(1)]).toEqual([[], [unit(0)]]);
  });
});

describe('a snapshot', () => {
  it('is a few bytes for a run of many equal tasks, and goes on where the run was', () => {
    const nodes: Node[] = Array.from({ length: 1_000 }, (_, task) => ({ needs: task === 0 ? [] : [0] }));
    const run = runOf(nodes);
    started(run);
    run.succeeded(unit(0));
    started(run, 10);
    run.takeChanges();
    const snapshot = run.snapshot();
    expect(snapshot.tasks).toBe('si10r989');
    const restored = RunState.restore(graphOf(nodes), snapshot);
    expect([restored.inFlight(), restored.readyCount(), restored.takeChanges()]).toEqual([10, 989, []]);
  });

  it('keeps in-flight instances, generations, failures, the reason of a stop, and what was not taken yet', () => {
    const nodes: Node[] = [{ flags: each }, {}, {}, { needs: [2], flags: onFailure }];
    const run = runOf(nodes, true);
    expanded(run, 3);
    started(run);
    run.cancelled(unit(1));
    run.retryTask(1);
    run.failed(unit(2));
    const restored = RunState.restore(graphOf(nodes, true), JSON.parse(JSON.stringify(run.snapshot())));
    expect([restored.generationOf(1), restored.statusOf(0, 2), restored.inFlight(), restored.stopReason]).toEqual([1, 'queued', 3, 'failed']);
    expect([restored.takeStopped(), restored.takeChanges()]).toEqual([run.takeStopped(), run.takeChanges()]);
  });

  it('of another graph is refused', () => {
    expect(() => RunState.restore(graphOf([{}]), runOf([{}, {}]).snapshot())).toThrow('does not fit');
  });
});

describe('a run of 100,000 tasks', () => {
  const size = 100_000;
  const cpuMs = (since: NodeJS.CpuUsage): number => process.cpuUsage(since).user / 1_000;
  const complete = (run: RunState, window: number): number => {
    let taken = 0;
    const inFlight: Unit[] = [];
    while (!run.isDone()) {
      const units = run.takeReady(window - inFlight.length, () => true);
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
  ])('%s, takes at most a few seconds and a snapshot of under 300 kB', (_, needs) => {
    const graph = graphOf(Array.from({ length: size }, (_node, task) => ({ needs: needs(task) })));
    const begin = process.cpuUsage();
    const run = new RunState(graph);
    expect(JSON.stringify(run.snapshot()).length).toBeLessThan(300_000);
    expect(complete(run, 500)).toBe(size);
    expect(cpuMs(begin)).toBeLessThan(3_000);
  });

  it('is not walked through for every completion when a filter refuses nearly all of it', () => {
    const nodes = Array.from({ length: size }, (_, task) => ({ flags: task % 1_000 === 0 ? waiting : 0 }));
    const run = runOf(nodes);
    const begin = process.cpuUsage();
    for (let round = 0; round < 1_000; round++) run.takeReady(1, ({ task }) => task % 1_000 === 0);
    expect(run.inFlight()).toBe(100);
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
