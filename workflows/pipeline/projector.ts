import { CancellationScope, isCancellation, proxyActivities, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { RunActivities } from '../../activities/contract';
import type { RunFacts } from '../../domain/pipeline/facts';
import type { FactsLog, RunSummary } from './facts-log';

/** Facts wait this long for company, so that a fast run costs one write at its end and a slow one is seen within a second. */
const gatherMs = 250;

const untilWritten = { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '10 s' } as const;
const { projectRun, endRun } = proxyActivities<RunActivities>({ startToCloseTimeout: '30 s', retry: untilWritten });
/** Saves the round trips of a full activity at the end of a run, as long as Postgres answers at once. */
const quickly = proxyLocalActivities<RunActivities>({ startToCloseTimeout: '3 s', retry: { maximumAttempts: 2 } });

/** Writes the facts of a run to the read model: in batches, one at a time, in order, however long that takes. */
export class Projector {
  private writing: Promise<void> | null = null;
  private gathering: { scope: CancellationScope; untilMs: number } | null = null;
  private ending = false;
  /** Whether anything was written before the end: a run that is over so soon had no news. */
  hasWritten = false;

  constructor(private readonly planHash: string, private readonly log: FactsLog, private readonly describe: () => RunSummary) {}

  /** Sees to it that new facts are written soon; nothing waits for it. */
  touch(): void {
    if (this.log.isEmpty || this.writing || this.ending) return;
    if (!this.gathering) this.gather();
    // Under load Temporal fires the timer of a workflow that gets many signals up to minutes late.
    else if (Date.now() > this.gathering.untilMs) void this.write();
  }

  /** Resolves when all facts so far are in the read model. */
  async flush(): Promise<void> {
    this.stopGathering();
    while (this.writing || !this.log.isEmpty) await this.write();
  }

  /** Writes what is left, with the end of the run in the last batch. Retried without limit: the run ends only then. */
  async end(facts: RunSummary, hasSlot: boolean): Promise<void> {
    // Nothing may be written beside the last batch, nor after it.
    this.ending = true;
    this.stopGathering();
    if (this.writing) await this.writing;
    while (!this.log.fitsOneBatch) await projectRun(this.planHash, this.log.take(this.describe()));
    await this.writeEnd(this.log.take(facts), hasSlot);
  }

  private async writeEnd(batch: RunFacts, hasSlot: boolean): Promise<void> {
    try {
      await quickly.endRun(this.planHash, batch, hasSlot);
    } catch {
      await endRun(this.planHash, batch, hasSlot);
    }
  }

  private gather(): void {
    const scope = new CancellationScope();
    this.gathering = { scope, untilMs: Date.now() + gatherMs };
    void scope
      .run(() => sleep(gatherMs, { summary: 'gather news for the read model' }))
      .then(() => (this.gathering?.scope === scope ? this.write() : undefined))
      .catch((error: unknown) => { if (!isCancellation(error)) throw error; });
  }

  private write(): Promise<void> {
    this.stopGathering();
    this.hasWritten = true;
    // Whoever asked for it may be cancelled: the facts are everybody's.
    this.writing ??= CancellationScope.nonCancellable(() => projectRun(this.planHash, this.log.take(this.describe()))).finally(() => {
      this.writing = null;
      this.touch();
    });
    return this.writing;
  }

  private stopGathering(): void {
    this.gathering?.scope.cancel();
    this.gathering = null;
  }
}
