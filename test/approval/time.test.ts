import { shiftPeople } from '../../db/approvals/shifts';
import { makeLogger } from '../../platform/logger';
import { ApprovalKeeper } from '../../workers/approval-keeper';
import { Starter } from '../../workers/starter';
import { approvalWorkflowId } from '../../workflows/approval/contract';
import { ApprovalStage } from './approval-stage';

const logger = makeLogger('error', 'test');
let stage: ApprovalStage;
let keeper: ApprovalKeeper;
/** Asked first, because it takes its time: two seconds lie between its moments, so that a busy machine keeps their order. */
let timed: string;
beforeAll(async () => {
  stage = await ApprovalStage.open();
  keeper = new ApprovalKeeper(stage.config, stage.database.pool, stage.client, logger);
  for (const name of ['ann', 'bob', 'carl', 'rita', 'dora']) await stage.key(name, { groups: name === 'dora' ? ['board'] : [] });
  timed = await stage.ask({
    policy: { approvers: { users: ['ann', 'bob'] }, quorum: 2 }, deadline: '4s', onDeadline: 'escalate',
    reminders: { first: '2s', every: '4s' }, escalation: [{ to: { groups: ['board'] }, within: '4s' }],
  });
});
afterAll(() => stage.close());

const eventsOf = async (id: string): Promise<string[]> => {
  const { events } = await stage.client.workflow.getHandle(approvalWorkflowId(id)).fetchHistory();
  return (events ?? []).map((event) => Object.keys(event).find((name) => name.endsWith('EventAttributes')) ?? '');
};
const count = (events: string[], part: string): number => events.filter((name) => name.startsWith(part)).length;

test('a deadline of ten years is kept by one timer, which is gone with the decision', async () => {
  const id = await stage.ask({ policy: { approvers: { users: ['ann', 'bob'] }, quorum: 2 }, deadline: '3652d' });
  await stage.vote(id, 'ann');
  expect((await stage.row(id)).deadline?.getTime()).toBeGreaterThan(Date.now() + 3_651 * 86_400_000);
  await stage.vote(id, 'bob');
  await stage.final(id);
  await stage.client.workflow.getHandle(approvalWorkflowId(id)).result();
  const events = await eventsOf(id);
  expect([count(events, 'timerStarted'), count(events, 'timerCanceled'), count(events, 'timerFired')]).toEqual([1, 1, 0]);
});

test('a request that nobody could start is started, once, and keeps its deadline', async () => {
  const row = await stage.accept({ deadline: '48h' });
  const starter = new Starter(stage.config, stage.database.pool, stage.client, logger);
  await starter.sweep();
  expect((await stage.row(row.id)).seq).toBe(0);
  await Promise.all([starter.sweep(0), starter.sweep(0)]);
  const opened = await stage.until(row.id, ({ seq }) => seq === 1);
  expect(opened.deadline?.getTime()).toBe(row.createdAt.getTime() + 48 * 3_600_000);
  await stage.act(row.id, 'rita', 'withdraw', {});
});

test('a request whose workflow was terminated, or is not known, ends as withdrawn, and the record says so', async () => {
  const id = await stage.ask();
  await stage.vote(id, 'ann');
  await keeper.sweep(0);
  expect((await stage.row(id)).status).toBe('open');
  await stage.client.workflow.getHandle(approvalWorkflowId(id)).terminate('by hand');
  const unknown = await stage.accept({});
  await stage.database.pool.query('update approvals set seq = 1, head = $2 where id = $1', [unknown.id, 'x']);
  await Promise.all([keeper.sweep(0), keeper.sweep(0)]);
  expect(await stage.final(id)).toMatchObject({ status: 'withdrawn', outcome: { by: 'temporal', comment: expect.stringContaining('terminated') } });
  expect(await stage.final(unknown.id)).toMatchObject({ status: 'withdrawn', outcome: { comment: expect.stringContaining('does not know') } });
  expect(await stage.types(id)).toEqual(['requested', 'voted', 'decided']);
});

test('a request whose run has ended is withdrawn', async () => {
  const id = await stage.ask();
  await stage.until(id, ({ seq }) => seq === 1);
  await stage.database.pool.query('update approvals set run_id = gen_random_uuid() where id = $1', [id]);
  await keeper.sweep(0);
  expect(await stage.final(id)).toMatchObject({ status: 'withdrawn', standing: expect.stringContaining('because its run ended') });
});

test('reminders come, then the escalation, then the end by time; no timer is left over', async () => {
  expect(await stage.final(timed)).toMatchObject({ status: 'expired', outcome: { cause: 'deadline' } });
  const entries = await stage.record(timed);
  expect(entries.map(({ type }) => type)).toEqual(['requested', 'reminded', 'escalated', 'reminded', 'decided']);
  expect(entries.slice(1).every(({ body }) => body['channel'] === 'clock')).toBe(true);
  await stage.client.workflow.getHandle(approvalWorkflowId(timed)).result();
  const events = await eventsOf(timed);
  expect(count(events, 'timerStarted')).toBe(count(events, 'timerFired'));
});

test('a delegation that begins later brings the request into the inbox and the mail of its delegate, and ends there, too', async () => {
  const id = await stage.ask({ policy: { approvers: { users: ['ann', 'bob'] } } });
  const away = { since: '2098-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z' };
  await stage.act(id, 'ann', 'delegate', { to: 'dora', ...away });
  const { pool } = stage.database;
  const at = async (moment: string): Promise<unknown> => {
    await shiftPeople(pool, Date.parse(moment), 50);
    const { rows: [dora] } = await pool.query(
      `select p.awaited, (select count(*)::int from approval_notices n where n.approval_id = $1 and n.kind = 'delegation_begun' and n.person = 'dora') as told,
         a.people_change_at as next from approval_people p join approvals a on a.id = p.approval_id where a.id = $1 and p.person = 'dora'`, [id]);
    return dora;
  };
  expect(await at('2097-12-31T23:59:59Z')).toEqual({ awaited: false, told: 0, next: new Date(away.since) });
  expect(await at(away.since)).toEqual({ awaited: true, told: 1, next: new Date(away.until) });
  expect(await at('2098-06-01T00:00:00Z')).toEqual({ awaited: true, told: 1, next: new Date(away.until) });
  expect(await at(away.until)).toEqual({ awaited: false, told: 1, next: null });
  await stage.vote(id, 'ann');
  expect(await at('2200-01-01T00:00:00Z')).toEqual({ awaited: false, told: 1, next: null });
});
