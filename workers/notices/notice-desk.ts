interface Work<T> {
  /** Takes at most so many. */
  claim(this: void, most: number): Promise<T[]>;
  carryOut(this: void, item: T): Promise<void>;
  onError(this: void, error: unknown): void;
}

/** Carries out what is due with a number of hands: each takes the next as soon as it is free, so that a slow one holds up nobody else. */
export class NoticeDesk<T> {
  private readonly busy = new Set<Promise<void>>();
  private claiming: Promise<void> | null = null;
  private again = false;
  private closed = false;

  constructor(private readonly hands: number, private readonly work: Work<T>) {}

  /** There may be something to do. */
  look(): void {
    this.again = true;
    this.claiming ??= this.claim().finally(() => { this.claiming = null; });
  }

  /** Takes nothing more, and waits for what is under way. */
  async close(): Promise<void> {
    this.closed = true;
    await this.claiming;
    await Promise.all(this.busy);
  }

  private async claim(): Promise<void> {
    while (this.again && this.busy.size < this.hands && !this.closed) {
      this.again = false;
      try {
        const items = await this.work.claim(this.hands - this.busy.size);
        this.again ||= items.length > 0;
        for (const item of items) this.take(item);
      } catch (error) {
        this.work.onError(error);
      }
    }
  }

  private take(item: T): void {
    const done = this.work.carryOut(item).catch((error: unknown) => this.work.onError(error)).finally(() => {
      this.busy.delete(done);
      this.look();
    });
    this.busy.add(done);
  }
}
