import { carriedOver, expanded, graphOf, runOf, started, unit, type Node } from '../../../test/run-state/graph';
import { taskFlag } from '../run-graph';
import { RunState } from './index';

const { evaluate, statusFunction, forEach } = taskFlag;
const onFailure = evaluate | statusFunction;
const each = evaluate | forEach;

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
    const restored = RunState.restore(graphOf(nodes, true), carriedOver(run.snapshot()));
    expect([restored.generationOf(1), restored.statusOf(0, 2), restored.inFlight(), restored.stopReason]).toEqual([1, 'queued', 3, 'failed']);
    expect([restored.takeStopped(), restored.takeChanges()]).toEqual([run.takeStopped(), run.takeChanges()]);
  });

  it('holds no instances of a forEach that has succeeded or was stopped: nobody asks for them any more', () => {
    const run = runOf([{ flags: each }, { flags: each }]);
    expanded(run, 2);
    started(run);
    run.succeeded(unit(0, 0));
    run.succeeded(unit(0, 1));
    expect(Object.keys(run.snapshot().instances)).toEqual(['1']);
    for (const stopped of run.stop('cancelled')) run.cancelled(stopped);
    expect(run.snapshot().instances).toEqual({});
  });

  it('of another graph is refused', () => {
    expect(() => RunState.restore(graphOf([{}]), runOf([{}, {}]).snapshot())).toThrow('does not fit');
  });
});
