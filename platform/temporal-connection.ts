import { Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor, type ConnectionOptions } from '@temporalio/client';

type RetryOptions = ReturnType<typeof defaultGrpcRetryOptions>;

/** The client's own retries of calls, with an end: none begins after it, and those that are due are waited for. */
class Retries implements RetryOptions {
  private readonly usual = defaultGrpcRetryOptions();
  private ended = false;
  private lastAt = 0;

  readonly retryableDecider: RetryOptions['retryableDecider'] = (attempt, status) => !this.ended && this.usual.retryableDecider(attempt, status);

  readonly delayFunction: RetryOptions['delayFunction'] = (attempt, status) => {
    const delayMs = this.usual.delayFunction(attempt, status);
    this.lastAt = Math.max(this.lastAt, performance.now() + delayMs);
    return delayMs;
  };

  async end(): Promise<void> {
    this.ended = true;
    const leftMs = this.lastAt - performance.now();
    // The timer of the retry itself was set after its delay was asked for.
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs + 20));
  }
}

/**
 * A connection that may be closed while its calls are being retried. The SDK's own begins such a retry on the closed
 * channel, which throws out of a timer and so ends the whole process.
 */
export class TemporalConnection extends Connection {
  private retries: Retries | undefined;

  /** Connects with its first call. */
  static override lazy(options?: ConnectionOptions): TemporalConnection {
    const retries = new Retries();
    const connection = new this(this.createCtorOptions({ ...options, interceptors: [makeGrpcRetryInterceptor(retries)] }));
    connection.retries = retries;
    return connection;
  }

  /** Takes up to the delay of a retry, 6 s. */
  override async close(): Promise<void> {
    await this.retries?.end();
    await super.close();
  }
}
