import { workflowInfo } from '@temporalio/workflow';
import type { RunState, Unit } from '../../domain/pipeline/run-state';
import type { BatchRunner } from './batch-runner';
import type { ChangeRecorder } from './change-recorder';
import type { Projector } from './projector';
import type { Results } from './results';
import type { Run } from './run';
import type { UnitRunner } from './unit-runner';
import type { UnitStarter } from './unit-starter';

/** From this length of its history on, a run hands its tasks to batches, until nothing hinders it to continue as new. */
export const longHistoryEvents = 3_000;
/** Of a large run, so many ready units or fewer are carried out by its own workflow: a batch for them would cost more. */
const fewReady = 20;
/**
 * Units that the run's own workflow has in flight: far from the 2,000 pending activities that Temporal allows. More ready
 * ones go to batches, also in a small run: quick ones go together there, and cost a fraction.
 */
const maxDirect = 100;
/** Steps that wait, which are timers and children: Temporal allows 2,000 pending children, and batches are children, too. */
const maxWaiting = 500;

interface Parts {
  run: Run;
  state: RunState;
  results: Results;
  projector: Projector;
  recorder: ChangeRecorder;
  units: UnitRunner;
  starter: UnitStarter;
  batches: BatchRunner;
}

/** Takes what is ready, and has it carried out: by the run's own workflow while that is little, by batches when it is much. */
export class UnitDispatcher {
  private manyReady = false;
  private handingOut = false;

  /** @param wake asks for another look at what is ready */
  constructor(private readonly parts: Parts, private readonly wake: () => void) {}

  /** Whether units are on their way to a batch that does not exist yet. */
  get isHandingOut(): boolean {
    return this.handingOut;
  }

  /** @returns how many units were started */
  startReady(): number {
    const { run, state, results, units, starter } = this.parts;
    this.manyReady = state.readyCount() > (run.plan.inline === null || results.hasLongLists ? fewReady : maxDirect);
    const started = this.startBatch();
    const direct = [
      ...state.takeReady('waiting', maxWaiting - units.inLane('waiting')),
      ...state.takeReady('working', maxDirect - units.inLane('working'), (unit) => this.startsDirectly(unit)),
    ];
    for (const unit of direct) starter.start(unit);
    return started + direct.length;
  }

  private startBatch(): number {
    const { state, batches } = this.parts;
    const capacity = this.handingOut ? 0 : batches.capacity;
    if (capacity === 0) return 0;
    const units = state.takeReady('working', capacity, (unit) => !this.startsDirectly(unit));
    if (units.length > 0) void this.handOut(units);
    return units.length;
  }

  private async handOut(units: Unit[]): Promise<void> {
    const { run, state, projector, recorder, batches } = this.parts;
    recorder.recordChanges();
    // The items of a forEach and the results that the tasks read are taken from the read model.
    if (run.plan.readsResults || units.some(({ instance }) => instance >= 0)) {
      this.handingOut = true;
      await projector.flush();
      this.handingOut = false;
      this.wake();
    }
    const still = units.filter((unit) => state.isInFlight(unit));
    if (still.length > 0) batches.start(still.map(({ task, instance }) => [task, instance, state.generationOf(task)]));
  }

  private startsDirectly({ task }: Unit): boolean {
    if (this.parts.run.plan.inline?.tasks[task]?.mode === 'workflow') return true;
    return !this.manyReady && workflowInfo().historyLength <= longHistoryEvents;
  }
}
