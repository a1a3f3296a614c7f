import { abstain, after, approval, approve, panel, policyOf, reject } from '../../test/approval/samples';
import { isRejected, laterStagesPossible, tallyOf } from './tally';

const majority = approval({ policy: policyOf([[panel('managers', 1, 'ann', 'bob', 'carl')]], { rejection: 'majority' }) });

describe('how the votes stand', () => {
  it('is counted for each panel of the stage, and nobody fills two places', () => {
    const state = approval({ policy: policyOf([[panel('managers', 2, 'ann', 'bob', 'carl'), panel('lawyers', 1, 'ann', 'carl')]], { rejection: 'majority' }) });
    expect(tallyOf(after(state, approve('ann'), reject('bob'))).panels).toMatchObject([{ approved: 1, rejections: 1, abstentions: 0 }, { approved: 0, rejections: 0, abstentions: 0 }]);
    expect(tallyOf(after(state, abstain('carl'))).panels).toMatchObject([{ approved: 0, abstentions: 1 }, { approved: 0, abstentions: 1 }]);
  });

  it('is stalled when too many abstain, until an escalation brings in another', () => {
    const state = after(approval(), abstain('ann'));
    expect(tallyOf(state)).toMatchObject({ passed: false, stalled: false });
    const stalled = after(state, abstain('bob'));
    expect(tallyOf(stalled)).toMatchObject({ passed: false, stalled: true });
    expect(tallyOf(after(stalled, { type: 'escalate', by: 'rita', at: 1 })).stalled).toBe(false);
  });

  it('has nobody for the next stage who has counted before', () => {
    const state = approval({ policy: policyOf([[panel('managers', 1, 'ann', 'bob')], [panel('lawyers', 1, 'bob', 'carl')]]) });
    expect(laterStagesPossible({ ...state, votes: [{ person: 'bob', choice: 'approve', stage: 0, at: 1 }] }, 0)).toBe(true);
    expect(laterStagesPossible({ ...state, votes: ['bob', 'carl'].map((person) => ({ person, choice: 'approve', stage: 0, at: 1 })) }, 0)).toBe(false);
  });
});

describe('rejections', () => {
  it('by a majority end a request when more than half reject, or too few are left', () => {
    const one = after(majority, reject('ann'));
    expect([isRejected(majority), isRejected(one), after(one, reject('bob')).status]).toEqual([false, false, 'rejected']);
    const strict = approval({ policy: policyOf([[panel('managers', 3, 'ann', 'bob', 'carl')]], { rejection: 'majority' }) });
    expect(after(strict, reject('ann')).status).toBe('rejected');
  });

  it('of which the first one counts end it at once', () => {
    expect([isRejected(approval()), isRejected(after(approval(), reject('ann')))]).toEqual([false, true]);
  });
});
