import { CancellationScope, log } from '@temporalio/workflow';
import type { Lane, Unit } from '../../domain/pipeline/run-state';
import { endOfFailure, type UnitEnd } from '../task/unit-end';
import { unitKey } from './run';

/** A unit that the run's own workflow has in flight. */
export interface UnitInFlight {
  unit: Unit;
  sinceMs: number;
}

/** Runs units in the run's own workflow, each in a scope of its own, so that each can be cancelled alone. */
export class UnitRunner {
  private readonly scopes = new Map<string, UnitInFlight & { scope: CancellationScope }>();
  private readonly counts: Record<Lane, number> = { waiting: 0, working: 0 };

  /** @param laneOf whether a task is a step that waits, or work */
  constructor(readonly laneOf: (task: number) => Lane, private readonly onEnd: (unit: Unit, end: UnitEnd) => void) {}

  get inFlight(): number {
    return this.scopes.size;
  }
  inLane(lane: Lane): number {
    return this.counts[lane];
  }

  /** The oldest of them, at most `limit`. */
  oldest(limit: number): UnitInFlight[] {
    const found: UnitInFlight[] = [];
    for (const each of this.scopes.values()) {
      if (found.length >= limit) break;
      found.push(each);
    }
    return found;
  }

  /** Runs `work` for a unit; how it ends is told to `onEnd`, once. */
  start(unit: Unit, work: () => Promise<UnitEnd>): void {
    const key = unitKey(unit);
    const scope = new CancellationScope();
    this.scopes.set(key, { unit, scope, sinceMs: Date.now() });
    this.counts[this.laneOf(unit.task)]++;
    scope
      .run(work)
      .catch(endOfFailure)
      .then((end) => {
        // A unit that was given up on, after its time to react to a cancel, has ended already.
        if (this.scopes.get(key)?.scope === scope) this.end(unit, end);
      })
      .catch((error: unknown) => log.error('the end of a task could not be recorded', { error }));
  }

  cancel(unit: Unit): void {
    this.scopes.get(unitKey(unit))?.scope.cancel();
  }

  /** Stops waiting for units that were cancelled and do not end. */
  giveUp(units: Unit[]): void {
    for (const unit of units) if (this.scopes.has(unitKey(unit))) this.end(unit, { outcome: 'cancelled' });
  }

  private end(unit: Unit, end: UnitEnd): void {
    this.scopes.delete(unitKey(unit));
    this.counts[this.laneOf(unit.task)]--;
    this.onEnd(unit, end);
  }
}
