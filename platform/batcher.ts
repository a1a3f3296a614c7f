/** How a batcher waits and how much it takes at once. */
export interface BatcherOptions<T> {
  /** Longest wait of an item before it is written, in milliseconds. */
  delayMs: number;
  maxItems: number;
  write(items: T[]): Promise<void>;
  onError(error: unknown, items: T[]): void;
}

/**
 * Gathers items and writes them together, one batch at a time, so that many small writes cost one round trip.
 * What comes while a batch is written waits for the next one: the slower the writing, the larger the batches.
 * `add` does not wait; `flush` does.
 */
export class Batcher<T> {
  private items: T[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;

  constructor(private readonly options: BatcherOptions<T>) {}

  add(item: T): void {
    this.items.push(item);
    if (this.writing) return;
    if (this.items.length >= this.options.maxItems) this.begin();
    else this.timer ??= setTimeout(() => this.begin(), this.options.delayMs);
  }

  /** Takes back what has not been written yet: the rest was not worth writing. */
  withdraw(item: T): void {
    const index = this.items.indexOf(item);
    if (index >= 0) this.items.splice(index, 1);
  }

  /** Resolves when everything added before has been written, or has been given to `onError`. */
  async flush(): Promise<void> {
    while (this.writing || this.items.length > 0) {
      this.begin();
      await this.writing;
    }
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing ??= this.writeAll().finally(() => { this.writing = undefined; });
  }

  private async writeAll(): Promise<void> {
    while (this.items.length > 0) {
      const batch = this.items.splice(0, this.options.maxItems);
      await this.options.write(batch).catch((error: unknown) => this.options.onError(error, batch));
    }
  }
}
