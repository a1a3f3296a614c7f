import { condition } from '@temporalio/workflow';

/**
 * A clock that stands still while the run is paused. Rings once, when `limitMs` of running time are used up.
 * @param now workflow time in milliseconds
 */
export class RunClock {
  private since: number;
  private paused = false;
  private stopped = false;

  constructor(private readonly limitMs: number, private used: number, private readonly now: () => number) {
    this.since = now();
  }

  get elapsedMs(): number {
    return this.used + (this.paused ? 0 : this.now() - this.since);
  }

  setPaused(paused: boolean): void {
    if (paused === this.paused) return;
    this.used = this.elapsedMs;
    this.since = this.now();
    this.paused = paused;
  }

  stop(): void {
    this.stopped = true;
  }

  /** Resolves to true when the time is over, to false when the clock was stopped before. */
  async ring(summary: string): Promise<boolean> {
    for (;;) {
      if (this.stopped) return false;
      if (this.paused) {
        await condition(() => !this.paused || this.stopped);
        continue;
      }
      const left = this.limitMs - this.elapsedMs;
      if (left <= 0) return true;
      await condition(() => this.paused || this.stopped, left, { summary });
    }
  }
}
