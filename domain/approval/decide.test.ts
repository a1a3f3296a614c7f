import { abstain, after, approval, approve, changed, reject, resultOf, shown } from '../../test/approval/samples';
import type { Act } from './act';
import { decide } from './decide';
import { approvalStatuses, type ApprovalState, type ApprovalStatus } from './state';

/** bob has approved, and carl may have done something that ends or holds up the request. */
const open = after(approval(), approve('bob'));
const states: Readonly<Record<ApprovalStatus, ApprovalState>> = {
  open,
  changes_requested: after(open, { type: 'request_changes', by: 'carl', at: 2, comment: 'say why' }),
  approved: after(open, approve('carl', 2)),
  rejected: after(open, reject('carl', 2)),
  expired: after(open, { type: 'deadline', at: 2_000 }),
  withdrawn: after(open, { type: 'withdraw', by: 'rita', at: 2 }),
};

const at = 10;
const closed = ['approval.closed', 'approval.closed', 'approval.closed', 'approval.closed'];
const never = approvalStatuses.map(() => 'approval.not_allowed');
const unchanged = ['unchanged', 'unchanged', 'unchanged', 'unchanged'];
const not = { allowed: 'approval.not_allowed', possible: 'approval.not_possible', twice: 'approval.already_decided' };

/** For each act what becomes of it in each state, in the order of `approvalStatuses`. */
const table: [string, Act, string[]][] = [
  ['approve, by an approver', approve('ann', at), ['counted', not.possible, ...closed]],
  ['approve, at a deadline that escalates', approve('ann', 1_000), ['counted', not.possible, ...closed]],
  ['approve, at the last deadline', approve('ann', 2_000), ['approval.closed', 'approval.closed', ...closed]],
  ['approve, again', approve('bob', at), ['unchanged', 'unchanged', ...unchanged]],
  ['approve, again, at the last deadline', approve('bob', 2_000), ['counted', 'counted', ...unchanged]],
  ['approve, on other evidence', { type: 'approve', by: 'ann', at, evidenceHash: changed }, ['approval.evidence_changed', not.possible, ...closed]],
  ['approve, again, on other evidence', { type: 'approve', by: 'bob', at, evidenceHash: changed }, ['approval.evidence_changed', 'approval.evidence_changed', ...closed]],
  ['approve, by the requester', approve('rita', at), [not.allowed, not.allowed, ...closed]],
  ['approve, by somebody else', approve('olga', at), never],
  ['reject, by an approver', reject('ann', at), ['counted', not.possible, ...closed]],
  ['reject, by who approved', reject('bob', at), [not.twice, not.twice, ...closed]],
  ['reject, by somebody else', reject('olga', at), never],
  ['abstain, by an approver', abstain('ann', at), ['counted', not.possible, ...closed]],
  ['abstain, by who approved', abstain('bob', at), [not.twice, not.twice, ...closed]],
  ['abstain, by somebody else', abstain('olga', at), never],
  ['comment, by an approver', { type: 'comment', by: 'ann', at, comment: 'hm' }, ['counted', 'counted', ...closed]],
  ['comment, by the requester', { type: 'comment', by: 'rita', at, comment: 'hm' }, ['counted', 'counted', ...closed]],
  ['comment, by an operator', { type: 'comment', by: 'olga', at, comment: 'hm', operator: true }, ['counted', 'counted', ...closed]],
  ['comment, without a word', { type: 'comment', by: 'ann', at, comment: ' ' }, ['approval.comment_invalid', 'approval.comment_invalid', ...closed]],
  ['comment, by somebody else', { type: 'comment', by: 'olga', at, comment: 'hm' }, never],
  ['request changes, by an approver', { type: 'request_changes', by: 'ann', at, comment: 'more' }, ['counted', not.possible, ...closed]],
  ['request changes, by who did so', { type: 'request_changes', by: 'carl', at, comment: 'more' }, ['counted', 'unchanged', ...closed]],
  ['request changes, of other evidence', { type: 'request_changes', by: 'ann', at, comment: 'more', evidenceHash: changed }, ['approval.evidence_changed', not.possible, ...closed]],
  ['request changes, without saying which', { type: 'request_changes', by: 'ann', at, comment: '' }, ['approval.comment_invalid', 'approval.comment_invalid', ...closed]],
  ['request changes, by somebody else', { type: 'request_changes', by: 'olga', at, comment: 'more' }, never],
  ['resubmit, by the requester', { type: 'resubmit', by: 'rita', at, evidenceHash: changed }, ['counted', 'counted', ...closed]],
  ['resubmit, the same evidence', { type: 'resubmit', by: 'rita', at, evidenceHash: shown }, ['unchanged', 'approval.evidence_unchanged', ...closed]],
  ['resubmit, by an approver', { type: 'resubmit', by: 'ann', at, evidenceHash: changed }, [not.allowed, not.allowed, ...closed]],
  ['revoke, by who approved', { type: 'revoke', by: 'bob', at }, ['counted', not.possible, ...closed]],
  ['revoke, by who requested changes', { type: 'revoke', by: 'carl', at }, [not.possible, 'counted', ...closed]],
  ['revoke, by who has not voted', { type: 'revoke', by: 'ann', at }, [not.possible, not.possible, ...closed]],
  ['revoke, by somebody else', { type: 'revoke', by: 'olga', at }, never],
  ['delegate, by an approver', { type: 'delegate', by: 'ann', at, to: 'zed' }, ['counted', 'counted', ...closed]],
  ['delegate, by who approved', { type: 'delegate', by: 'bob', at, to: 'zed' }, [not.twice, not.twice, ...closed]],
  ['delegate, to the requester', { type: 'delegate', by: 'ann', at, to: 'rita' }, ['approval.delegation_invalid', 'approval.delegation_invalid', ...closed]],
  ['delegate, to nobody', { type: 'delegate', by: 'ann', at, to: null }, ['unchanged', 'unchanged', ...closed]],
  ['delegate, by somebody else', { type: 'delegate', by: 'olga', at, to: 'zed' }, never],
  ['withdraw, by the requester', { type: 'withdraw', by: 'rita', at }, ['counted', 'counted', ...closed.slice(1), 'unchanged']],
  ['withdraw, by an operator', { type: 'withdraw', by: 'olga', operator: true, at }, ['counted', 'counted', ...closed]],
  ['withdraw, by the end of the run', { type: 'withdraw', at }, ['counted', 'counted', ...unchanged]],
  ['withdraw, by an approver', { type: 'withdraw', by: 'ann', at }, [not.allowed, not.allowed, ...closed]],
  ['remind, by the requester', { type: 'remind', by: 'rita', at }, ['counted', 'counted', ...closed]],
  ['remind, by the clock', { type: 'remind', at: 500 }, ['counted', 'counted', ...unchanged]],
  ['remind, by the clock, too early', { type: 'remind', at: 499 }, ['unchanged', 'unchanged', ...unchanged]],
  ['remind, by an approver', { type: 'remind', by: 'ann', at }, [not.allowed, not.allowed, ...closed]],
  ['escalate, by the requester', { type: 'escalate', by: 'rita', at }, ['counted', not.possible, ...closed]],
  ['escalate, by an approver', { type: 'escalate', by: 'ann', at }, ['counted', not.possible, ...closed]],
  ['escalate, by somebody else', { type: 'escalate', by: 'olga', at }, never],
  ['deadline, when it comes', { type: 'deadline', at: 1_000 }, ['counted', 'counted', ...unchanged]],
  ['deadline, by a timer that is too early or left over', { type: 'deadline', at }, ['unchanged', 'unchanged', ...unchanged]],
];

describe('every act in every state has its answer', () => {
  it.each(table)('%s', (_name, act, results) => {
    expect(approvalStatuses.map((status) => [status, resultOf(states[status], act)])).toEqual(approvalStatuses.map((status, index) => [status, results[index]]));
  });

  it('in a table that leaves out no act', () => {
    const all: Record<Act['type'], true> = {
      approve: true, reject: true, abstain: true, comment: true, request_changes: true, resubmit: true, revoke: true, delegate: true, withdraw: true,
      remind: true, escalate: true, deadline: true,
    };
    expect(new Set(table.map(([, act]) => act.type))).toEqual(new Set(Object.keys(all)));
    expect(Object.entries(states).map(([, { status }]) => status)).toEqual([...approvalStatuses]);
  });
});

describe('who is refused is told what stands against it', () => {
  const sentence = (state: ApprovalState, act: Act): string => {
    const answer = decide(state, act);
    return answer.accepted ? 'it counted' : answer.refusal.message;
  };

  it.each<[string, ApprovalState, Act, string]>([
    ['who decided', states.approved, approve('ann', at), 'The vote of carl decided it on 1970-01-01 00:00 UTC: approved.'],
    ['who rejected', states.rejected, approve('ann', at), 'The vote of carl decided it on 1970-01-01 00:00 UTC: rejected.'],
    ['that time did', states.expired, approve('ann', at), 'Its deadline passed on 1970-01-01 00:00 UTC: expired.'],
    ['who withdrew it', states.withdrawn, approve('ann', at), 'It was withdrawn by rita on 1970-01-01 00:00 UTC.'],
    ['that its run ended', after(open, { type: 'withdraw', at }), approve('ann', at), 'It was withdrawn on 1970-01-01 00:00 UTC, because its run ended.'],
    ['who wants changes', states.changes_requested, approve('ann', at), 'carl requested changes on 1970-01-01 00:00 UTC. It waits for rita to answer with new evidence.'],
    ['that votes lapse', states.changes_requested, { type: 'revoke', by: 'bob', at }, 'carl requested changes on 1970-01-01 00:00 UTC: the votes lapse when new evidence comes.'],
    ['whose evidence changed', after(open, { type: 'resubmit', by: 'rita', at, evidenceHash: changed }), { type: 'approve', by: 'ann', at, evidenceHash: shown }, 'rita has changed the evidence since you saw it (revision 2). Look at it again before you decide.'],
    ['what they did themselves', open, reject('bob', at), 'You have approved on 1970-01-01 00:00 UTC. Revoke that to vote otherwise.'],
    ['who may', open, approve('olga', at), 'Only its approvers and their delegates may approve.'],
    ['that nothing is left to escalate to', after(open, { type: 'escalate', by: 'rita', at }), { type: 'escalate', by: 'rita', at }, 'There is nobody left to escalate it to.'],
    ['that the comment is too long', open, { type: 'approve', by: 'ann', at, comment: 'x'.repeat(4_001) }, 'The comment has more than 4000 characters.'],
  ])('%s', (_name, state, act, message) => {
    expect(sentence(state, act)).toBe(message);
  });

  it('with the outcome as data', () => {
    expect(decide(states.approved, approve('ann', at))).toMatchObject({ refusal: { code: 'approval.closed', outcome: { status: 'approved', by: 'carl', cause: 'vote', at: 2 } } });
  });
});
