import { expanded, runOf, started, statuses, unit } from '../../../test/run-state/graph';
import { taskFlag } from '../run-graph';

const { evaluate, statusFunction, cleanup, continueOnError, forEach, waiting } = taskFlag;
const always = evaluate | statusFunction | cleanup | taskFlag.always;
const onFailure = evaluate | statusFunction;
const each = evaluate | forEach;

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

  it('cancels a task in flight that only names cancelled(), and decides one that has not started, at a cancel alone', () => {
    for (const [reason, status, decisions] of [['cancelled', 'pending', [1]], ['timed_out', 'cancelled', []]] as const) {
      const join = evaluate | statusFunction | cleanup;
      const run = runOf([{ flags: join }, { needs: [0], flags: join }]);
      run.decide(run.takeDecisions()[0] ?? -1, true);
      started(run);
      expect([run.stop(reason), run.statusOf(1)]).toEqual([[unit(0)], status]);
      run.cancelled(unit(0));
      expect(run.takeDecisions()).toEqual(decisions);
      expect(run.stop(reason)).toEqual([]);
    }
  });

  it('lets a waiting forEach of clean-up that has started end, without starting more of it', () => {
    const run = runOf([{ flags: always | forEach | waiting, maxParallel: 1 }]);
    expanded(run, 2);
    started(run);
    expect([run.stop('cancelled'), run.statusOf(0, 0), run.statusOf(0, 1)]).toEqual([[], 'waiting', 'cancelled']);
    run.succeeded(unit(0, 0));
    expect([run.isDone(), run.statusOf(0)]).toEqual([true, 'cancelled']);
  });

  it('goes on with a forEach of clean-up that a retry took up again, with the items that it had', () => {
    const run = runOf([{ flags: always | forEach }, {}]);
    expanded(run, 2);
    started(run);
    run.succeeded(unit(0, 0));
    run.failed(unit(0, 1));
    run.retryTask(0);
    run.stop('cancelled');
    expect([run.takeDecisions(), run.statusOf(0, 0), started(run)]).toEqual([[], 'succeeded', [unit(0, 1)]]);
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

  it('forgets the instances below it that succeeded, and carries them out as the next generation', () => {
    const run = runOf([{ flags: continueOnError }, { needs: [0], flags: each }, {}]);
    started(run);
    run.failed(unit(0));
    expanded(run, 2);
    started(run);
    run.succeeded(unit(1, 0));
    run.failed(unit(1, 1));
    run.retryTask(1);
    run.takeChanges();
    expect([run.statusOf(1, 0), run.generationOf(1)]).toEqual(['succeeded', 1]);
    expect(run.retryTask(0)).toBe(true);
    expect(run.generationOf(1)).toBe(2);
    expect(run.takeChanges()).toContainEqual({ task: 1, instance: 0, generation: 2, status: 'pending' });
    started(run);
    run.succeeded(unit(0));
    expanded(run, 2);
    expect(started(run)).toEqual([unit(1, 0), unit(1, 1)]);
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
