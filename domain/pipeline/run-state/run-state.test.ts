import { expanded, runOf, started, statuses, unit } from '../../../test/run-state/graph';
import { taskFlag } from '../run-graph';

const { evaluate, statusFunction, continueOnError, forEach, continueItems, waiting } = taskFlag;
const onFailure = evaluate | statusFunction;
const each = evaluate | forEach;

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

describe('status', () => {
  it('is waiting when only waiting tasks are in flight and nothing else can go on', () => {
    const run = runOf([{ flags: waiting }, {}]);
    expect(started(run).map(({ task }) => run.statusOf(task))).toEqual(['waiting', 'queued']);
    expect([run.status(), run.progress()]).toEqual(['running', expect.objectContaining({ waiting: 1, running: 1 })]);
    run.succeeded(unit(1));
    expect(run.status()).toBe('waiting');
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
    const run = runOf([{}, {}]);
    expect(run.takeReady('working', 10, ({ task }) => task !== 0)).toEqual([unit(1)]);
    expect([run.takeReady('working', 0), run.takeReady('working', 1)]).toEqual([[], [unit(0)]]);
  });
});

describe('steps that wait', () => {
  it('are taken and counted apart, and keep nothing from being work or from being waited for', () => {
    const run = runOf([{}, { flags: waiting }, {}, { flags: waiting }]);
    expect(run.readyCount()).toBe(4);
    expect(run.takeReady('waiting', 1)).toEqual([unit(1)]);
    expect(run.takeReady('working', 9)).toEqual([unit(0), unit(2)]);
    run.succeeded(unit(0));
    run.succeeded(unit(2));
    // The other one waits for a place among those that wait: nobody is at work.
    expect([run.readyCount(), run.status()]).toEqual([1, 'waiting']);
  });
});
