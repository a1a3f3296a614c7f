import { after, approval, approve, changed } from '../../test/approval/samples';
import { noticesOf, type NoticeWebhook } from './notices';
import type { ApprovalState } from './state';

const webhooks: NoticeWebhook[] = [
  { name: 'ops', format: 'generic', url: 'https://ops.example' }, { name: 'chat', format: 'slack', url: 'https://chat.example' }, { name: 'deaf', format: 'generic' },
];
const told = (type: string, state: ApprovalState, more: { by?: string; to?: string[]; lapsed?: string[] } = {}): string[] =>
  noticesOf({ type, at: 1, ...more }, state, webhooks).map(({ kind, channel, person }) => `${kind} ${channel === 'mail' ? person : channel}`);

const bothWebhooks = (kind: string): string[] => [`${kind} webhook/ops`, `${kind} webhook/chat`];

describe('who is told', () => {
  const open = approval();
  const approved = after(open, approve('ann'), approve('bob'));

  it('asks everybody whom the request waits for', () => {
    expect(told('requested', open)).toEqual(['request ann', 'request bob', 'request carl', ...bothWebhooks('request')]);
    expect(told('stage_passed', after(open, approve('ann')))).toEqual(['request bob', 'request carl', ...bothWebhooks('request')]);
  });

  it('asks nobody what has been decided meanwhile', () => {
    expect(told('requested', approved)).toEqual(bothWebhooks('request'));
    expect(told('stage_passed', approved)).toEqual([]);
  });

  it('tells the requester and those who voted of the decision, each once', () => {
    expect(told('decided', approved)).toEqual(['decided rita', 'decided ann', 'decided bob', ...bothWebhooks('decided')]);
  });

  it('tells those of new evidence whose votes lapsed, and those whom it waits for, each once', () => {
    const again = after(open, approve('ann'), { type: 'resubmit', by: 'rita', at: 1, evidenceHash: changed });
    expect(told('resubmitted', again, { lapsed: ['ann', 'old'] })).toEqual(['ann', 'bob', 'carl', 'old'].map((person) => `resubmitted ${person}`).concat(bothWebhooks('resubmitted')));
  });

  it('tells one side what the other says', () => {
    expect(told('commented', open, { by: 'ann' })).toEqual(['commented rita', 'commented webhook/ops']);
    expect(told('commented', open, { by: 'rita' })).toEqual(['commented ann', 'commented bob', 'commented carl', 'commented webhook/ops']);
  });

  it('does not ask those again whom an escalation names and who have voted', () => {
    expect(told('escalated', after(open, approve('ann')), { to: ['ann', 'dora'] })).toEqual(['escalated dora', ...bothWebhooks('escalated')]);
  });

  it('tells nobody but programs and the chat of an entry that names nobody', () => {
    expect(told('reminded', open)).toEqual(bothWebhooks('reminder'));
    expect(told('escalated', open)).toEqual(bothWebhooks('escalated'));
    expect(told('resubmitted', approved)).toEqual(bothWebhooks('resubmitted'));
  });

  it.each([
    ['delegated', ['delegated zoe']],
    ['reminded', ['reminder zoe', ...bothWebhooks('reminder')]],
    ['changes_requested', ['changes_requested rita', ...bothWebhooks('changes_requested')]],
    ['changes_request_revoked', ['changes_request_revoked rita', 'changes_request_revoked webhook/ops']],
    ['voted', ['voted webhook/ops']],
    ['vote_revoked', ['vote_revoked webhook/ops']],
    ['refused', []],
    ['constructor', []],
  ])('tells of %s as the table says', (type, expected) => {
    expect(told(type, open, { to: ['zoe'] })).toEqual(expected);
  });
});
