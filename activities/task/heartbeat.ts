import { Context } from '@temporalio/activity';
import type { Json } from '../../domain/json';

/** A cancel reaches an activity with the answer to a heartbeat, so this is also how late it may come. */
const heartbeatMs = 1_000;

/** Keeps one attempt alive in Temporal's eyes, from its first moment: also while it waits for what it is to read. */
export class Heartbeat {
  /** Told with each beat, for the Temporal UI. */
  details: Json = null;
  private timer: NodeJS.Timeout | undefined;

  begin(): void {
    const context = Context.current();
    this.timer = setInterval(() => context.heartbeat(this.details), heartbeatMs);
  }

  end(): void {
    clearInterval(this.timer);
  }
}
