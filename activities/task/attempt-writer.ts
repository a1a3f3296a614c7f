import type { Pool } from 'pg';
import { saveFailedAttempts, saveLive, saveOutputs, type AttemptKey, type FailedAttempt, type LiveAttempt } from '../../db/live';
import { appendLogs, type TaskLogLine } from '../../db/task-logs';
import type { Json } from '../../domain/json';
import { Batcher } from '../../platform/batcher';
import type { Logger } from '../../platform/logger';
import type { BatchWriter, WorkerMetrics } from '../../platform/worker-metrics';
import { whilePostgresIsAway } from './patience';

/** How long lines and failures are held while Postgres is away: they pile up in memory. */
const heldMs = 20_000;

const held = (write: () => Promise<void>): Promise<void> => whilePostgresIsAway(AbortSignal.timeout(heldMs), write);

type StoredOutput = AttemptKey & { output: Json };

/**
 * Writes what attempts show while they run, gathered over all tasks of the worker. An attempt that is over before its
 * turn comes is never shown as running: nobody would have seen it.
 */
export class AttemptWriter {
  private readonly live: Batcher<LiveAttempt>;
  private readonly failed: Batcher<FailedAttempt>;
  private readonly logs: Batcher<TaskLogLine>;
  private readonly outputs: Batcher<{ item: StoredOutput; settle: (error?: Error) => void }>;

  constructor(pool: Pool, logger: Logger, metrics: WorkerMetrics) {
    const counted = <T>(writer: BatchWriter, write: (items: T[]) => Promise<void>) => (items: T[]): Promise<void> => {
      metrics.countBatch(writer, items.length);
      return write(items);
    };
    // Losing any of these costs a view, never a result.
    const onError = (what: string) => (error: unknown, items: unknown[]): void => {
      logger.warn(`${what} could not be written`, { error, count: items.length });
    };
    this.live = new Batcher<LiveAttempt>({ delayMs: 150, maxItems: 500, write: counted('live', (items) => saveLive(pool, items)), onError: onError('live attempts') });
    this.failed = new Batcher<FailedAttempt>({ delayMs: 150, maxItems: 500, write: counted('failed', (items) => held(() => saveFailedAttempts(pool, items))), onError: onError('failed attempts') });
    this.logs = new Batcher<TaskLogLine>({ delayMs: 150, maxItems: 1_000, write: counted('logs', (lines) => held(() => appendLogs(pool, lines))), onError: onError('log lines') });
    this.outputs = new Batcher({
      delayMs: 2, maxItems: 200,
      write: counted('outputs', async (items) => {
        await saveOutputs(pool, items.map(({ item }) => item));
        for (const { settle } of items) settle();
      }),
      onError: (error, items) => {
        const reason = error instanceof Error ? error : new Error('outputs could not be stored', { cause: error });
        for (const { settle } of items) settle(reason);
      },
    });
  }

  show(attempt: LiveAttempt): void {
    this.live.add(attempt);
  }
  unshow(attempt: LiveAttempt): void {
    this.live.withdraw(attempt);
  }
  fail(attempt: FailedAttempt): void {
    this.failed.add(attempt);
  }
  log(line: TaskLogLine): void {
    this.logs.add(line);
  }

  /** Resolves when the output is stored. */
  store(item: StoredOutput): Promise<void> {
    return new Promise((resolve, reject) => {
      this.outputs.add({ item, settle: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  }

  /** Writes everything that waits; called before the worker ends. */
  async flush(): Promise<void> {
    await Promise.all([this.live.flush(), this.failed.flush(), this.logs.flush(), this.outputs.flush()]);
  }
}
