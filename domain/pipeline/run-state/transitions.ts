import { taskFlag, type RunGraph } from '../run-graph';
import { ChangeLog } from './change-log';
import { Instances } from './instances';
import { Needs } from './needs';
import { ReadyTasks } from './ready-tasks';
import { decodeStates, encodeStates, type RunSnapshot } from './snapshot';
import { isFinal, state, type State } from './states';
import { StopRule } from './stop-rule';
import { TaskList } from './task-list';
import { TaskStates } from './task-states';
import type { Unit } from './unit';

/** How tasks and instances move from state to state, and what each move brings about. `RunState` is its door. */
export class Transitions {
  readonly states: TaskStates;
  readonly needs: Needs;
  readonly undecided: TaskList;
  readonly ready: ReadyTasks;
  readonly instances = new Map<number, Instances>();
  readonly changes: ChangeLog;
  readonly stop: StopRule;
  unitsInFlight = 0;
  /** Tasks that failed without `continueOnError`. */
  failures = 0;

  constructor(private readonly graph: RunGraph, carried?: RunSnapshot) {
    this.states = carried
      ? new TaskStates(graph, decodeStates(carried.tasks, graph.size), numbered(carried.generations))
      : new TaskStates(graph);
    this.stop = new StopRule(this.states);
    this.changes = new ChangeLog(this.states, carried?.changes);
    this.needs = new Needs(graph, this.states);
    this.undecided = new TaskList(graph.size);
    this.ready = new ReadyTasks(graph.size, (task) => this.states.has(task, taskFlag.waiting));
    if (carried) this.carryOn(carried);
    for (let task = 0; task < graph.size; task++) this.place(task);
  }

  carried(): Pick<RunSnapshot, 'tasks' | 'generations' | 'instances' | 'stopReason' | 'forced' | 'changes'> {
    const { codes, generations } = this.states.cells();
    return {
      tasks: encodeStates(codes),
      generations: Object.fromEntries([...generations.entries()].filter(([, generation]) => generation > 0)),
      instances: Object.fromEntries([...this.instances].map(([task, items]) => [task, encodeStates(items.codes)])),
      stopReason: this.stop.reason, forced: this.stop.forced, changes: this.changes.all(),
    };
  }

  /** The only place where the state of a task changes: lists, counts and changes stay in step with it. */
  move(task: number, code: State): void {
    const status = this.states.status(task);
    const failureCounted = this.states.failureCounts(task);
    this.states.set(task, code);
    if (code === state.undecided) this.undecided.add(task);
    else this.undecided.remove(task);
    this.offer(task);
    this.countFailure(task, failureCounted);
    if (this.states.status(task) !== status) this.note({ task, instance: -1 }, code);
  }

  /** Makes a task final, and decides what has no open need any more because of that. */
  finish(task: number, code: State): void {
    this.move(task, code);
    if (code === state.succeeded || code === state.cancelledByStop) this.instances.delete(task);
    const finished = [task];
    for (const done of finished) {
      this.needs.close(done, (dependent) => {
        if (this.states.get(dependent) !== state.pending) return;
        const next = this.standing(dependent);
        this.move(dependent, next);
        if (isFinal(next)) finished.push(dependent);
      });
    }
  }

  expand(task: number, items: number, reused: readonly number[]): void {
    const codes = new Uint8Array(items);
    for (const instance of reused) codes[instance] = state.succeeded;
    this.instances.set(task, this.makeInstances(task, codes));
    this.move(task, state.ready);
  }

  nextUnit(task: number): Unit {
    return { task, instance: this.instances.get(task)?.next() ?? -1 };
  }

  start({ task, instance }: Unit): void {
    this.unitsInFlight++;
    if (this.states.get(task) === state.ready) this.move(task, state.inFlight);
    if (instance < 0) return;
    this.moveInstance(task, instance, state.inFlight);
    this.offer(task);
  }

  /** @returns false when the unit is not in flight: a late or repeated report changes nothing */
  report({ task, instance }: Unit, code: State): boolean {
    const items = this.instances.get(task);
    const now = instance < 0 && !items ? this.states.get(task) : items?.get(instance);
    if (now !== state.inFlight) return false;
    this.unitsInFlight--;
    if (items) this.finishInstance(task, items, instance, code);
    else this.finish(task, code);
    return true;
  }

  /** Cancels a task that is not final: what has not started at once. Returns its units in flight. */
  end(task: number, code: State): Unit[] {
    const items = this.instances.get(task);
    if (!items && this.states.get(task) === state.inFlight) return [{ task, instance: -1 }];
    if (!items) {
      this.finish(task, code);
      return [];
    }
    this.dropUnstarted(task, items, code);
    const units = items.which(state.inFlight).map((instance) => ({ task, instance }));
    this.review(task, items);
    return units;
  }

  /** A task outlives the stop: what it does is decided anew, knowing of the stop, unless it has started. */
  keep(task: number): void {
    const items = this.instances.get(task);
    const code = this.states.get(task);
    if (code === state.deciding || (code === state.ready && !items?.hasStarted)) {
      this.instances.delete(task);
      this.move(task, state.undecided);
    } else if (code === state.inFlight && items && this.states.has(task, taskFlag.waiting)) {
      this.dropUnstarted(task, items, state.cancelledByStop);
      this.review(task, items);
    }
  }

  /** Decides a pending task without open needs. */
  settle(task: number): void {
    const next = this.standing(task);
    if (isFinal(next)) this.finish(task, next);
    else this.move(task, next);
  }

  /** Where a task stands the moment that its needs are final. */
  private standing(task: number): State {
    if (this.stop.ends(task)) return state.cancelledByStop;
    const verdict = this.states.has(task, taskFlag.statusFunction) ? 'met' : this.needs.verdict(task);
    switch (verdict) {
      case 'cancelled':
        return state.cancelledByNeed;
      case 'skipped':
        return state.skippedByNeed;
      case 'met':
        return this.states.has(task, taskFlag.evaluate) ? state.undecided : state.ready;
    }
  }

  /** A failed or cancelled instance stops those that have not started, unless the `forEach` goes on over failures. */
  private finishInstance(task: number, items: Instances, instance: number, code: State): void {
    this.moveInstance(task, instance, code);
    if (code !== state.succeeded && !this.states.has(task, taskFlag.continueItems)) {
      this.dropUnstarted(task, items, code === state.failed ? state.skippedByNeed : code);
    }
    this.review(task, items);
  }

  private dropUnstarted(task: number, items: Instances, code: State): void {
    for (const instance of items.which(state.pending)) this.moveInstance(task, instance, code);
  }

  /** Ends a `forEach` whose instances are all final. */
  private review(task: number, items: Instances): void {
    if (items.isFinal) this.finish(task, items.outcome(this.states.has(task, taskFlag.continueItems)));
    else this.offer(task);
  }

  private moveInstance(task: number, instance: number, code: State): void {
    this.instances.get(task)?.set(instance, code);
    this.note({ task, instance }, code);
  }

  private offer(task: number): void {
    const code = this.states.get(task);
    const starts = code === state.ready || code === state.inFlight;
    this.ready.offer(task, starts ? (this.instances.get(task)?.startable ?? (code === state.ready ? 1 : 0)) : 0);
  }

  private countFailure(task: number, countedBefore: boolean): void {
    const counts = this.states.failureCounts(task);
    if (counts === countedBefore) return;
    this.failures += counts ? 1 : -1;
    if (counts) this.needs.markFailed(task);
    else this.needs.clearFailed(task);
  }

  note(unit: Unit, code: State): void {
    this.changes.add(unit, code, this.stop.reason);
  }

  private makeInstances(task: number, codes: Uint8Array): Instances {
    return new Instances(codes, this.graph.maxParallel.get(task) ?? Infinity);
  }

  private carryOn({ instances, stopReason, forced }: RunSnapshot): void {
    for (const [task, text] of numbered(instances)) this.instances.set(task, this.makeInstances(task, decodeStates(text)));
    this.stop.reason = stopReason;
    this.stop.forced = forced;
  }

  /** Finds out where a task belongs that has been in its state from the beginning, or since before a continue-as-new. */
  private place(task: number): void {
    const code = this.states.get(task);
    if (code === state.pending && this.needs.openOf(task) === 0) this.settle(task);
    if (code === state.undecided) this.undecided.add(task);
    if (code === state.inFlight) this.unitsInFlight += this.instances.get(task)?.in(state.inFlight) ?? 1;
    if (this.states.failureCounts(task)) this.failures++;
    this.offer(task);
  }
}

const numbered = <V>(byTask: Record<string, V>): Map<number, V> =>
  new Map(Object.entries(byTask).map(([task, value]) => [Number(task), value]));
