import { after, approval, approve, panel, policyOf } from '../../test/approval/samples';
import { claimsOf } from './claims';
import type { Policy } from './policy-schema';

const managers = { roles: ['managers'] };
const lawyers = { groups: ['lawyers'] };

describe('the lists by which somebody is an approver', () => {
  it('are that of the policy for its members, and none for anybody else', () => {
    const request = { policy: { approvers: managers } };
    expect(claimsOf(approval(), request, 'ann')).toEqual([managers]);
    expect(claimsOf(approval(), request, 'zoe')).toEqual([]);
  });

  it('are those of every panel that the person is in', () => {
    const state = approval({ policy: policyOf([[panel('managers', 1, 'ann', 'bob'), panel('lawyers', 1, 'bob', 'carl')]]) });
    const request = { policy: { panels: [{ approvers: managers }, { approvers: lawyers }] } };
    expect(claimsOf(state, request, 'ann')).toEqual([managers]);
    expect(claimsOf(state, request, 'bob')).toEqual([managers, lawyers]);
  });

  it('are of the stage that decides now', () => {
    const state = approval({ policy: policyOf([[panel('managers', 1, 'ann')], [panel('lawyers', 1, 'ann', 'carl')]]) });
    const policy: Policy = { stages: [{ approvers: managers }, { panels: [{ approvers: lawyers }] }] };
    expect(claimsOf(state, { policy }, 'ann')).toEqual([managers]);
    expect(claimsOf(state, { policy }, 'carl')).toEqual([]);
    expect(claimsOf(after(state, approve('ann')), { policy }, 'carl')).toEqual([lawyers]);
  });

  describe('with an escalation', () => {
    const policy: Policy = { stages: [{ approvers: managers }, { approvers: lawyers }] };
    const request = { policy, escalation: [{ to: { roles: ['directors'] }, within: '1h' }] };
    const open = approval({ policy: policyOf([[panel('managers', 1, 'ann')], [panel('lawyers', 1, 'carl')]], { escalation: [['dora']] }) });
    const escalated = after(open, { type: 'escalate', by: 'rita', at: 1 });

    it('are that of its link only once it has happened, for those whom it brought in', () => {
      expect(claimsOf(open, request, 'dora')).toEqual([]);
      expect(claimsOf(escalated, request, 'dora')).toEqual([{ roles: ['directors'] }]);
      expect(claimsOf(escalated, request, 'ann')).toEqual([managers]);
    });

    it('are not that of its link at a later stage', () => {
      expect(claimsOf(after(escalated, approve('ann')), request, 'dora')).toEqual([]);
    });
  });
});
