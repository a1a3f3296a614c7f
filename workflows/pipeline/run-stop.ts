import { condition } from '@temporalio/workflow';
import type { ErrorInfo } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { limits } from '../../domain/limits';
import type { StopCause } from '../../domain/pipeline/explain-facts';
import type { RunState, StopReason, Unit } from '../../domain/pipeline/run-state';
import type { BatchRunner } from './batch-runner';
import type { CancelRequest } from './contract';
import type { Projector } from './projector';
import type { Run } from './run';
import type { RunClock } from './run-clock';
import type { UnitRunner } from './unit-runner';

/** A time-out up to this length is watched from the first moment on, a longer one with the first news of the run. */
const shortTimeoutMs = 1_000;

interface Parts {
  run: Run;
  state: RunState;
  clock: RunClock;
  projector: Projector;
  units: UnitRunner;
  batches: BatchRunner;
  addRunEvent(type: string, data: JsonObject): void;
  wake(): void;
}

/** Who asked for the end, and why; `force` skips the clean-up. */
interface StopDetails {
  force?: boolean | undefined;
  by?: string | undefined;
  why?: string | undefined;
}

/** Ends a run before its tasks are done: on request, by its time-out, by `failFast`; and what that leaves to wait for. */
export class RunStop {
  /** Since when, RFC 3339, and why the run is being ended. */
  turn: ({ since: string } & StopCause) | null = null;

  /** @param message of before a continue-as-new */
  constructor(private readonly parts: Parts, public message: string | null) {}

  /** What ended the run; null when it was nothing of this kind. */
  get error(): ErrorInfo | null {
    const { stopReason } = this.parts.state;
    if (stopReason === null || stopReason === 'failed') return null;
    return { code: stopReason, message: this.message ?? 'Stopped', retryable: false };
  }

  cancel({ requestedBy: by, reason: why, force }: CancelRequest): void {
    this.stop('cancelled', `Cancelled${by ? ` by ${by}` : ''}${why ? `: ${why}` : ''}`, { force, by, why });
  }

  /** Ends what `failFast` ends. */
  endStopped(): void {
    const units = this.parts.state.takeStopped();
    if (units.length > 0) this.note('failed');
    this.cancelUnits(units);
  }

  /** Cancels units that are in flight; what does not end within its grace counts as cancelled. */
  cancelUnits(units: Unit[]): void {
    if (units.length === 0) return;
    for (const unit of units) this.parts.units.cancel(unit);
    this.parts.batches.cancel(units);
    void this.giveUpAfterGrace(units);
  }

  async watchTimeout(): Promise<void> {
    const { run: { plan: { timeoutMs } }, projector, clock } = this.parts;
    // A run that is over within a moment needs no timer of its own for this.
    if (timeoutMs > shortTimeoutMs) await condition(() => projector.hasWritten);
    if (await clock.ring('timeout of the run')) this.stop('timed_out', `The run did not end within ${timeoutMs} ms`);
  }

  private stop(reason: StopReason, message: string, { force = false, by, why }: StopDetails = {}): void {
    const { state } = this.parts;
    const first = state.stopReason === null;
    if (first) {
      this.message = message;
      this.note(reason, { message, ...(by !== undefined && { by }), ...(why !== undefined && { why }) });
    }
    this.cancelUnits(state.stop(reason, { force }));
    if (first && !force) void this.watchCleanup();
    this.parts.wake();
  }

  /** Tells once, for those who ask later, since when and why the run is being ended. */
  private note(reason: StopReason, data: { message?: string; by?: string; why?: string } = {}): void {
    if (this.turn) return;
    this.turn = { since: new Date().toISOString(), reason, by: data.by ?? null, why: data.why ?? null };
    this.parts.addRunEvent(reason === 'cancelled' ? 'run.cancelling' : 'run.stopping', { reason, ...data });
  }

  private async giveUpAfterGrace(cancelled: Unit[]): Promise<void> {
    const { state, units, batches } = this.parts;
    if (await condition(() => cancelled.every((unit) => !state.isInFlight(unit)), limits.cancelGraceMs)) return;
    units.giveUp(cancelled);
    batches.giveUp(cancelled);
  }

  private async watchCleanup(): Promise<void> {
    const { run, state, clock } = this.parts;
    clock.stop();
    const over = !(await condition(() => state.isDone(), run.plan.cleanupTimeoutMs));
    if (over) this.cancelUnits(state.stop(state.stopReason ?? 'cancelled', { force: true }));
    this.parts.wake();
  }
}
