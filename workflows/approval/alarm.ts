import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { nextTimer, type ApprovalState } from '../../domain/approval/state';

type Due = NonNullable<ReturnType<typeof nextTimer>>;

/** One durable timer for what time does next to a request. It lasts for years, and is gone as soon as nothing waits for it. */
export class Alarm {
  private due: Due | null = null;
  private scope: CancellationScope | null = null;

  constructor(private readonly ring: (due: Due) => void) {}

  /** Sets it for what this state waits for; a timer that is right already stays. */
  set(state: ApprovalState): void {
    const due = nextTimer(state);
    if (due?.at === this.due?.at && due?.type === this.due?.type) return;
    this.scope?.cancel();
    this.due = due;
    this.scope = due && this.start(due);
  }

  private start(due: Due): CancellationScope {
    const scope = new CancellationScope();
    const summary = due.type === 'deadline' ? 'deadline' : 'reminder';
    void scope
      .run(() => sleep(Math.max(1, due.at - Date.now()), { summary }))
      .then(() => {
        this.due = null;
        this.ring(due);
      })
      .catch((error: unknown) => { if (!isCancellation(error)) throw error; });
    return scope;
  }
}
