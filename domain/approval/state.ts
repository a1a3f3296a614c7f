import type { JsonObject } from '../json';
import type { Form } from './form-schema';
import type { Panel, PolicySnapshot } from './policy';
import type { Timetable } from './timetable';

/** States of a request, in the order of its life. */
export const approvalStatuses = ['open', 'changes_requested', 'approved', 'rejected', 'expired', 'withdrawn'] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];
export const finalStatuses = ['approved', 'rejected', 'expired', 'withdrawn'] as const satisfies readonly ApprovalStatus[];
export type FinalStatus = (typeof finalStatuses)[number];

export const choices = ['approve', 'reject', 'abstain'] as const;
export type Choice = (typeof choices)[number];

export interface Vote {
  /** Who voted. */
  person: string;
  /** Whose right to vote it was, where it was not the person's own. */
  for?: string;
  choice: Choice;
  stage: number;
  at: number;
}

/** One person's right to vote, lent to another: for good, or while the person is away. */
export interface Delegation {
  from: string;
  to: string;
  since?: number;
  /** The first moment at which it does not hold any more. */
  until?: number;
}

/** How a request ended, for those who came too late, and for the output of its step. */
export interface Outcome {
  status: FinalStatus;
  at: number;
  cause: 'vote' | 'deadline' | 'withdrawal';
  /** Whose act it was; nobody's when time or the end of its run did it. */
  by?: string;
  comment?: string;
  form?: JsonObject;
}

/**
 * Everything that the decision of a request depends on, as plain JSON: it is carried over a continue-as-new, and stays
 * under 64 KiB with 500 approvers. What was said and shown is in the record.
 */
export interface ApprovalState {
  status: ApprovalStatus;
  requester: string;
  policy: PolicySnapshot;
  timetable: Timetable;
  form?: Form;
  /** Of what the approvers see; votes hold for this hash only. */
  evidence: { hash: string; revision: number };
  /** Index of the stage that decides now. */
  stage: number;
  /** Those that count, of this and the stages before. */
  votes: Vote[];
  delegations: Delegation[];
  /** For each escalation that has happened the stage at which it did. */
  escalations: number[];
  /** How many of the reminders in the timetable are past. */
  reminded: number;
  /** Who wants changes, while the request waits for them. */
  changes?: { by: string; at: number };
  outcome?: Outcome;
}

export type NewApproval = Pick<ApprovalState, 'requester' | 'policy' | 'timetable' | 'form'> & {
  evidenceHash: string;
  /** Absences that are known already. */
  delegations?: Delegation[];
};

export function openApproval({ evidenceHash, delegations = [], ...given }: NewApproval): ApprovalState {
  return {
    ...given, status: 'open', evidence: { hash: evidenceHash, revision: 1 }, stage: 0, votes: [], delegations, escalations: [], reminded: 0,
  };
}

export const isFinal = ({ status }: Pick<ApprovalState, 'status'>): boolean => status !== 'open' && status !== 'changes_requested';

/** The panels of a stage, with whom escalations brought in while it was deciding. */
export function panelsOf({ policy, escalations }: ApprovalState, stage: number): Panel[] {
  const joined = escalations.flatMap((when, link) => (when === stage ? (policy.escalation[link] ?? []) : []));
  const panels = policy.stages[stage]?.panels ?? [];
  return joined.length === 0 ? panels : panels.map((panel) => ({ ...panel, members: [...new Set([...panel.members, ...joined])] }));
}

export const membersOf = (state: ApprovalState, stage: number): Set<string> => new Set(panelsOf(state, stage).flatMap(({ members }) => members));

/** Whose right a vote used up. */
export const rightOf = ({ person, for: represented }: Vote): string => represented ?? person;

/** Everybody who can vote no more: each person votes once in a request, and each right is used once. */
export const spent = ({ votes }: Pick<ApprovalState, 'votes'>): Set<string> => new Set(votes.flatMap((vote) => [vote.person, rightOf(vote)]));

/** When the request is next decided by time. */
export const deadlineOf = ({ timetable, escalations }: ApprovalState): number | undefined => timetable.deadlines[escalations.length];

/** The moment that the request waits for, and the act that it then is; null when it waits for none. All timers die with the decision. */
export function nextTimer(state: ApprovalState): { at: number; type: 'deadline' | 'remind' } | null {
  if (isFinal(state)) return null;
  const deadline = deadlineOf(state);
  const reminder = state.timetable.reminders[state.reminded];
  if (reminder !== undefined && (deadline === undefined || reminder < deadline)) return { at: reminder, type: 'remind' };
  return deadline === undefined ? null : { at: deadline, type: 'deadline' };
}
