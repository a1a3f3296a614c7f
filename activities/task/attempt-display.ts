import type { LiveAttempt } from '../../db/live';
import type { SecretMask } from '../../platform/secret-mask';
import type { AttemptWriter } from './attempt-writer';
import type { Heartbeat } from './heartbeat';

/** Shows one attempt while it runs: to readers, and with its heartbeats to Temporal. */
export class AttemptDisplay {
  private shown: LiveAttempt;

  constructor(private readonly writer: AttemptWriter, attempt: LiveAttempt, private readonly mask: SecretMask, private readonly heartbeat: Heartbeat) {
    this.shown = attempt;
  }

  begin(): void {
    this.writer.show(this.shown);
  }

  progress(percent: number, message?: string): void {
    const progress = {
      percent: Math.min(100, Math.max(0, Math.round(percent) || 0)),
      ...(message !== undefined && { message: this.mask.text(String(message)).replaceAll('\u0000', '').slice(0, 200) }),
    };
    this.writer.unshow(this.shown);
    this.shown = { ...this.shown, progress };
    this.heartbeat.details = progress;
    this.writer.show(this.shown);
  }

  end(): void {
    this.writer.unshow(this.shown);
  }
}
