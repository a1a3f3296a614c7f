import { CancellationScope } from '@temporalio/workflow';
import type { BatchUnit } from './contract';

/** Works through units in order, a window of them at a time; each can be cancelled alone. */
export class Lanes {
  private readonly scopes = new Map<string, CancellationScope>();
  private next = 0;

  /**
   * @param work says when it is done, and never throws; a cancel of its unit reaches it through its scope.
   * By a callback, because every promise of workflow code costs, and there are very many units
   */
  constructor(private readonly units: BatchUnit[], private readonly work: (unit: BatchUnit, done: () => void) => void) {}

  async run(window: number): Promise<void> {
    await Promise.all(Array.from({ length: Math.min(window, this.units.length) }, () => this.runLane()));
  }

  cancel(unit: string): void {
    this.scopes.get(unit)?.cancel();
  }

  /** One scope serves unit after unit, until a cancel has used it up: one for each would be several promises a unit. */
  private async runLane(): Promise<void> {
    while (this.next < this.units.length) {
      const scope = new CancellationScope();
      await scope.run(() => new Promise<void>((end) => this.runNext(scope, end)));
    }
  }

  private runNext(scope: CancellationScope, end: () => void): void {
    const unit = scope.consideredCancelled ? undefined : this.units[this.next++];
    if (!unit) return end();
    const key = unitName(unit);
    this.scopes.set(key, scope);
    this.work(unit, () => {
      this.scopes.delete(key);
      this.runNext(scope, end);
    });
  }
}

/** Tells the units of a batch apart. */
export const unitName = ([task, instance]: readonly [number, number, ...unknown[]]): string => `${task} ${instance}`;
