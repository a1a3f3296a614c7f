import { Context } from '@temporalio/activity';
import type { LiveAttempt } from '../../db/live';
import type { AttemptWriter } from './attempt-writer';
import type { SecretMask } from './masking';

/** A cancel reaches an activity with the answer to a heartbeat, so this is also how late it may come. */
const heartbeatMs = 1_000;

/** Shows one attempt while it runs, and keeps it alive in Temporal's eyes. */
export class AttemptDisplay {
  private timer: NodeJS.Timeout | undefined;
  private shown: LiveAttempt;

  constructor(private readonly writer: AttemptWriter, attempt: LiveAttempt, private readonly mask: SecretMask) {
    this.shown = attempt;
  }

  /** @param heartbeats false for a local activity, which has none */
  begin(heartbeats: boolean): void {
    this.writer.show(this.shown);
    if (heartbeats) this.timer = setInterval(() => Context.current().heartbeat(this.shown.progress), heartbeatMs);
  }

  progress(percent: number, message?: string): void {
    const progress = {
      percent: Math.min(100, Math.max(0, Math.round(percent) || 0)),
      ...(message !== undefined && { message: this.mask.text(message).replaceAll('\u0000', '').slice(0, 200) }),
    };
    this.writer.unshow(this.shown);
    this.shown = { ...this.shown, progress };
    this.writer.show(this.shown);
  }

  end(): void {
    clearInterval(this.timer);
    this.writer.unshow(this.shown);
  }
}
