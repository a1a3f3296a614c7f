import { isFinalRun, type RunStatus } from '../domain/pipeline/status';
import { findRunStatus } from '../db/run-queries';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import { listen, type Listening } from '../platform/postgres';
import type { Dependencies } from './dependencies';

/** Channel on which whoever writes about a run says its id. */
export const runChangedChannel = 'run_changed';

type Listener = () => void;

/** Tells those who watch a run that something of it changed, from one listening connection for the whole process. */
export class RunChanges {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly listening: Listening;

  constructor(config: Pick<Config, 'DATABASE_URL'>, logger: Logger) {
    this.listening = listen(config, logger, {
      channel: runChangedChannel,
      onMessage: (runId) => this.tell(runId),
      // What was said while nobody listened is lost: everybody looks for themselves.
      onListening: () => { for (const runId of this.listeners.keys()) this.tell(runId); },
    });
  }

  /** Calls `listener` after each change of the run. @returns what ends that */
  subscribe(runId: string, listener: Listener): () => void {
    const listeners = this.listeners.get(runId) ?? new Set();
    this.listeners.set(runId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.listeners.get(runId) === listeners) this.listeners.delete(runId);
    };
  }

  async close(): Promise<void> {
    await this.listening.close();
  }

  private tell(runId: string): void {
    for (const listener of this.listeners.get(runId) ?? []) listener();
  }
}

/** The changes of one run as a queue of one: changes that come while the reader is busy are one change. */
export class RunWatch {
  private changed = true;
  private wake: (() => void) | undefined;
  private readonly unsubscribe: () => void;

  constructor(changes: RunChanges, runId: string) {
    this.unsubscribe = changes.subscribe(runId, () => {
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

type Changing = Pick<Dependencies, 'pool' | 'changes'>;

/** Waits until the status of a run is as asked, at most `timeoutMs`. @returns its status then; undefined when there is no such run */
export async function waitForStatus(
  { pool, changes }: Changing, runId: string, holds: (status: RunStatus) => boolean, timeoutMs: number, signal: AbortSignal = new AbortController().signal,
): Promise<RunStatus | undefined> {
  const giveUpAt = performance.now() + timeoutMs;
  const watch = new RunWatch(changes, runId);
  try {
    for (;;) {
      await watch.next(giveUpAt - performance.now(), signal);
      const run = await findRunStatus(pool, runId);
      if (!run || holds(run.status) || signal.aborted || performance.now() >= giveUpAt) return run?.status;
    }
  } finally {
    watch.close();
  }
}

/** Waits until a run is final, at most so many seconds. */
export const waitForEnd = (deps: Changing, runId: string, seconds: number, signal: AbortSignal): Promise<RunStatus | undefined> =>
  waitForStatus(deps, runId, isFinalRun, seconds * 1_000, signal);
