import { claimDueNotices, failNotice, settleNotice, type DueNotice, type Outlet } from '../db/approvals/notice-queue';
import { isFinal } from '../domain/approval/state';
import { AppError, errorMessage } from '../domain/errors';
import { ApprovalLinks } from '../platform/approval-links';
import { ApprovalTokens } from '../platform/approval-tokens';
import type { Config } from '../platform/config';
import type { HttpClient } from '../platform/http';
import type { Logger } from '../platform/logger';
import type { Mailer } from '../platform/mail';
import { listen, type Listening, type Pool } from '../platform/postgres';
import type { WorkerMetrics } from '../platform/worker-metrics';
import { callWebhook } from './notices/call';
import { mailOf } from './notices/mail';
import { NoticeDesk } from './notices/notice-desk';
import { storyOf } from './notices/story';

const sweepMs = 2_000;
/** For one mail or call in all. */
const deliveryMs = 60_000;
/** Longer than that, so that a claim that ran out is one whose holder died. */
const leaseMs = 90_000;
/** How many of each sort are delivered at a time. */
const hands = 10;
/** When the worker ends, what is under way may end, too: broken off, it might be delivered twice. */
const longestGraceMs = 10_000;
const firstRetryMs = 1_000;
const longestRetryMs = 300_000;
/** Some four days of trying, as mail servers do. */
const mostAttempts = 1_200;

interface Outlets { mailer: Pick<Mailer, 'send'>; http: HttpClient; metrics: Pick<WorkerMetrics, 'countNotice'> }

/**
 * Delivers what people and programs are told of approvals: mails and webhooks. Any number of them work beside each
 * other. Nothing waits for it: a mail server that is down delays mails, and no decision.
 */
export class Notifier {
  private readonly links: ApprovalLinks;
  private readonly stopper = new AbortController();
  private readonly desks: NoticeDesk<DueNotice>[];
  private listening: Listening | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly config: Config, private readonly pool: Pool, private readonly outlets: Outlets, private readonly logger: Logger) {
    this.links = new ApprovalLinks(config, new ApprovalTokens(config));
    this.desks = (['mail', 'webhook'] as const).map((outlet) => this.deskOf(outlet));
  }

  begin(): void {
    const look = (): void => { for (const desk of this.desks) desk.look(); };
    this.listening = listen(this.config, this.logger, { channel: 'approval_notice', onMessage: look, onListening: look });
    this.timer = setInterval(look, sweepMs);
  }

  /** Takes nothing more, and waits for what is being delivered; what takes too long is left to another worker. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    const hurry = setTimeout(() => this.stopper.abort(), Math.min(longestGraceMs, this.config.DATAMCP_SHUTDOWN_GRACE_MS / 2));
    await Promise.all([this.listening?.close(), ...this.desks.map((desk) => desk.close())]);
    clearTimeout(hurry);
  }

  private deskOf(outlet: Outlet): NoticeDesk<DueNotice> {
    return new NoticeDesk(hands, {
      claim: (most) => claimDueNotices(this.pool, outlet, most, leaseMs),
      carryOut: (notice) => this.deliver(notice),
      onError: (error) => { this.logger.warn('notices of approvals could not be looked up or ticked off; tried again, under the same ids', { error }); },
    });
  }

  private async deliver(notice: DueNotice): Promise<void> {
    try {
      if (isMoot(notice)) return await failNotice(this.pool, notice.id, 'not sent: it was decided before', null);
      await this.send(notice);
    } catch (error) {
      return this.fail(notice, error);
    }
    this.outlets.metrics.countNotice(notice.channel, 'sent');
    await settleNotice(this.pool, notice.id);
  }

  private async send(notice: DueNotice): Promise<void> {
    const { channel } = notice;
    const signal = AbortSignal.any([this.stopper.signal, AbortSignal.timeout(deliveryMs)]);
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
    const reason = errorMessage(error);
    const isFutile = error instanceof AppError && !error.retryable;
    const lasts = isStopped || (attempts < mostAttempts && !isFutile);
    const fields = { approvalId: approval.id, notice: id, kind, channel, person, attempts, error: reason };
    if (!lasts) this.logger.error('a notice of an approval was refused and is given up', fields);
    else if (!isStopped) this.logger.warn('a notice of an approval could not be delivered; tried again', fields);
    this.outlets.metrics.countNotice(channel, lasts ? 'failed' : 'given_up');
    await failNotice(this.pool, id, reason, lasts ? retryAfterMs(attempts, isStopped) : null);
  }
}

const retryAfterMs = (attempts: number, isStopped: boolean): number => (isStopped ? 0 : Math.min(firstRetryMs * 2 ** (attempts - 1), longestRetryMs));

/** Nobody is asked by mail what has been decided meanwhile. */
const isMoot = (notice: DueNotice): boolean =>
  notice.channel === 'mail' && isFinal(notice.approval.state) && notice.kind !== 'link' && storyOf(notice, Date.now()).asks;
