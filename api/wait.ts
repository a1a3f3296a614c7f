import { isFinalRun, type RunStatus } from '../domain/pipeline/status';
import { findRunStatus } from '../db/run-queries';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import { listen, type Listening } from '../platform/postgres';
import type { Dependencies } from './dependencies';

/** Channels on which whoever writes about a run, or a request for a decision, says its id. */
export type ChangedChannel = 'run_changed' | 'approval_changed';

type Listener = () => void;

/** Tells those who watch a run, or a request for a decision, that something of it changed, from one listening connection for the whole process. */
export class Changes {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly listening: Listening;

  constructor(config: Pick<Config, 'DATABASE_URL'>, logger: Logger, channel: ChangedChannel) {
    this.listening = listen(config, logger, {
      channel,
      onMessage: (id) => this.tell(id),
      // What was said while nobody listened is lost: everybody looks for themselves.
      onListening: () => { for (const id of this.listeners.keys()) this.tell(id); },
    });
  }

  /** Calls `listener` after each change of it. @returns what ends that */
  subscribe(id: string, listener: Listener): () => void {
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.listeners.get(id) === listeners) this.listeners.delete(id);
    };
  }

  async close(): Promise<void> {
    await this.listening.close();
  }

  private tell(id: string): void {
    for (const listener of this.listeners.get(id) ?? []) listener();
  }
}

/** The changes of one thing as a queue of one: changes that come while the reader is busy are one change. */
export class ChangeWatch {
  private changed = true;
  private wake: (() => void) | undefined;
  private readonly unsubscribe: () => void;

  constructor(changes: Changes, id: string) {
    this.unsubscribe = changes.subscribe(id, () => {
      this.changed = true;
      this.wake?.();
    });
  }

  /**
   * Waits for a change since the last call; the first call returns at once.
   * @returns false when there was none within `timeoutMs`, or the signal was aborted
   */
  async next(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.changed && !signal.aborted) await this.sleep(timeoutMs, signal);
    const { changed } = this;
    this.changed = false;
    return changed && !signal.aborted;
  }

  close(): void {
    this.unsubscribe();
  }

  private async sleep(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, timeoutMs);
      const wake = done;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      }
      signal.addEventListener('abort', wake);
      this.wake = wake;
    });
    this.wake = undefined;
  }
}

/**
 * Looks at something after each of its changes until it is as asked, at most `timeoutMs`.
 * @returns what was seen last
 */
export async function watchUntil<T>(
  changes: Changes, id: string, look: () => Promise<T>, holds: (seen: T) => boolean, timeoutMs: number, signal: AbortSignal = new AbortController().signal,
): Promise<T> {
  const giveUpAt = performance.now() + timeoutMs;
  const watch = new ChangeWatch(changes, id);
  try {
    for (;;) {
      await watch.next(giveUpAt - performance.now(), signal);
      const seen = await look();
      if (holds(seen) || signal.aborted || performance.now() >= giveUpAt) return seen;
    }
  } finally {
    watch.close();
  }
}

type Changing = Pick<Dependencies, 'pool' | 'changes'>;

/** Waits until the status of a run is as asked, at most `timeoutMs`. @returns its status then; undefined when there is no such run */
export async function waitForStatus(
  { pool, changes }: Changing, runId: string, holds: (status: RunStatus) => boolean, timeoutMs: number, signal?: AbortSignal,
): Promise<RunStatus | undefined> {
  const run = await watchUntil(changes, runId, () => findRunStatus(pool, runId), (seen) => !seen || holds(seen.status), timeoutMs, signal);
  return run?.status;
}

/** Waits until a run is final, at most so many seconds. */
export const waitForEnd = (deps: Changing, runId: string, seconds: number, signal: AbortSignal): Promise<RunStatus | undefined> =>
  waitForStatus(deps, runId, isFinalRun, seconds * 1_000, signal);
