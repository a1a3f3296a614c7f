import { limits } from '../limits';
import type { Outcome, Vote } from './state';
import { stepEnd, type EndedRequest } from './step-end';

const at = Date.UTC(2026, 10, 20, 15, 4);
const time = '2026-11-20T15:04:00.000Z';
const votes: Vote[] = [{ person: 'ann', choice: 'approve', stage: 0, at }];

function ended(outcome: Omit<Outcome, 'at'>): EndedRequest {
  return { approvalId: 'the-id', status: outcome.status, outcome: { ...outcome, at }, votes, evidenceHash: 'abc' };
}
const error = (code: string, message: string, by: string | null = null) =>
  ({ outcome: 'failed', error: { code, message, retryable: false, details: { approval: 'the-id', by, at: time, evidenceHash: 'abc' } } });

test('an approval is the output of its step: who decided, when, with what words and values, and all votes', () => {
  expect(stepEnd(ended({ status: 'approved', cause: 'vote', by: 'ann', comment: 'fine', form: { limit: 5 } }), 'fail')).toEqual({
    outcome: 'succeeded',
    output: {
      decision: 'approved', by: 'ann', at: time, comment: 'fine', form: { limit: 5 }, evidenceHash: 'abc', id: 'the-id',
      votes: [{ person: 'ann', choice: 'approve', stage: 0, at: time }],
    },
  });
});

test('a deadline that approves has nobody who decided', () => {
  expect(stepEnd(ended({ status: 'approved', cause: 'deadline' }), 'fail')).toMatchObject({ output: { decision: 'approved', by: null, comment: null, form: {} } });
});

test.each<[string, Omit<Outcome, 'at'>, object]>([
  ['a rejection', { status: 'rejected', cause: 'vote', by: 'bob', comment: 'too late' }, error('approval_rejected', 'Rejected by bob: too late', 'bob')],
  ['a deadline that rejects', { status: 'rejected', cause: 'deadline' }, error('approval_rejected', 'Rejected by its deadline')],
  ['a deadline without a decision', { status: 'expired', cause: 'deadline' }, error('approval_expired', 'Nobody decided before the deadline')],
  ['a withdrawal', { status: 'withdrawn', cause: 'withdrawal', by: 'ann' }, error('approval_withdrawn', 'Withdrawn by ann', 'ann')],
  ['a deadline that withdraws', { status: 'withdrawn', cause: 'deadline' }, error('approval_withdrawn', 'Withdrawn by its deadline')],
])('%s fails its step', (_name, outcome, expected) => {
  expect(stepEnd(ended(outcome), 'fail')).toEqual(expected);
});

test('with onReject: continue a rejection and an expiry are outputs, a withdrawal still fails', () => {
  expect(stepEnd(ended({ status: 'rejected', cause: 'vote', by: 'bob' }), 'continue')).toMatchObject({ outcome: 'succeeded', output: { decision: 'rejected', by: 'bob' } });
  expect(stepEnd(ended({ status: 'expired', cause: 'deadline' }), 'continue')).toMatchObject({ outcome: 'succeeded', output: { decision: 'expired', by: null } });
  expect(stepEnd(ended({ status: 'withdrawn', cause: 'deadline' }), 'continue')).toMatchObject({ outcome: 'failed' });
});

test('what the end of the run withdrew is a cancelled step', () => {
  expect(stepEnd(ended({ status: 'withdrawn', cause: 'withdrawal' }), 'fail')).toEqual({ outcome: 'cancelled' });
});

test('the votes of 500 people with long names, a long comment and a full form fit the output of a task', () => {
  const many = Array.from({ length: 500 }, (_, index): Vote => ({ person: `é${index}`.padEnd(200, 'é'), for: 'x'.repeat(200), choice: 'approve', stage: 0, at }));
  const request = { ...ended({ status: 'approved', cause: 'vote', by: 'ann', comment: 'é'.repeat(4_000), form: { text: 'x'.repeat(16_000) } }), votes: many };
  const end = stepEnd(request, 'fail');
  expect(Buffer.byteLength(JSON.stringify('output' in end && end.output))).toBeLessThanOrEqual(limits.outputBytes);
  expect(end).toMatchObject({ output: { votes: expect.arrayContaining([expect.objectContaining({ choice: 'approve' })]) } });
  const short = stepEnd({ ...ended({ status: 'approved', cause: 'vote', by: 'ann' }), votes: many.map((vote, index) => ({ person: `voter-${index}`, choice: vote.choice, stage: 0, at })) }, 'fail');
  expect('output' in short && short.output['votes']).toHaveLength(500);
});
