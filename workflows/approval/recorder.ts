import { condition, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ApprovalActivities, RecordApprovalInput } from '../../activities/contract';
import type { RecordedAct } from '../../domain/approval/recorded-act';
import type { ApprovalState } from '../../domain/approval/state';

const { recordApproval } = proxyActivities<ApprovalActivities>({
  startToCloseTimeout: '30 s', retry: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '10 s' },
});
/**
 * As long as Postgres answers at once: then whoever acted reads what they did as soon as they are told that it counted.
 * The answer waits for it no longer than this.
 */
const quickly = proxyLocalActivities<ApprovalActivities>({ startToCloseTimeout: '3 s', retry: { maximumAttempts: 1 } });

/** Records what happens to a request: in order, together what comes together, one write at a time, however long that takes. */
export class Recorder {
  head = '';
  private waiting: RecordedAct[] = [];
  private isWriting = false;
  private failure: Error | undefined;
  private seq: number;

  /** @param lastSeq number of the last entry: of the record, and later of what is on its way there */
  constructor(private readonly approvalId: string, public lastSeq: number, private readonly describe: () => { state: ApprovalState; standing: string }) {
    this.seq = lastSeq;
  }

  /** Nothing waits for it. */
  add(acts: readonly RecordedAct[]): void {
    this.waiting.push(...acts);
    this.lastSeq += acts.length;
    if (!this.isWriting) void this.writeAll();
  }

  get isIdle(): boolean {
    return !this.isWriting && this.waiting.length === 0;
  }

  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  /** Resolves when all is recorded. @throws what makes that impossible */
  async flush(): Promise<void> {
    await condition(() => this.isIdle || this.hasFailed);
    if (this.failure) throw this.failure;
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    try {
      while (this.waiting.length > 0) {
        const acts = this.waiting.splice(0);
        ({ head: this.head } = await write({ approvalId: this.approvalId, after: this.seq, acts, ...this.describe() }));
        this.seq += acts.length;
      }
      this.isWriting = false;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
    }
  }
}

async function write(input: RecordApprovalInput): Promise<{ head: string }> {
  try {
    return await quickly.recordApproval(input);
  } catch {
    return recordApproval(input);
  }
}
