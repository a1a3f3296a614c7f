import { after, approval, approve, panel, policyOf, resultOf } from '../../test/approval/samples';
import type { Act } from './act';
import { decide } from './decide';

const at = 5;
const delegate = (by: string, to: string | null, dates: { since?: number; until?: number } = {}): Act => ({ type: 'delegate', by, to, at, ...dates });
const message = (state: Parameters<typeof decide>[0], act: Act): string => {
  const answer = decide(state, act);
  return answer.accepted ? 'it counted' : answer.refusal.message;
};

describe('a delegation', () => {
  const lent = after(approval(), delegate('ann', 'zed'));

  it('lets the delegate vote once for the approver', () => {
    const voted = after(lent, approve('zed', at));
    expect(voted.votes).toEqual([{ person: 'zed', for: 'ann', choice: 'approve', stage: 0, at }]);
    expect(message(voted, approve('ann', at))).toBe('zed has voted already for you on 1970-01-01 00:00 UTC.');
    expect(message(voted, delegate('ann', null))).toBe('zed has voted already for you on 1970-01-01 00:00 UTC.');
  });

  it('leaves the vote to the approver, too: the first one counts', () => {
    const voted = after(lent, approve('ann', at));
    expect(message(voted, approve('zed', at))).toBe('ann has voted already on 1970-01-01 00:00 UTC.');
    expect(message(voted, delegate('ann', null))).toBe('You have voted already on 1970-01-01 00:00 UTC.');
  });

  it('makes no second vote of a delegate who is an approver, or who has several', () => {
    expect(after(approval(), delegate('ann', 'bob'), approve('bob', at)).votes).toMatchObject([{ person: 'bob', choice: 'approve' }]);
    const both = after(lent, delegate('bob', 'zed'), approve('zed', at));
    expect(both.status).toBe('open');
    expect(resultOf(both, approve('zed', at))).toBe('unchanged');
    expect(after(both, approve('bob', at)).status).toBe('approved');
  });

  it('serves one approver by name', () => {
    const both = after(lent, delegate('bob', 'zed'));
    expect(after(both, { type: 'approve', by: 'zed', at, for: 'bob' }).votes).toMatchObject([{ person: 'zed', for: 'bob' }]);
    expect(message(both, { type: 'approve', by: 'zed', at, for: 'carl' })).toBe('Only delegates of carl, who are no approvers themselves, may approve.');
    expect(message(after(both, approve('ann', at)), { type: 'approve', by: 'zed', at, for: 'ann' })).toBe('ann has voted already on 1970-01-01 00:00 UTC.');
    expect(message(after(both, { type: 'approve', by: 'zed', at, for: 'bob' }, delegate('carl', 'yan')), { type: 'approve', by: 'yan', at, for: 'bob' })).toContain('delegates of bob');
  });

  it('tells another delegate of the same approver whose vote counted', () => {
    const moved = after(lent, approve('zed', at), { type: 'revoke', by: 'zed', at }, delegate('ann', 'yan'), delegate('bob', 'yan'), approve('ann', at), approve('yan', at));
    expect(moved.votes).toMatchObject([{ person: 'ann' }, { person: 'yan', for: 'bob' }]);
    const replaced = after(lent, delegate('bob', 'yan'), approve('yan', at), delegate('carl', 'bob'));
    expect(message(replaced, approve('bob', at))).toBe('yan has voted already for you on 1970-01-01 00:00 UTC.');
  });

  it('does not go on from its delegate to another, nor to the requester', () => {
    expect(resultOf(lent, delegate('zed', 'yan'))).toBe('approval.not_allowed');
    expect(message(lent, delegate('bob', 'rita'))).toBe('rita made the request and may not decide it.');
    expect(message(lent, delegate('bob', 'bob'))).toBe('Nobody delegates to themselves.');
    const allowed = approval({ policy: policyOf([[panel('managers', 1, 'ann')]], { requesterMayDecide: true }) });
    expect(after(allowed, delegate('ann', 'rita'), approve('rita', at)).status).toBe('approved');
  });

  it('ends when it is taken back, and is replaced by a new one', () => {
    expect(resultOf(after(lent, delegate('ann', null)), approve('zed', at))).toBe('approval.not_allowed');
    const replaced = after(lent, delegate('ann', 'yan'));
    expect(resultOf(replaced, approve('zed', at))).toBe('approval.not_allowed');
    expect(resultOf(replaced, approve('yan', at))).toBe('counted');
    expect(resultOf(replaced, delegate('ann', 'yan'))).toBe('unchanged');
  });

  it('of an absence holds from its first moment to before its end', () => {
    const absent = after(approval(), delegate('ann', 'zed', { since: 10, until: 20 }));
    expect([9, 10, 19, 20].map((moment) => resultOf(absent, approve('zed', moment)))).toEqual(['approval.not_allowed', 'counted', 'counted', 'approval.not_allowed']);
    expect(message(approval(), delegate('ann', 'zed', { since: 20, until: 20 }))).toBe('The delegation would end before it begins.');
    expect(message(approval(), delegate('ann', 'zed', { until: at }))).toBe('The delegation would end before it begins.');
  });

  it('may be known before the request is made, and never serves its requester', () => {
    const known = approval({ delegations: [{ from: 'ann', to: 'zed' }, { from: 'bob', to: 'rita' }] });
    expect(resultOf(known, approve('zed', at))).toBe('counted');
    expect(resultOf(known, approve('rita', at))).toBe('approval.not_allowed');
    const absences = [{ from: 'ann', to: 'zed', until: 9 }, { from: 'ann', to: 'yan', since: 9 }];
    expect(message(after(approval({ delegations: absences }), approve('zed', at)), approve('yan', 10))).toBe('zed has voted already for ann on 1970-01-01 00:00 UTC.');
    const kept = after(approval({ delegations: absences }), delegate('ann', 'zed', { until: 9 }));
    expect(kept.delegations).toEqual([{ from: 'ann', to: 'zed', until: 9 }]);
  });
});
