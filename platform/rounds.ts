/** What is done again and again, one round at a time, until it ends. A round that fails is told, and hinders none after it. */
export class Rounds {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | null = null;
  private again = false;
  private ended = false;

  constructor(private readonly everyMs: number, private readonly round: () => Promise<unknown>, private readonly onError: (error: unknown) => void) {}

  begin(): void {
    this.timer = setInterval(() => { if (!this.working) this.wake(); }, this.everyMs);
  }

  /** There is something to do now: a round that is under way may have missed it, and is followed by another one. */
  wake(): void {
    this.again = true;
    this.working ??= this.work().finally(() => { this.working = null; });
  }

  /** Waits for the round that is under way; no other one follows. */
  async end(): Promise<void> {
    this.ended = true;
    clearInterval(this.timer);
    await this.working;
  }

  private async work(): Promise<void> {
    while (this.again && !this.ended) {
      this.again = false;
      await this.round().catch(this.onError);
    }
  }
}
