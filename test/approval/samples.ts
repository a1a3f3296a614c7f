import type { Act } from '../../domain/approval/act';
import { decide } from '../../domain/approval/decide';
import type { Panel, PolicySnapshot } from '../../domain/approval/policy';
import { openApproval, type ApprovalState, type NewApproval } from '../../domain/approval/state';

/** Evidence that the samples begin with, and what comes after it. */
export const shown = 'hash-1';
export const changed = 'hash-2';

export const panel = (name: string, quorum: number, ...members: string[]): Panel => ({ name, quorum, members });

export const policyOf = (stages: Panel[][], more: Partial<PolicySnapshot> = {}): PolicySnapshot => ({
  stages: stages.map((panels) => ({ panels })), rejection: 'any', requesterMayDecide: false, rejectionNeedsComment: false, escalation: [], ...more,
});

/** A request of `rita` that ann, bob and carl decide, two of them, until time 1,000; then dora is asked until 2,000. */
export function approval(more: Partial<NewApproval> = {}): ApprovalState {
  return openApproval({
    requester: 'rita',
    policy: policyOf([[panel('managers', 2, 'ann', 'bob', 'carl')]], { escalation: [['dora']] }),
    timetable: { deadlines: [1_000, 2_000], onDeadline: 'escalate', reminders: [500], timeZone: 'UTC' },
    evidenceHash: shown,
    ...more,
  });
}

/** The state after acts that all count. @throws Error for one that does not */
export const after = (state: ApprovalState, ...acts: Act[]): ApprovalState => acts.reduce((before, act) => {
  const answer = decide(before, act);
  if (!answer.accepted) throw new Error(`${act.type}: ${answer.refusal.message}`);
  return answer.state;
}, state);

export const approve = (by: string, at = 1): Act => ({ type: 'approve', by, at });
export const reject = (by: string, at = 1): Act => ({ type: 'reject', by, at });
export const abstain = (by: string, at = 1): Act => ({ type: 'abstain', by, at });

/** What becomes of an act in one word or code: `counted`, `unchanged`, or why it is refused. */
export function resultOf(state: ApprovalState, act: Act): string {
  const answer = decide(state, act);
  if (!answer.accepted) return answer.refusal.code;
  return answer.events.length > 0 ? 'counted' : 'unchanged';
}
