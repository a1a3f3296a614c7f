import { abstain, after, approval, approve, changed, panel, policyOf, reject, resultOf, shown } from '../../test/approval/samples';
import type { Act } from './act';
import { decide } from './decide';
import type { ApprovalState } from './state';
import { tallyOf } from './tally';

const at = 5;
const filled = (state: ApprovalState): number[] => tallyOf(state).panels.map(({ approved }) => approved);

describe('approvals', () => {
  const two = approval({ policy: policyOf([[panel('security', 1, 'ann', 'bob'), panel('managers', 1, 'ann', 'carl')]]) });

  it('fill one place each, also of a person in two panels', () => {
    const once = after(two, approve('ann'));
    expect(filled(once)).toEqual([1, 0]);
    expect(after(once, approve('carl')).status).toBe('approved');
  });

  it('let a person move to the other panel when somebody else fills the place', () => {
    expect(after(two, approve('ann'), approve('bob')).status).toBe('approved');
  });

  it('pass one stage after the other, and count each person in one of them', () => {
    const staged = approval({ policy: policyOf([[panel('team', 1, 'ann', 'bob')], [panel('board', 1, 'ann', 'dora')]]) });
    const second = after(staged, approve('ann'));
    expect(second).toMatchObject({ status: 'open', stage: 1 });
    expect(resultOf(second, approve('ann'))).toBe('unchanged');
    expect(resultOf(staged, approve('dora'))).toBe('approval.not_possible');
    expect(decide(second, approve('bob'))).toMatchObject({ refusal: { message: 'Stage 1 is over: the vote of ann passed it on 1970-01-01 00:00 UTC.' } });
    expect(decide(second, { type: 'revoke', by: 'ann', at })).toMatchObject({ refusal: { message: 'Stage 1, at which you approved on 1970-01-01 00:00 UTC, is over.' } });
    expect(after(second, approve('dora')).status).toBe('approved');
  });

  it('do not use up those without whom a later stage could never pass', () => {
    const staged = approval({ policy: policyOf([[panel('team', 1, 'ann', 'bob')], [panel('lead', 1, 'ann')]]) });
    expect(decide(staged, approve('ann'))).toMatchObject({ refusal: { code: 'approval.not_possible', message: expect.stringContaining('needed at a later stage') } });
    expect(resultOf(staged, reject('ann'))).toBe('counted');
    expect(after(staged, approve('bob'), approve('ann')).status).toBe('approved');
  });

  it('lapse with the evidence that they were for, in all stages', () => {
    const staged = approval({ policy: policyOf([[panel('team', 1, 'ann')], [panel('board', 2, 'bob', 'carl')]]) });
    const answer = decide(after(staged, approve('ann'), approve('bob')), { type: 'resubmit', by: 'rita', at, evidenceHash: changed, comment: 'fixed' });
    expect(answer).toMatchObject({
      state: { stage: 0, votes: [], evidence: { hash: changed, revision: 2 } },
      events: [{ type: 'resubmitted', lapsed: ['ann', 'bob'], revision: 2, comment: 'fixed' }],
    });
  });

  it('can be taken back and given otherwise while the stage is open', () => {
    expect(after(approval(), approve('ann'), { type: 'revoke', by: 'ann', at }, reject('ann')).status).toBe('rejected');
  });

  it('keep the comment and form of the vote that decided, for the output of the step', () => {
    const form = { type: 'object' as const, properties: { window: { type: 'string' as const, enum: ['night', 'day'] } }, required: ['window'] };
    const asked = approval({ form, policy: policyOf([[panel('managers', 1, 'ann')]]) });
    expect(decide(asked, approve('ann'))).toMatchObject({ refusal: { code: 'approval.form_invalid', faults: [{ path: '/window' }] } });
    const decided = after(asked, { type: 'approve', by: 'ann', at, comment: 'fine', form: { window: 'night' } });
    expect(decided.outcome).toEqual({ status: 'approved', at, cause: 'vote', by: 'ann', comment: 'fine', form: { window: 'night' } });
  });

  it('take no form where none is asked for, and no whole one for a rejection', () => {
    expect(resultOf(approval(), { type: 'approve', by: 'ann', at, form: { any: 1 } })).toBe('approval.form_invalid');
    const form = { type: 'object' as const, properties: { window: { type: 'string' as const } }, required: ['window'] };
    expect(resultOf(approval({ form }), reject('ann'))).toBe('counted');
    expect(resultOf(approval({ form }), { type: 'reject', by: 'ann', at, form: { window: 1 } })).toBe('approval.form_invalid');
  });
});

describe('rejections', () => {
  const majority = approval({ policy: policyOf([[panel('board', 2, 'ann', 'bob', 'carl', 'dora', 'eve')]], { rejection: 'majority' }) });

  it('end the request with the first one', () => {
    expect(after(approval(), reject('ann')).outcome).toMatchObject({ status: 'rejected', by: 'ann' });
  });

  it('end it with more than half of a panel, where the majority decides', () => {
    const half = after(majority, reject('ann'), reject('bob'));
    expect(half.status).toBe('open');
    expect(after(half, reject('carl')).outcome).toMatchObject({ status: 'rejected', by: 'carl' });
  });

  it('end it when too few are left for the quorum', () => {
    const strict = approval({ policy: policyOf([[panel('board', 3, 'ann', 'bob', 'carl')]], { rejection: 'majority' }) });
    expect(after(strict, reject('ann')).status).toBe('rejected');
  });

  it('say why where the policy wants it', () => {
    const strict = approval({ policy: policyOf([[panel('board', 1, 'ann')]], { rejectionNeedsComment: true }) });
    expect(resultOf(strict, reject('ann'))).toBe('approval.comment_invalid');
    expect(resultOf(strict, { type: 'reject', by: 'ann', at, comment: ' ' })).toBe('approval.comment_invalid');
    expect(after(strict, { type: 'reject', by: 'ann', at, comment: 'no' }).outcome).toMatchObject({ status: 'rejected', comment: 'no' });
  });
});

describe('abstentions', () => {
  it('never decide: the request shows that nobody is left, and waits', () => {
    const stalled = after(approval(), abstain('ann'), abstain('bob'));
    expect(stalled.status).toBe('open');
    expect(tallyOf(stalled)).toMatchObject({ stalled: true, passed: false, panels: [{ approved: 0, abstentions: 2, rejections: 0 }] });
    expect(tallyOf(after(stalled, { type: 'escalate', by: 'rita', at })).stalled).toBe(false);
  });
});

describe('two votes at the same time', () => {
  const one = approval({ policy: policyOf([[panel('managers', 1, 'ann', 'bob')]]) });
  const rivals: [string, Act][] = [
    ['a rejection', reject('bob', at)],
    ['a withdrawal', { type: 'withdraw', by: 'rita', at }],
    ['the deadline', { type: 'deadline', at: 2_000 }],
  ];

  it.each(rivals)('end in one outcome, whichever comes first: approval against %s', (_name, rival) => {
    const vote = approve('ann', rival.at);
    for (const [first, second] of [[vote, rival], [rival, vote]] as const) {
      const answer = decide(one, first);
      const state = answer.accepted ? answer.state : after(one, second);
      expect(['counted', 'approval.closed']).toContain(resultOf(one, first));
      expect(['approval.closed', 'unchanged']).toContain(resultOf(state, second));
      const late = decide(state, second);
      if (late.accepted) expect(late.state).toBe(state);
    }
  });

  it('bind to the evidence that was seen', () => {
    expect(resultOf(one, { type: 'approve', by: 'ann', at, evidenceHash: shown })).toBe('counted');
    expect(resultOf(one, { type: 'approve', by: 'ann', at, evidenceHash: changed })).toBe('approval.evidence_changed');
  });
});
