import type { LocalActivityInput, Next, WorkflowInterceptors, WorkflowOutboundCallsInterceptor } from '@temporalio/workflow';

/**
 * Gives the results of local activities back in the order in which they were called, and of those that are out at the
 * same time all together. Temporal does not record in which order they ended: live they come as they end, in a replay
 * in the order of the calls. A run with quick tasks side by side would then decide otherwise after its worker was lost,
 * and be stuck for ever (temporalio/sdk-typescript#1744).
 */
class LocalActivityOrder implements WorkflowOutboundCallsInterceptor {
  private out = 0;
  private held: { seq: number; release: () => void }[] = [];

  async scheduleLocalActivity(input: LocalActivityInput, next: Next<WorkflowOutboundCallsInterceptor, 'scheduleLocalActivity'>): Promise<unknown> {
    this.out++;
    try {
      return await next(input);
    } finally {
      await this.turnOf(input.seq);
    }
  }

  private turnOf(seq: number): Promise<void> {
    return new Promise((release) => {
      this.held.push({ seq, release });
      // Once the last one waits, too: it would go on after all others otherwise, whichever it is.
      if (--this.out === 0) void Promise.resolve().then(() => this.releaseAll());
    });
  }

  private releaseAll(): void {
    const held = this.held.sort((left, right) => left.seq - right.seq);
    this.held = [];
    for (const { release } of held) release();
  }
}

export const interceptors = (): WorkflowInterceptors => ({ outbound: [new LocalActivityOrder()] });
