import { randomUUID } from 'node:crypto';
import { identifyActorActivity } from '../../activities/approval/identify-actor';
import { sealForRequest, sha256, storeEvidence } from '../../db/approvals/evidence';
import { findOpened } from '../../db/approvals/open';
import { entitled } from '../../db/approvals/people';
import { actText } from '../../domain/approval/act-text';
import { verifyRecord } from '../../domain/approval/record';
import { searchAttributes } from '../../domain/search-attributes';
import { approvalStartOptions, approvalType, approvalWorkflowId, runEndedSignal, type ActReply, type ApprovalResult } from '../../workflows/approval/contract';
import { signalRaw, unreadable } from '../harness/raw-signal';
import { ApprovalStage } from './approval-stage';

let stage: ApprovalStage;
beforeAll(async () => {
  stage = await ApprovalStage.open();
  for (const name of ['ann', 'bob', 'carl', 'rita', 'olga']) await stage.key(name, { email: `${name}@example.org` });
});
afterAll(() => stage.close());

const isEntitled = async (id: string, person: string): Promise<boolean> => {
  const approval = await findOpened(stage.database.pool, { id });
  return approval !== undefined && entitled(stage.database.pool, approval, person, Date.now());
};
const resultOf = (id: string): Promise<ApprovalResult> => stage.client.workflow.getHandle(approvalWorkflowId(id)).result();

test('a request is decided by votes, and its record and read model say so', async () => {
  const id = await stage.ask();
  expect(await stage.vote(id, 'ann')).toMatchObject({ changed: true, status: 'open', votes: [{ person: 'ann', choice: 'approve' }], seq: 2 });
  expect(await stage.vote(id, 'ann')).toMatchObject({ changed: false, status: 'open' });
  expect(await stage.codeOf(id, 'zoe', 'decide', { decision: 'approve' })).toBe('approval.not_allowed');
  expect(await stage.vote(id, 'bob')).toMatchObject({ changed: true, status: 'approved', outcome: { by: 'bob', cause: 'vote' } });
  const row = await stage.final(id);
  expect(row).toMatchObject({ status: 'approved', outcome: { status: 'approved', by: 'bob' }, deadline: null });
  expect(await stage.types(id)).toEqual(['requested', 'voted', 'voted', 'stage_passed', 'decided']);
  expect(verifyRecord(id, await stage.record(id), sha256, row.head ?? '')).toBeNull();
  expect(await resultOf(id)).toMatchObject({ approvalId: id, status: 'approved', head: row.head });
});

test('a request may be made in Temporal itself; what is not right is refused with everything that is wrong', async () => {
  const start = (workflowId: string, request: object) => stage.client.workflow.start(approvalType, {
    workflowId, taskQueue: stage.config.TEMPORAL_TASK_QUEUE, args: [{ request }],
  });
  const workflowId = `approval/by-hand-${stage.config.TEMPORAL_TASK_QUEUE}`;
  const handle = await start(workflowId, { title: 'By \u0000hand?', policy: { approvers: { users: ['ann'] } }, deadline: '90d' });
  await handle.signal('decide', { decision: 'approve', credential: await stage.key('ann') });
  expect(await handle.result()).toMatchObject({ status: 'approved', outcome: { by: 'ann' } });
  const described = await handle.describe();
  expect(described.typedSearchAttributes.get(searchAttributes.status)).toBe('approved');

  const bad = await start(`${workflowId}-bad`, { title: '', policy: { approvers: { users: ['anne'] }, quorum: 0 } });
  await expect(bad.result()).rejects.toMatchObject({ cause: { type: 'input_invalid', message: expect.stringMatching(/\/title: .*\/policy\/quorum: /) } });
  const short = await start(`${workflowId}-short`, { title: 'Short', policy: { approvers: { users: ['anne', 'bob'] }, quorum: 2 } });
  await expect(short.result()).rejects.toMatchObject({ cause: { message: expect.stringMatching(/2 of anne, bob must approve, and only 1 may.*nobody called "anne"/) } });
});

test('evidence is an artifact as it is stored, or the request is refused', async () => {
  const artifact = { name: 'report.txt', uri: `artifact://${randomUUID()}`, bytes: 3, sha256: 'a'.repeat(64), contentType: 'text/plain' };
  await expect(stage.accept({ evidence: [{ title: 'Report', artifact }] })).rejects.toMatchObject({
    code: 'request.invalid', details: { errors: [{ path: '/evidence/0/artifact', message: expect.stringContaining('there is no artifact') }] },
  });
});

describe('a signal', () => {
  test('counts with a key or a token of the person, and what does not count is recorded', async () => {
    const id = await stage.ask();
    const other = await stage.ask();
    const annsKey = await stage.key('ann');
    await stage.signal(id, 'decide', { decision: 'approve' });
    await stage.signal(id, 'decide', { decision: 'approve', by: 'ann' });
    await stage.signal(id, 'decide', { decision: 'approve', credential: 'dmcp_nobody', by: 'ann' });
    await stage.signal(id, 'decide', { decision: 'approve', credential: stage.signalToken(other, 'ann') });
    await stage.signal(id, 'decide', { decision: 'approve', credential: stage.signalToken(id, 'ann', Date.now() - 1) });
    await stage.signal(id, 'decide', { decision: 'approve', credential: stage.token(id, 'ann', 'decide', { decision: 'reject' }) });
    await stage.signal(id, 'decide', { decision: 'approve', credential: await stage.key('zoe') });
    const nonsense = [undefined, null, 7, 'approve', [], {}, { decision: 'yes' }, { decision: 'approve', form: [] }, { decision: 'approve', extra: 1 }, { decision: 'approve', credential: { a: 1 } }, { decision: 'approve', comment: '\ud800\u0000', credential: annsKey.slice(1) }];
    for (const argument of nonsense) await stage.signal(id, 'decide', argument);
    for (const name of ['comment', 'resubmit', 'delegate']) await stage.signal(id, name, { credential: annsKey });
    await stage.signal(id, 'resubmit', { evidenceHash: 'of my own', credential: await stage.key('rita') });
    await stage.signal(id, 'no-such-signal', { decision: 'approve', credential: annsKey });
    expect((await stage.row(id)).state.votes).toEqual([]);

    await stage.signal(id, 'decide', { decision: 'approve', comment: 'fine \ud800\u0000', credential: annsKey });
    await stage.signal(id, 'decide', { decision: 'approve', credential: stage.signalToken(id, 'bob') });
    const row = await stage.final(id);
    expect(row).toMatchObject({ status: 'approved', outcome: { by: 'bob' } });
    const entries = await stage.record(id);
    expect(verifyRecord(id, entries, sha256, row.head ?? '')).toBeNull();
    const refused = entries.filter(({ type }) => type === 'refused');
    expect(refused.map(({ body }) => body['code']).sort()).toEqual([
      'approval.not_allowed', 'approval.not_possible', ...Array<string>(7).fill('auth.required'), ...Array<string>(nonsense.length - 1 + 3).fill('request.invalid'),
    ]);
    const named = (part: string): unknown[] => refused.flatMap(({ personal }) => personal[part] ?? []);
    expect([named('by'), named('claimed')]).toMatchObject([[{ value: 'zoe' }], [{ value: 'ann' }, { value: 'ann' }]]);
    expect(entries.find(({ type }) => type === 'voted')).toMatchObject({ body: { choice: 'approve', channel: 'signal' }, personal: { by: { value: 'ann' }, comment: { value: 'fine \ufffd\ufffd' } } });
  });
});

test('a signal that nobody can read is refused and recorded, also before the request is open, and stops nothing after a restart', async () => {
  const row = await stage.accept({});
  const workflowId = approvalWorkflowId(row.id);
  await stage.client.workflow.signalWithStart(approvalType, { ...approvalStartOptions(row, stage.config.TEMPORAL_TASK_QUEUE), signal: 'comment', signalArgs: [] });
  for (const argument of unreadable) await signalRaw(stage.client, workflowId, 'decide', argument);
  await stage.vote(row.id, 'ann');
  await stage.stopWorker();
  await stage.startWorker();
  expect(await stage.vote(row.id, 'bob')).toMatchObject({ status: 'approved' });
  await stage.final(row.id);
  const refused = (await stage.record(row.id)).filter(({ type }) => type === 'refused');
  // Those that came before the request was open may be taken in another order.
  expect(refused).toHaveLength(1 + unreadable.length);
  expect(refused.map(({ body: { act, code }, personal }) => [act, code, personal['reason']])).toEqual(expect.arrayContaining([
    ['comment', 'request.invalid', expect.anything()],
    ...['Unknown encoding: binary/strange', 'Unknown encoding: \\.', 'not valid JSON'].map((why) =>
      ['decide', 'request.invalid', expect.objectContaining({ value: expect.stringMatching(new RegExp(`cannot be read: .*${why}`)) })]),
  ]));
});

test('a name alone is believed only where signals are trusted', async () => {
  const id = await stage.ask();
  const { pool } = stage.database;
  const said = { approvalId: id, by: 'ann', act: actText('revoke', {}) };
  const trusting = identifyActorActivity({ pool, config: { ...stage.config, DATAMCP_TRUST_SIGNALS: true } });
  expect(await trusting.identifyActor(said)).toEqual({ actor: { person: 'ann', operator: false, channel: 'signal', address: null, keyId: null, requestId: null } });
  expect(await trusting.identifyActor({ ...said, by: 'nobody' })).toMatchObject({ refusal: { code: 'approval.not_allowed' } });
  expect(await identifyActorActivity({ pool, config: stage.config }).identifyActor(said)).toMatchObject({ refusal: { code: 'auth.required' } });
  await stage.act(id, 'rita', 'withdraw', {});
});

test('a token for one act, taken out of the history, does nothing when it is sent again', async () => {
  const id = await stage.ask();
  const argument = { decision: 'approve', credential: stage.token(id, 'ann', 'decide', { decision: 'approve' }) };
  const decide = (): Promise<ActReply> => stage.client.workflow.getHandle(approvalWorkflowId(id)).executeUpdate<ActReply, [object]>('decide', { args: [argument] });
  expect(await decide()).toMatchObject({ changed: true });
  await stage.act(id, 'ann', 'revoke', {});
  expect(await decide()).toMatchObject({ changed: false, votes: [] });
  await stage.signal(id, 'decide', argument);
  await stage.act(id, 'rita', 'withdraw', {});
  expect(await stage.final(id)).toMatchObject({ state: { votes: [] } });
  expect(await stage.types(id)).toEqual(['requested', 'voted', 'vote_revoked', 'decided']);
});

describe('who has lost what made them an approver', () => {
  test('may not decide any more, and whoever gains it later may not either', async () => {
    await stage.key('mia', { roles: ['manager'] });
    const extra = await stage.key('max', { groups: ['board'] });
    const id = await stage.ask({ policy: { approvers: { roles: ['manager'], groups: ['board'] }, quorum: 1 } });
    await stage.revokeKeys('mia');
    const mias = await stage.key('mia', { roles: ['viewer'] });
    await stage.key('late', { roles: ['manager'] });
    await stage.signal(id, 'decide', { decision: 'approve', credential: mias });
    expect(await stage.codeOf(id, 'late', 'decide', { decision: 'approve' })).toBe('approval.not_allowed');
    expect(await isEntitled(id, 'mia')).toBe(false);
    expect(await isEntitled(id, 'max')).toBe(true);
    await stage.signal(id, 'decide', { decision: 'approve', credential: extra });
    expect(await stage.final(id)).toMatchObject({ outcome: { by: 'max' }, state: { policy: { stages: [{ panels: [{ members: ['max', 'mia'] }] }] } } });
    expect(await stage.types(id)).toContain('refused');
  });

  test('takes the right of their delegate with it', async () => {
    await stage.key('don', { roles: ['owner'] });
    const id = await stage.ask({ policy: { approvers: { roles: ['owner'] } } });
    await stage.act(id, 'don', 'delegate', { to: 'carl' });
    expect(await isEntitled(id, 'carl')).toBe(true);
    await stage.revokeKeys('don');
    expect(await isEntitled(id, 'carl')).toBe(false);
    await stage.act(id, 'rita', 'withdraw', {});
  });
});

test('changes are asked for, answered with new evidence, and decided anew', async () => {
  const id = await stage.ask();
  await stage.vote(id, 'ann');
  await stage.act(id, 'bob', 'requestChanges', { comment: 'which month?' });
  expect(await stage.row(id)).toMatchObject({ status: 'changes_requested', standing: 'bob requested changes; waiting for rita' });
  const { rows: [kept] } = await stage.database.pool.query<{ request: { title: string } }>('select request from approvals where id = $1', [id]);
  const sealed = await sealForRequest(stage.database.pool, { title: kept?.request.title ?? '', evidence: [{ title: 'Month', text: 'January' }] });
  await storeEvidence(stage.database.pool, id, sealed, null);
  expect(await stage.act(id, 'rita', 'resubmit', { evidenceHash: sealed.evidenceHash })).toMatchObject({ status: 'open', votes: [] });
  expect(await stage.codeOf(id, 'ann', 'decide', { decision: 'approve', evidenceHash: 'of before' })).toBe('approval.evidence_changed');
  await stage.vote(id, 'ann');
  await stage.vote(id, 'bob');
  const { rows } = await stage.database.pool.query<{ revision: number }>('select revision from approval_evidence where approval_id = $1 order by revision', [id]);
  expect(rows).toEqual([{ revision: 1 }, { revision: 2 }]);
  expect(await stage.types(id)).toEqual(['requested', 'voted', 'changes_requested', 'resubmitted', 'voted', 'voted', 'stage_passed', 'decided']);
});

test('a cancel in Temporal withdraws the request, and its workflow closes as cancelled', async () => {
  const id = await stage.ask();
  const handle = stage.client.workflow.getHandle(approvalWorkflowId(id));
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(await stage.row(id)).toMatchObject({ status: 'withdrawn', outcome: { by: 'temporal', cause: 'withdrawal' } });
});

test('the end of the run withdraws the request, even before it knew what it is', async () => {
  const row = await stage.accept({});
  await stage.client.workflow.signalWithStart(approvalType, { ...approvalStartOptions(row, stage.config.TEMPORAL_TASK_QUEUE), signal: runEndedSignal, signalArgs: [] });
  expect(await stage.final(row.id)).toMatchObject({ status: 'withdrawn', outcome: { cause: 'withdrawal' } });
  expect((await stage.record(row.id)).at(-1)).toMatchObject({ type: 'decided', body: { channel: 'run' } });
});
