import { state, type ChangeReason, type State, type StopReason } from './states';
import type { TaskStates } from './task-states';
import type { StatusChange, Unit } from './unit';

/** Changes of status that nobody has taken yet, in order. */
export class ChangeLog {
  private changes: StatusChange[];

  constructor(private readonly states: TaskStates, carried: readonly StatusChange[] = []) {
    this.changes = [...carried];
  }

  add(unit: Unit, code: State, stopReason: StopReason | null): void {
    const { task, instance } = unit;
    const reason = reasonOf(code, instance, stopReason);
    this.changes.push({
      task, instance, generation: this.states.generation(task), status: this.states.status(task, code), ...(reason && { reason }),
    });
  }

  take(): StatusChange[] {
    const changes = this.changes;
    this.changes = [];
    return changes;
  }

  /** For a snapshot. */
  all(): StatusChange[] {
    return [...this.changes];
  }
}

function reasonOf(code: State, instance: number, stopReason: StopReason | null): ChangeReason | null {
  switch (code) {
    case state.skippedByNeed:
      return instance < 0 ? 'need' : 'instance';
    case state.skippedByCondition:
      return 'condition';
    case state.cancelledByNeed:
      return 'need';
    case state.cancelledByRequest:
      return 'request';
    case state.cancelledByStop:
      return stopReason;
    case state.pending:
    case state.undecided:
    case state.deciding:
    case state.ready:
    case state.inFlight:
    case state.succeeded:
    case state.failed:
      return null;
  }
}
