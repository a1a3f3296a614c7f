import { setMaxListeners } from 'node:events';
import { claimDueNotices, failNotice, settleNotice, type DueNotice } from '../db/approvals/notice-queue';
import { isFinal } from '../domain/approval/state';
import { AppError } from '../domain/errors';
import { ApprovalLinks } from '../platform/approval-links';
import { ApprovalTokens } from '../platform/approval-tokens';
import type { Config } from '../platform/config';
import type { HttpClient } from '../platform/http';
import type { Logger } from '../platform/logger';
import type { Mailer } from '../platform/mail';
import { listen, type Listening, type Pool } from '../platform/postgres';
import { callWebhook } from './notices/call';
import { mailOf } from './notices/mail';
import { storyOf } from './notices/story';

const sweepMs = 2_000;
/** Longer than a mail or a call may take, so that a claim that ran out is one whose holder died. */
const leaseMs = 60_000;
const atOnce = 20;
const firstRetryMs = 1_000;
const longestRetryMs = 300_000;
/** Some four days of trying, as mail servers do. */
const mostAttempts = 1_200;

interface Outlets { mailer: Pick<Mailer, 'send'>; http: HttpClient }

/**
 * Delivers what people and programs are told of approvals: mails and webhooks. Any number of them work beside each
 * other. Nothing waits for it: a mail server that is down delays mails, and no decision.
 */
export class Notifier {
  private readonly links: ApprovalLinks;
  private readonly stopper = new AbortController();
  private readonly delivering = new Set<Promise<void>>();
  private listening: Listening | undefined;
  private timer: NodeJS.Timeout | undefined;
  private claiming: Promise<void> | null = null;
  private again = false;

  constructor(private readonly config: Config, private readonly pool: Pool, private readonly outlets: Outlets, private readonly logger: Logger) {
    this.links = new ApprovalLinks(config, new ApprovalTokens(config));
    // Each delivery listens, and more than Node takes for a leak.
    setMaxListeners(atOnce * 2, this.stopper.signal);
  }

  begin(): void {
    this.listening = listen(this.config, this.logger, { channel: 'approval_notice', onMessage: () => this.look(), onListening: () => this.look() });
    this.timer = setInterval(() => this.look(), sweepMs);
  }

  /** What is being delivered is broken off; another worker, or this one after its restart, delivers it. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    this.stopper.abort();
    await this.listening?.close();
    await this.claiming;
    await Promise.all(this.delivering);
  }

  private look(): void {
    this.again = true;
    this.claiming ??= this.claim().finally(() => { this.claiming = null; });
  }

  /** As many as there are hands free: a server that is slow holds up only what is sent to it. */
  private async claim(): Promise<void> {
    while (this.again && this.delivering.size < atOnce && !this.stopper.signal.aborted) {
      this.again = false;
      try {
        const notices = await claimDueNotices(this.pool, atOnce - this.delivering.size, leaseMs);
        this.again ||= notices.length > 0;
        for (const notice of notices) this.take(notice);
      } catch (error) {
        this.logger.warn('notices of approvals could not be looked up; tried again soon', { error });
      }
    }
  }

  private take(notice: DueNotice): void {
    const work = this.deliver(notice)
      .catch((error: unknown) => { this.logger.warn('what became of a notice could not be kept; it may be delivered again, under the same id', { notice: notice.id, error }); })
      .finally(() => {
        this.delivering.delete(work);
        this.look();
      });
    this.delivering.add(work);
  }

  private async deliver(notice: DueNotice): Promise<void> {
    try {
      if (isMoot(notice)) return await failNotice(this.pool, notice.id, 'not sent: it was decided before', null);
      await this.send(notice);
    } catch (error) {
      return this.fail(notice, error);
    }
    await settleNotice(this.pool, notice.id);
  }

  private async send(notice: DueNotice): Promise<void> {
    const { channel } = notice;
    const { signal } = this.stopper;
    if (channel === 'mail') {
      await this.outlets.mailer.send(mailOf(notice, this.links, Date.now()), signal);
      return;
    }
    const webhook = this.config.DATAMCP_APPROVAL_WEBHOOKS.find(({ name }) => channel === `webhook/${name}`);
    if (webhook?.url === undefined) throw new AppError('input_invalid', `DATAMCP_APPROVAL_WEBHOOKS names no address for ${channel}`);
    await callWebhook(this.outlets.http, { ...webhook, url: webhook.url }, notice, this.links, new Date(), signal);
  }

  /** A refusal for good is kept with its reason: whoever looks for a lost mail finds it in the row and in the log. */
  private async fail({ id, kind, channel, person, attempts, approval }: DueNotice, error: unknown): Promise<void> {
    const isStopped = this.stopper.signal.aborted;
    const reason = error instanceof Error ? error.message : String(error);
    const lasts = isStopped || attempts < mostAttempts && !(error instanceof AppError && !error.retryable);
    const fields = { approval: approval.id, notice: id, kind, channel, person, attempts, error: reason };
    if (!lasts) this.logger.error('a notice of an approval was refused and is given up', fields);
    else if (!isStopped) this.logger.warn('a notice of an approval could not be delivered; tried again', fields);
    await failNotice(this.pool, id, reason, lasts ? retryAfterMs(attempts, isStopped) : null);
  }
}

const retryAfterMs = (attempts: number, isStopped: boolean): number => (isStopped ? 0 : Math.min(firstRetryMs * 2 ** (attempts - 1), longestRetryMs));

/** Nobody is asked by mail what has been decided meanwhile. */
const isMoot = ({ kind, channel, approval, entry }: DueNotice): boolean =>
  channel === 'mail' && kind !== 'link' && isFinal(approval.state) && storyOf(kind, approval, entry).asks;
