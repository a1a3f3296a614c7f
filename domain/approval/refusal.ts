import type { Fault } from '../pipeline/fault';
import type { Act, ApprovalEvent } from './act';
import type { ApprovalState, Outcome } from './state';

/** Why an act does not count, and the HTTP status that says so. */
export const refusalCodes = {
  'approval.not_allowed': 403,
  'approval.closed': 409,
  'approval.evidence_changed': 409,
  'approval.already_decided': 409,
  'approval.not_possible': 409,
  'approval.comment_invalid': 422,
  'approval.form_invalid': 422,
  'approval.delegation_invalid': 422,
  'approval.evidence_unchanged': 422,
} as const;

export type RefusalCode = keyof typeof refusalCodes;

export interface Refusal {
  code: RefusalCode;
  /** One sentence for whoever acted: what stands against it, and who did that when. */
  message: string;
  /** Of a request that has ended. */
  outcome?: Outcome;
  /** Of a form. */
  faults?: Fault[];
}

/** An act that counted, with what came of it: nothing, where it said what was so already. Or one that did not count. */
export type Answer = { accepted: true; state: ApprovalState; events: ApprovalEvent[] } | { accepted: false; refusal: Refusal };

export const accepted = (state: ApprovalState, ...events: ApprovalEvent[]): Answer => ({ accepted: true, state, events });

export const refused = (code: RefusalCode, message: string, more: Omit<Refusal, 'code' | 'message'> = {}): Answer =>
  ({ accepted: false, refusal: { code, message, ...more } });

/** `2026-11-20 15:04 UTC` */
export const timeText = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

export const closed = (outcome: Outcome): Answer => refused('approval.closed', `${outcomeText(outcome)}.`, { outcome });

/** Who or what ended a request, and when. */
export function outcomeText({ status, cause, by, at }: Outcome): string {
  const time = timeText(at);
  switch (cause) {
    case 'vote':
      return `The vote of ${by} decided it on ${time}: ${status}`;
    case 'deadline':
      return `Its deadline passed on ${time}: ${status}`;
    case 'withdrawal':
      return by === undefined ? `It was withdrawn on ${time}, because its run ended` : `It was withdrawn by ${by} on ${time}`;
  }
}

const verbs: Readonly<Record<Act['type'], string>> = {
  approve: 'approve', reject: 'reject', abstain: 'abstain', comment: 'comment', request_changes: 'request changes', resubmit: 'submit new evidence',
  revoke: 'revoke a vote', delegate: 'delegate', withdraw: 'withdraw it', remind: 'send a reminder', escalate: 'escalate it', deadline: 'end it',
};

export const notAllowed = (type: Act['type'], who: string): Answer => refused('approval.not_allowed', `Only ${who} may ${verbs[type]}.`);
