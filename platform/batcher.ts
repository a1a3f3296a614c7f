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
 * `add` does not wait; `flush` does.
 */
export class Batcher<T> {
  private items: T[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: BatcherOptions<T>) {}

  add(item: T): void {
    this.items.push(item);
    if (this.items.length >= this.options.maxItems) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), this.options.delayMs);
  }

  /** Takes back what has not been written yet: the rest was not worth writing. */
  withdraw(item: T): void {
    const index = this.items.indexOf(item);
    if (index >= 0) this.items.splice(index, 1);
  }

  /** Resolves when everything added before has been written, or has been given to `onError`. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const items = this.items;
    this.items = [];
    if (items.length > 0) {
      this.writing = this.writing.then(() => this.options.write(items)).catch((error: unknown) => this.options.onError(error, items));
    }
    return this.writing;
  }
}
