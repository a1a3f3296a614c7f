import type { ApprovalEvent } from './act';
import { recordedAct, type Way } from './recorded-act';

const way: Way = { channel: 'mail', address: '192.0.2.1', evidenceHash: 'shown' };
const who = { at: 7, by: 'ann' };

describe('an act in the record', () => {
  it.each<[ApprovalEvent, object, object]>([
    [{ ...who, type: 'voted', choice: 'approve', for: 'bob', comment: 'Fine', form: { amount: 5 } }, { choice: 'approve', evidenceHash: 'shown' }, { for: 'bob', comment: 'Fine', form: { amount: 5 } }],
    [{ ...who, type: 'voted', choice: 'reject' }, { choice: 'reject', evidenceHash: 'shown' }, {}],
    [{ ...who, type: 'vote_revoked' }, {}, {}],
    [{ ...who, type: 'commented', comment: 'Why?' }, {}, { comment: 'Why?' }],
    [{ ...who, type: 'changes_requested', comment: 'Add May' }, { evidenceHash: 'shown' }, { comment: 'Add May' }],
    [{ ...who, type: 'changes_request_revoked' }, {}, {}],
    [{ ...who, type: 'resubmitted', evidenceHash: 'new', revision: 2, lapsed: ['bob'], comment: 'May is in' }, { evidenceHash: 'new', revision: 2 }, { lapsed: ['bob'], comment: 'May is in' }],
    [{ ...who, type: 'delegated', to: 'zoe', since: 8, until: 9 }, { since: 8, until: 9 }, { to: 'zoe' }],
    [{ ...who, type: 'delegated', to: 'zoe' }, {}, { to: 'zoe' }],
    [{ ...who, type: 'delegation_ended', to: 'zoe' }, {}, { to: 'zoe' }],
    [{ ...who, type: 'reminded', to: ['bob'] }, {}, { to: ['bob'] }],
    [{ ...who, type: 'escalated', to: ['dora'] }, {}, { to: ['dora'] }],
    [{ ...who, type: 'stage_passed', stage: 0 }, { stage: 0 }, {}],
    [
      { ...who, type: 'decided', status: 'approved', outcome: { status: 'approved', at: 7, cause: 'vote', by: 'ann', comment: 'Fine', form: { amount: 5 } } },
      { status: 'approved', cause: 'vote' }, { comment: 'Fine', form: { amount: 5 } },
    ],
  ])('has apart from the rest what is about persons: %j', (event, body, personal) => {
    expect(recordedAct(event, way)).toEqual({ at: 7, type: event.type, body: { ...body, channel: 'mail' }, personal: { by: 'ann', address: '192.0.2.1', ...personal } });
  });

  it('has no address where none is known', () => {
    expect(recordedAct({ ...who, type: 'vote_revoked' }, { ...way, address: null }).personal).toEqual({ by: 'ann' });
  });

  it('is of the clock, without an address, where time brought it about on the way of an act of somebody', () => {
    expect(recordedAct({ at: 7, type: 'reminded', to: ['bob'] }, way)).toEqual({ at: 7, type: 'reminded', body: { channel: 'clock' }, personal: { to: ['bob'] } });
  });

  it('is of the run where its end brought it about', () => {
    const withdrawn: ApprovalEvent = { at: 7, type: 'decided', status: 'withdrawn', outcome: { status: 'withdrawn', at: 7, cause: 'withdrawal' } };
    expect(recordedAct(withdrawn, { ...way, channel: 'run', address: null })).toEqual({ at: 7, type: 'decided', body: { status: 'withdrawn', cause: 'withdrawal', channel: 'run' }, personal: {} });
  });
});
