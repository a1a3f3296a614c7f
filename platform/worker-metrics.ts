import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { finalStatuses, type FinalStatus } from '../domain/approval/state';
import { isFinalRun, isFinalTask, runStatuses, taskStatuses, type RunStatus, type TaskStatus } from '../domain/pipeline/status';

export type AttemptOutcome = 'succeeded' | 'failed' | 'cancelled';
/** What became of one try to deliver a notice: a failed one is tried again, one that was given up is not. */
const noticeOutcomes = ['sent', 'failed', 'given_up'] as const;
export type NoticeOutcome = (typeof noticeOutcomes)[number];
/** What is gathered and written together. */
export type BatchWriter = 'live' | 'failed' | 'logs' | 'outputs' | 'facts';

/** Metrics of one worker, for Prometheus. Labels have few values: processors, statuses, hosts; never ids or what users wrote. */
export class WorkerMetrics {
  readonly registry = new Registry();
  private readonly attempts = new Histogram({
    name: 'datamcp_task_attempt_duration_seconds', help: 'Attempts of tasks that have ended, by processor and outcome, and how long they took',
    labelNames: ['processor', 'outcome'], registers: [this.registry],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800],
  });
  private readonly running = new Gauge({
    name: 'datamcp_task_attempts_running', help: 'Attempts of tasks that are under way, by processor', labelNames: ['processor'], registers: [this.registry],
  });
  private readonly tasks = new Counter({
    name: 'datamcp_tasks_ended_total', help: 'Tasks that have become final, by status; instances of a forEach are not counted', labelNames: ['status'], registers: [this.registry],
  });
  private readonly runs = new Counter({
    name: 'datamcp_runs_ended_total', help: 'Runs that have become final, by status', labelNames: ['status'], registers: [this.registry],
  });
  private readonly approvals = new Counter({
    name: 'datamcp_approvals_ended_total', help: 'Requests for a decision that have become final, by status', labelNames: ['status'], registers: [this.registry],
  });
  private readonly lag = new Histogram({
    name: 'datamcp_read_model_lag_seconds', help: 'Age of the oldest fact of a batch when it was written: how late readers learn of it',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300], registers: [this.registry],
  });
  private readonly notices = new Counter({
    name: 'datamcp_notices_total', help: 'Tries to tell people and programs of approvals, by channel (mail, or a webhook) and outcome', labelNames: ['channel', 'outcome'], registers: [this.registry],
  });
  private readonly batches = new Histogram({
    name: 'datamcp_batch_size', help: 'How many rows were written together, by writer', labelNames: ['writer'],
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000], registers: [this.registry],
  });

  private longestLagMs: number | null = null;

  constructor() {
    // From the start, so that the first one shows as a rise.
    for (const outcome of noticeOutcomes) this.notices.inc({ channel: 'mail', outcome }, 0);
    for (const status of taskStatuses.filter(isFinalTask)) this.tasks.inc({ status }, 0);
    for (const status of runStatuses.filter(isFinalRun)) this.runs.inc({ status }, 0);
    for (const status of finalStatuses) this.approvals.inc({ status }, 0);
  }

  /** An attempt begins. @returns what to call at its end */
  beginAttempt(processor: string): (outcome: AttemptOutcome) => void {
    const beganMs = performance.now();
    this.running.inc({ processor });
    return (outcome) => {
      this.running.dec({ processor });
      this.attempts.observe({ processor, outcome }, (performance.now() - beganMs) / 1_000);
    };
  }

  countBatch(writer: BatchWriter, rows: number): void {
    this.batches.observe({ writer }, rows);
  }

  /** @param lagSeconds below zero when clocks differ, which is not told */
  observeLag(lagSeconds: number): void {
    const seconds = Math.max(0, lagSeconds);
    this.lag.observe(seconds);
    this.longestLagMs = Math.max(this.longestLagMs ?? 0, Math.round(seconds * 1_000));
  }

  /** The longest lag since the last call, in milliseconds; null when nothing was written. */
  takeLongestLagMs(): number | null {
    const longest = this.longestLagMs;
    this.longestLagMs = null;
    return longest;
  }

  countTask(status: TaskStatus): void {
    this.tasks.inc({ status });
  }

  countRun(status: RunStatus): void {
    this.runs.inc({ status });
  }

  countApproval(status: FinalStatus): void {
    this.approvals.inc({ status });
  }

  countNotice(channel: string, outcome: NoticeOutcome): void {
    this.notices.inc({ channel, outcome });
  }
}
