import type { JsonObject } from '../json';
import type { Choice, Delegation, FinalStatus, Outcome } from './state';

interface ByPerson {
  /** The name of a user, whose identity has been checked. */
  by: string;
  /** Milliseconds since 1970; never less than at the act before. */
  at: number;
}

/** By somebody who may, or without `by` by the clock or the run that the request belongs to. */
interface ByAnyone {
  by?: string;
  /** Whether `by` may operate what is not theirs. */
  operator?: boolean;
  at: number;
}

/** What was before the person's eyes. An act on other evidence than the present does not count. */
interface OnEvidence { evidenceHash?: string }

export type VoteAct = ByPerson & OnEvidence & { type: Choice; comment?: string; form?: JsonObject; /** Whose vote it is, of those who delegated. */ for?: string };

/** Everything that may happen to a request. */
export type Act =
  | VoteAct
  | (ByPerson & { type: 'comment'; comment: string; operator?: boolean })
  | (ByPerson & OnEvidence & { type: 'request_changes'; comment: string })
  | (ByPerson & { type: 'resubmit'; evidenceHash: string; comment?: string })
  | (ByPerson & { type: 'revoke' })
  | (ByPerson & { type: 'delegate'; /** Null takes the delegation back. */ to: string | null; since?: number; until?: number })
  | (ByAnyone & { type: 'withdraw'; comment?: string })
  | (ByAnyone & { type: 'remind' })
  | (ByAnyone & { type: 'escalate' })
  | { type: 'deadline'; at: number };

export type ActType = Act['type'];
export type ActOf<T extends ActType> = Extract<Act, { type: T }>;

interface By { at: number; by?: string }

/** What an act brought about, in order: for the record, the read model and the channels. */
export type ApprovalEvent =
  | (By & { type: 'voted'; choice: Choice; for?: string; comment?: string; form?: JsonObject })
  | (By & { type: 'vote_revoked' })
  | (By & { type: 'commented'; comment: string })
  | (By & { type: 'changes_requested'; comment: string })
  | (By & { type: 'changes_request_revoked' })
  | (By & { type: 'resubmitted'; evidenceHash: string; revision: number; comment?: string; /** Whose votes lapsed. */ lapsed: string[] })
  | (By & { type: 'delegated' } & Omit<Delegation, 'from'>)
  | (By & { type: 'delegation_ended'; to: string })
  | (By & { type: 'stage_passed'; stage: number })
  | (By & { type: 'reminded'; to: string[] })
  | (By & { type: 'escalated'; to: string[] })
  | (By & { type: 'decided'; status: FinalStatus; outcome: Outcome });
