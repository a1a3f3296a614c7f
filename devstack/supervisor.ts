import { errorMessage } from '../domain/errors';
import { say } from './console';
import { sleep } from './processes';

/** Something that runs as a process of its own. */
export interface Running {
  pid: number;
  exited: Promise<number | string>;
  stop(): Promise<void>;
}

export interface SupervisorHooks<T> {
  /** After each start and each end, to keep what others read current. */
  onChange(): void;
  /** After it was started again: its address may differ from before. */
  onRestart?(running: T): void;
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** A process that lived this long had a good start: the pauses begin anew. */
const settledMs = 30_000;

/** A process that is started again whenever it ends by itself, with growing pauses. */
export class Supervised<T extends Running> {
  private running: T | undefined;
  private stopping = false;
  private pauseMs = firstPauseMs;
  private readonly watching: Promise<void>;

  private constructor(private readonly name: string, private readonly launch: () => Promise<T>, private readonly hooks: SupervisorHooks<T>, first: T) {
    this.running = first;
    this.watching = this.watch(first);
  }

  /** @throws what the first `launch` throws; later failures are reported and tried again */
  static async start<T extends Running>(name: string, launch: () => Promise<T>, hooks: SupervisorHooks<T>): Promise<Supervised<T>> {
    return new Supervised(name, launch, hooks, await launch());
  }

  /** Undefined while it is being started again. */
  current(): T | undefined {
    return this.running;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running?.stop();
    // One that was just being started again is stopped when it is up, not left behind.
    await this.watching;
    await this.running?.stop();
  }

  private async watch(first: T): Promise<void> {
    for (let watched: T | undefined = first; watched; ) {
      const startedAt = Date.now();
      const end = await watched.exited;
      this.running = undefined;
      if (this.stopping) return;
      if (Date.now() - startedAt > settledMs) this.pauseMs = firstPauseMs;
      say(`  ${this.name} ended (${end}); starting it again`);
      this.hooks.onChange();
      watched = await this.launchAgain();
    }
  }

  /** Tries until it is up; undefined when it was stopped before. */
  private async launchAgain(): Promise<T | undefined> {
    for (let failures = 0; ; failures += 1) {
      await sleep(this.pauseMs);
      this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs);
      if (this.stopping) return undefined;
      try {
        const next = this.running = await this.launch();
        say(`  ${this.name} is up again (process ${next.pid})`);
        this.hooks.onRestart?.(next);
        this.hooks.onChange();
        return next;
      } catch (error) {
        const message = errorMessage(error);
        // The end of its log is told once, not with each of many tries.
        say(`  ${this.name} could not be started again: ${failures === 0 ? message : message.split('\n', 1)[0]}`);
      }
    }
  }
}
