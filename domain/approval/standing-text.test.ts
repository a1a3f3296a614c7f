import { abstain, after, approval, approve, panel, policyOf, reject } from '../../test/approval/samples';
import { standingText } from './standing-text';
import type { ApprovalState } from './state';
import type { Timetable } from './timetable';

const friday = Date.parse('2026-11-20T15:00:00Z');
const timetable: Timetable = { deadlines: [friday], onDeadline: 'expire', reminders: [], timeZone: 'Europe/Kyiv' };
const three = policyOf([[panel('release-managers', 3, 'ann', 'bob', 'carl', 'dora')]]);
const monday = Date.parse('2026-11-16T09:00:00Z');

describe('how a request stands, in one sentence', () => {
  const open = approval({ policy: three, timetable });
  const two = approval({ policy: policyOf([[panel('security', 1, 'ann'), panel('release-managers', 1, 'bob', 'carl')], [panel('board', 1, 'dora')]]), timetable: { ...timetable, deadlines: [] } });
  const named = { ...two, policy: { ...two.policy, stages: two.policy.stages.map((stage) => ({ ...stage, name: 'review' })) } };

  it.each<[string, ApprovalState, string]>([
    ['with one panel', after(open, approve('ann'), approve('bob')), '2 of 3; waiting for release-managers until Friday 17:00'],
    ['without those of a panel by names who have voted', after(approval({ policy: policyOf([[panel('ann, bob, carl', 2, 'ann', 'bob', 'carl')]]), timetable }), approve('bob')), '1 of 2; waiting for ann, carl until Friday 17:00'],
    ['with panels and stages', after(two, approve('ann')), 'stage 1 of 2: security 1 of 1, release-managers 0 of 1; waiting for release-managers'],
    ['with two panels to wait for', two, 'stage 1 of 2: security 0 of 1, release-managers 0 of 1; waiting for security and release-managers'],
    ['with names of stages', after(named, approve('ann'), approve('bob')), 'stage 2 of 2 (review): 0 of 1; waiting for board'],
    ['when too many abstained', after(open, abstain('ann'), abstain('bob')), '0 of 3; too many abstained; waiting for release-managers until Friday 17:00'],
    ['when changes are wanted', after(open, { type: 'request_changes', by: 'ann', at: 1, comment: 'more' }), 'ann requested changes; waiting for rita until Friday 17:00'],
    ['when it is rejected', after(open, reject('ann', friday - 60_000)), 'rejected by the vote of ann on 2026-11-20 16:59'],
    ['when it has expired', after(open, { type: 'deadline', at: friday }), 'expired on 2026-11-20 17:00'],
    ['when time approved it', after({ ...open, timetable: { ...timetable, onDeadline: 'approve' } }, { type: 'deadline', at: friday }), 'approved by its deadline on 2026-11-20 17:00'],
    ['when it is withdrawn', after(open, { type: 'withdraw', by: 'rita', at: friday - 1 }), 'withdrawn by rita on 2026-11-20 16:59'],
    ['when its run ended', after(open, { type: 'withdraw', at: friday - 1 }), 'withdrawn, because its run ended, on 2026-11-20 16:59'],
  ])('%s', (_name, state, text) => {
    expect(standingText(state, monday)).toBe(text);
  });

  it('tells a date where a weekday is not enough, and that a time is in UTC where there is no calendar', () => {
    const utc = approval({ policy: three, timetable: { ...timetable, timeZone: 'UTC' } });
    expect(standingText(open, monday - 3 * 86_400_000)).toBe('0 of 3; waiting for release-managers until 2026-11-20 17:00');
    expect(standingText(open, friday + 1)).toBe('0 of 3; waiting for release-managers until 2026-11-20 17:00');
    expect(standingText(utc, monday)).toBe('0 of 3; waiting for release-managers until Friday 15:00 UTC');
    expect(standingText(after(utc, { type: 'deadline', at: friday }), monday)).toBe('expired on 2026-11-20 15:00 UTC');
  });
});
