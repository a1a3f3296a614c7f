import { abstain, after, approval, approve, changed, panel, policyOf, reject, resultOf } from '../../test/approval/samples';
import { decide } from './decide';
import { awaited } from './rights';
import { deadlineOf, nextTimer, type ApprovalState } from './state';
import type { Timetable } from './timetable';

const timetable = (onDeadline: Timetable['onDeadline'], deadlines = [1_000]): Timetable => ({ deadlines, onDeadline, reminders: [], timeZone: 'UTC' });
const due = { type: 'deadline' as const, at: 1_000 };
const majority = policyOf([[panel('managers', 2, 'ann', 'bob', 'carl')]], { rejection: 'majority' });

describe('a deadline', () => {
  it.each<[Timetable['onDeadline'], string]>([['expire', 'expired'], ['reject', 'rejected'], ['approve', 'approved'], ['cancel', 'withdrawn'], ['escalate', 'open']])('that means %s leaves it %s', (onDeadline, status) => {
    const state = after(approval({ timetable: timetable(onDeadline, [1_000, 2_000]) }), due);
    expect(state.status).toBe(status);
    if (status !== 'open') expect(state.outcome).toEqual({ status, at: 1_000, cause: 'deadline' });
  });

  it('approves silence only: not over a rejection, nor over changes that nobody made', () => {
    const silent = approval({ policy: majority, timetable: timetable('approve') });
    expect(after(silent, approve('ann'), abstain('bob'), due).status).toBe('approved');
    expect(after(silent, reject('ann'), due).status).toBe('expired');
    expect(after(silent, { type: 'request_changes', by: 'ann', at: 1, comment: 'more' }, due).status).toBe('expired');
  });

  it('takes every vote before its moment and none from then on, whether its timer has fired or not', () => {
    const state = after(approval({ timetable: timetable('reject') }), approve('ann'));
    expect(decide(state, approve('bob', 999))).toMatchObject({ accepted: true, state: { status: 'approved' } });
    expect(decide(state, approve('bob', 1_000))).toMatchObject({ accepted: false, refusal: { code: 'approval.closed', outcome: { cause: 'deadline', at: 1_000 } } });
  });

  it('brings in the next people, one link of the chain after the other, and then ends it', () => {
    const chain = approval({ policy: { ...majority, escalation: [['dora'], ['eve']] }, timetable: timetable('escalate', [1_000, 2_000, 3_000]) });
    expect(resultOf(chain, approve('dora', 999))).toBe('approval.not_allowed');
    expect(after(chain, approve('dora', 1_000), approve('eve', 2_000)).status).toBe('approved');
    const late = decide(chain, { type: 'deadline', at: 9_000 });
    expect(late).toMatchObject({ state: { status: 'expired', outcome: { at: 3_000 } }, events: [{ type: 'escalated', at: 1_000, to: ['dora'] }, { type: 'escalated', at: 2_000, to: ['eve'] }, { type: 'decided', at: 3_000 }] });
  });

  it('is the next one already when somebody escalates before it', () => {
    const early = after(approval(), { type: 'escalate', by: 'ann', at: 10 });
    expect(deadlineOf(early)).toBe(2_000);
    expect(resultOf(early, approve('dora', 1_500))).toBe('counted');
  });

  it('keeps to the stage in which it came', () => {
    const staged = approval({ policy: policyOf([[panel('team', 1, 'ann')], [panel('board', 1, 'bob')]], { escalation: [['dora']] }) });
    expect(resultOf(after(staged, due, approve('ann', 1_001)), approve('dora', 1_002))).toBe('approval.not_possible');
    expect(after(staged, approve('ann'), due, approve('dora', 1_001)).status).toBe('approved');
  });
});

describe('the timer of a request', () => {
  it('is the next reminder, then the deadline, and none after the decision', () => {
    const state = approval();
    expect(nextTimer(state)).toEqual({ at: 500, type: 'remind' });
    expect(nextTimer(after(state, { type: 'remind', at: 500 }))).toEqual({ at: 1_000, type: 'deadline' });
    expect(nextTimer(after(state, reject('ann')))).toBeNull();
    expect(nextTimer(approval({ timetable: timetable('expire', []) }))).toBeNull();
    expect(nextTimer(approval({ timetable: { ...timetable('expire', []), reminders: [7] } }))).toEqual({ at: 7, type: 'remind' });
    expect(nextTimer(approval({ timetable: { ...timetable('expire', [5]), reminders: [7] } }))).toEqual({ at: 5, type: 'deadline' });
  });

  it('waits ten years', () => {
    const tenYears = Date.parse('2036-11-20T17:00:00Z');
    const state = approval({ timetable: timetable('expire', [tenYears]) });
    expect(nextTimer(state)?.at).toBe(tenYears);
    expect(resultOf(state, approve('ann', tenYears - 1))).toBe('counted');
    expect(resultOf(state, approve('ann', tenYears))).toBe('approval.closed');
  });
});

describe('a reminder', () => {
  const reminded = (state: ApprovalState, at = 500): unknown => {
    const answer = decide(state, { type: 'remind', at });
    return answer.accepted && answer.events.map((event) => event.type === 'reminded' && event.to);
  };

  it('goes to those who can still fill a place, and to their delegates', () => {
    const two = approval({ policy: policyOf([[panel('security', 1, 'ann'), panel('managers', 2, 'bob', 'carl', 'dora')]]), delegations: [{ from: 'carl', to: 'zed' }, { from: 'dora', to: 'bob' }, { from: 'ann', to: 'yan' }, { from: 'dora', to: 'rita' }] });
    expect(awaited(after(two, approve('ann'), approve('bob')), 1)).toEqual(['carl', 'dora', 'zed']);
  });

  it('goes to the requester when changes are wanted, or nobody is left', () => {
    expect(reminded(after(approval(), { type: 'request_changes', by: 'ann', at: 1, comment: 'more' }))).toEqual([['rita']]);
    expect(reminded(after(approval(), abstain('ann'), abstain('bob'), abstain('carl')))).toEqual([['rita']]);
  });

  it('is sent once for all that an outage made late', () => {
    const many = approval({ timetable: { ...timetable('expire'), reminders: [100, 200, 300, 900] } });
    const late = after(many, { type: 'remind', at: 350 });
    expect(late.reminded).toBe(3);
    expect(resultOf(late, { type: 'remind', at: 360 })).toBe('unchanged');
    expect(nextTimer(late)).toEqual({ at: 900, type: 'remind' });
  });

  it('by hand takes none of those that the clock sends', () => {
    const answer = decide(approval(), { type: 'remind', by: 'rita', at: 600 });
    expect(answer).toMatchObject({ state: { reminded: 0 }, events: [{ type: 'reminded', by: 'rita', to: ['ann', 'bob', 'carl'] }] });
  });
});

describe('changes', () => {
  const asked = after(approval(), approve('ann'), { type: 'request_changes', by: 'bob', at: 1, comment: 'more' });

  it('that are not wanted any more leave the votes as they were', () => {
    expect(after(asked, { type: 'revoke', by: 'bob', at: 2 })).toEqual(after(approval(), approve('ann')));
  });

  it('go to the first stage again with new evidence', () => {
    expect(after(asked, { type: 'resubmit', by: 'rita', at: 2, evidenceHash: changed })).toMatchObject({ status: 'open', stage: 0, votes: [] });
  });

  it('wait for the requester also past the deadline, if it escalates', () => {
    expect(after(asked, due)).toMatchObject({ status: 'changes_requested', escalations: [0] });
  });
});

describe('an escalation to somebody who has approved already', () => {
  const two = approval({ policy: policyOf([[panel('security', 1, 'ann'), panel('managers', 1, 'bob', 'carl')]], { escalation: [['carl']] }) });
  const halfway = after(two, approve('bob'), approve('carl', 2));

  it('approves at once where their approval fills the last place', () => {
    const answer = decide(halfway, { type: 'escalate', by: 'rita', at: 3 });
    expect(answer).toMatchObject({ state: { status: 'approved', outcome: { cause: 'vote', by: 'carl', at: 3 } }, events: [{ type: 'escalated' }, { type: 'stage_passed' }, { type: 'decided' }] });
    expect(after(halfway, due)).toMatchObject({ status: 'approved', outcome: { at: 1_000 } });
  });

  it('passes nothing while new evidence is wanted, and does when it is not any more', () => {
    const held = after(halfway, { type: 'request_changes', by: 'ann', at: 3, comment: 'more' }, due);
    expect(held).toMatchObject({ status: 'changes_requested', stage: 0 });
    expect(after(held, { type: 'revoke', by: 'ann', at: 1_001 })).toMatchObject({ status: 'approved', outcome: { by: 'carl' } });
  });
});

describe('an escalation to somebody who has rejected already, where the majority decides', () => {
  const two = approval({ policy: policyOf([[panel('security', 1, 'ann', 'bob', 'eve'), panel('managers', 1, 'carl', 'dora')]], { rejection: 'majority', escalation: [['ann']] }) });
  const halfway = after(two, reject('carl'), reject('ann', 2));

  it('rejects at once where that makes the rejections the majority of a panel', () => {
    expect(halfway.status).toBe('open');
    const answer = decide(halfway, { type: 'escalate', by: 'rita', at: 3 });
    expect(answer).toMatchObject({ state: { status: 'rejected', outcome: { cause: 'vote', by: 'ann', at: 3 } }, events: [{ type: 'escalated' }, { type: 'decided' }] });
    expect(after(halfway, due)).toMatchObject({ status: 'rejected', outcome: { at: 1_000 } });
  });

  it('rejects nothing while new evidence is wanted, and does when it is not any more', () => {
    const held = after(halfway, { type: 'request_changes', by: 'bob', at: 3, comment: 'more' }, due);
    expect(held.status).toBe('changes_requested');
    expect(after(held, { type: 'revoke', by: 'bob', at: 1_001 })).toMatchObject({ status: 'rejected', outcome: { by: 'ann' } });
  });

  it('goes before an approval that the same escalation completes', () => {
    const panels = [panel('one', 1, 'ann', 'bob'), panel('two', 1, 'carl', 'dora'), panel('three', 1, 'gil', 'hal', 'ivy', 'jon')];
    const both = approval({ policy: policyOf([panels], { rejection: 'majority', escalation: [['bob', 'gil', 'hal']] }) });
    const waiting = after(both, approve('ann'), approve('bob'), approve('ivy'), reject('carl'), reject('gil'), reject('hal'));
    expect(after(waiting, { type: 'escalate', by: 'rita', at: 3 })).toMatchObject({ status: 'rejected', outcome: { by: 'hal' } });
  });
});

it('a withdrawal keeps who and why', () => {
  expect(after(approval(), { type: 'withdraw', by: 'rita', at: 3, comment: 'obsolete' }).outcome).toEqual({ status: 'withdrawn', at: 3, cause: 'withdrawal', by: 'rita', comment: 'obsolete' });
});
