import { isFinal, isRevivable, state } from './states';
import type { Transitions } from './transitions';

/** How a final task, and what never started because of it, comes to be carried out again. */
export class Reopening {
  constructor(private readonly transitions: Transitions) {}

  /** A final task is carried out again, as the next generation; what never started because of it is pending again. */
  again(task: number): void {
    const { states, needs, instances } = this.transitions;
    states.nextGeneration(task);
    this.transitions.move(task, state.pending);
    const reopened = [task];
    for (const open of reopened) {
      needs.reopen(open, (dependent) => {
        const code = states.get(dependent);
        if (!isRevivable(code)) return;
        if (instances.get(dependent)?.hasStarted) states.nextGeneration(dependent);
        this.forgetInstances(dependent);
        this.transitions.move(dependent, state.pending);
        // What had not been final has been open to its dependents all along.
        if (isFinal(code)) reopened.push(dependent);
      });
    }
    this.restart(task);
  }

  /** A `forEach` keeps what has succeeded, unless a need is open again, which may change its items. */
  private restart(task: number): void {
    const items = this.transitions.instances.get(task);
    if (this.transitions.needs.openOf(task) > 0) {
      this.forgetInstances(task);
    } else if (items) {
      for (const instance of items.reopen(true)) this.transitions.note({ task, instance }, state.pending);
      this.transitions.move(task, state.ready);
    } else {
      this.transitions.settle(task);
    }
  }

  /** The `forEach` is expanded anew one day: what its instances have done counts no longer. */
  private forgetInstances(task: number): void {
    const items = this.transitions.instances.get(task);
    this.transitions.instances.delete(task);
    for (const instance of items?.reopen(false) ?? []) this.transitions.note({ task, instance }, state.pending);
  }
}
