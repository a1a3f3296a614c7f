import type { ApprovalTokens } from './approval-tokens';
import { tokenLifetimeMs } from './approval-tokens';
import type { Config } from './config';

export interface Reviewer {
  approval: string;
  person: string;
  /** What the request shows when the link is made. */
  evidenceHash: string;
  /** Where the link is found: it is the channel of what is done by it. */
  channel: 'mail' | 'inbox';
}

/** Addresses of the pages on which people decide. Whoever has one acts as the person that it was made for. */
export class ApprovalLinks {
  private readonly base: string;

  constructor(config: Pick<Config, 'DATAMCP_API_URL' | 'DATAMCP_API_HOST' | 'DATAMCP_API_PORT'>, private readonly tokens: ApprovalTokens) {
    this.base = (config.DATAMCP_API_URL ?? `http://${config.DATAMCP_API_HOST}:${config.DATAMCP_API_PORT}`).replace(/\/$/, '');
  }

  /** The decision page of one request for one person. @throws AppError `key_missing` */
  review(reviewer: Reviewer, now: number): string {
    return `${this.base}/decide/${this.tokens.seal('review', { ...reviewer, expiresAt: now + tokenLifetimeMs.review })}`;
  }

  /** What waits for one person. @throws AppError `key_missing` */
  inbox(person: string, now: number): string {
    return `${this.base}/inbox/${this.tokens.seal('inbox', { person, expiresAt: now + tokenLifetimeMs.inbox })}`;
  }

  /** For a room with many people, where no personal link belongs: those whom it concerns are mailed theirs. */
  door(approval: string): string {
    return `${this.base}/review/${approval}`;
  }
}
