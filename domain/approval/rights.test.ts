import { after, approval, approve, panel, policyOf } from '../../test/approval/samples';
import { awaited, isInvolved, nextShift, peopleOf, rightsOf, stagesOf } from './rights';

const delegations = [{ from: 'ann', to: 'zed' }, { from: 'bob', to: 'zed' }, { from: 'bob', to: 'ann' }];
const twoStages = policyOf([[panel('managers', 1, 'ann', 'bob')], [panel('lawyers', 1, 'bob', 'carl')]]);

describe('the right to vote', () => {
  it('is the own for approvers, and for anybody else that of each who delegated to them', () => {
    const state = approval({ delegations });
    expect(rightsOf(state, 'ann', 1)).toEqual(['ann']);
    expect(rightsOf(state, 'zed', 1)).toEqual(['ann', 'bob']);
    expect(rightsOf(state, 'yan', 1)).toEqual([]);
  });

  it('is of the stages whose panels somebody is in, and makes the request their concern', () => {
    const state = approval({ policy: twoStages });
    expect(['ann', 'bob', 'carl', 'zoe'].map((person) => stagesOf(state, person, 1))).toEqual([[0], [0, 1], [1], []]);
    expect(['rita', 'carl', 'zoe'].map((person) => isInvolved(state, person, 1))).toEqual([true, true, false]);
  });
});

describe('whom a request waits for', () => {
  it('changes by time alone when the next delegation begins or ends, until the request does', () => {
    const state = approval({ delegations: [{ from: 'ann', to: 'zed', since: 10, until: 30 }, { from: 'bob', to: 'zed', until: 20 }, { from: 'carl', to: 'yan' }] });
    expect([0, 10, 20, 30].map((at) => nextShift(state, at))).toEqual([10, 20, 30, null]);
    expect(nextShift(after(state, { type: 'withdraw', by: 'rita', at: 1 }), 1)).toBeNull();
  });

  it('are approvers who have not voted, and delegates of those, each once', () => {
    expect(awaited(approval({ delegations }), 1)).toEqual(['ann', 'bob', 'carl', 'zed']);
    expect(awaited(after(approval({ delegations }), approve('bob')), 1)).toEqual(['ann', 'carl', 'zed']);
    expect(awaited(after(approval({ delegations }), approve('zed')), 1)).toEqual(['bob', 'carl']);
  });

  it('are delegates only while the delegation holds, and never a requester who may not decide', () => {
    const lent = approval({ delegations: [{ from: 'ann', to: 'zed', since: 5, until: 9 }, { from: 'bob', to: 'rita' }] });
    expect([4, 5, 8, 9].map((at) => awaited(lent, at).includes('zed'))).toEqual([false, true, true, false]);
    expect(awaited(lent, 5)).toEqual(['ann', 'bob', 'carl', 'zed']);
  });

  it('is nobody of a panel that has reached its quorum', () => {
    const state = approval({ policy: policyOf([[panel('managers', 1, 'ann', 'bob'), panel('lawyers', 1, 'carl')]]) });
    expect(awaited(after(state, approve('ann')), 1)).toEqual(['carl']);
  });

  it('is the requester while changes are requested, and nobody once it is decided', () => {
    const open = approval({ policy: twoStages });
    const waiting = (state: typeof open): string[] => peopleOf(state, 1).flatMap((one) => (one.awaited ? [one.person] : []));
    expect(waiting(open)).toEqual(['ann', 'bob']);
    expect(waiting(after(open, { type: 'request_changes', by: 'ann', at: 1, comment: 'Add May' }))).toEqual(['rita']);
    expect(waiting(after(open, { type: 'withdraw', by: 'rita', at: 1 }))).toEqual([]);
  });
});

it('concerns its requester, approvers of every stage, and delegates, each once', () => {
  expect(peopleOf(approval({ policy: twoStages, delegations }), 1).map(({ person }) => person)).toEqual(['rita', 'ann', 'bob', 'carl', 'zed']);
});
