import type { AttemptEnd } from './attempt';

interface Deadline {
  signal: AbortSignal;
  over: Promise<AttemptEnd>;
  timer: NodeJS.Timeout;
}

/** The time-outs of attempts that begin together: those of equal length share one timer. */
export class Deadlines {
  private readonly startedAt = new Date().toISOString();
  private readonly deadlines = new Map<number, Deadline>();

  /** @param cancelled aborted when all the attempts are to end */
  constructor(private readonly cancelled: AbortSignal) {}

  /** How `work` ended within its time. Work that does not listen to its signal is left behind, like a lost activity. */
  async within(timeoutMs: number, work: (signal: AbortSignal) => Promise<AttemptEnd>): Promise<AttemptEnd> {
    const deadline = this.deadlines.get(timeoutMs) ?? this.begin(timeoutMs);
    const end = await Promise.race([work(deadline.signal), deadline.over]);
    return end.outcome === 'cancelled' && !this.cancelled.aborted ? deadline.over : end;
  }

  close(): void {
    for (const { timer } of this.deadlines.values()) clearTimeout(timer);
  }

  private begin(timeoutMs: number): Deadline {
    const controller = new AbortController();
    const over = new Promise<AttemptEnd>((resolve) => {
      controller.signal.addEventListener('abort', () => {
        resolve({ outcome: 'failed', error: timedOut, startedAt: this.startedAt, finishedAt: new Date().toISOString() });
      });
    });
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    const deadline = { signal: AbortSignal.any([this.cancelled, controller.signal]), over, timer };
    this.deadlines.set(timeoutMs, deadline);
    return deadline;
  }
}

const timedOut = { code: 'timed_out', message: 'The task did not end within its timeout', retryable: true };
