import { approvalWorkflowId } from '../../workflows/approval/contract';
import { ApprovalStage } from '../approval/approval-stage';
import { keepHistory } from './history-file';

// Not a test of `npm test`: `npm run record-histories` runs it, after workflow code was changed on purpose.
jest.setTimeout(180_000);

let stage: ApprovalStage;
beforeAll(async () => {
  stage = await ApprovalStage.open();
  for (const name of ['ann', 'bob', 'carl', 'dora', 'rita']) await stage.key(name);
});
afterAll(() => stage.close());

const keep = (name: string, id: string): Promise<void> => keepHistory(stage.client, name, approvalWorkflowId(id));
const closed = (id: string): Promise<unknown> => stage.client.workflow.getHandle(approvalWorkflowId(id)).result().catch(() => undefined);

test('a request with every act, by updates and signals that came together, reminders and an escalation', async () => {
  const stageOf = (person: string) => ({ approvers: { users: [person, 'bob'] } });
  const id = await stage.ask({
    policy: { stages: [stageOf('ann'), stageOf('carl')] }, deadline: '3s', onDeadline: 'escalate', reminders: { first: '1s' },
    escalation: [{ to: { users: ['dora'] }, within: '60s' }],
  });
  await stage.act(id, 'rita', 'comment', { comment: 'please' });
  await stage.act(id, 'ann', 'delegate', { to: 'zoe' });
  await stage.codeOf(id, 'bob', 'decide', { decision: 'approve', evidenceHash: 'of another' });
  await Promise.all([
    stage.signal(id, 'decide', { decision: 'approve' }), stage.signal(id, 'decide', 'nonsense'),
    stage.signal(id, 'comment', { comment: 'on my way', credential: stage.signalToken(id, 'carl') }), stage.act(id, 'zoe', 'decide', { decision: 'abstain' }),
  ]);
  await stage.act(id, 'zoe', 'revoke', {});
  await stage.until(id, ({ state }) => state.escalations.length === 1);
  await stage.vote(id, 'ann');
  await stage.act(id, 'rita', 'remind', {});
  await stage.vote(id, 'carl');
  await closed(id);
  await keep('approval-acts', id);
});

test('a request that continues as new with votes in it', async () => {
  const id = await stage.ask({ policy: { approvers: { users: ['ann', 'bob', 'carl'] }, quorum: 2 }, deadline: '30d' });
  await stage.vote(id, 'ann');
  const handle = stage.client.workflow.getHandle(approvalWorkflowId(id));
  const { runId } = await handle.describe();
  for (let signal = 0; signal < 5; signal++) await stage.signal(id, 'comment', { comment: 'x'.repeat(900_000) });
  while ((await handle.describe()).runId === runId) await stage.codeOf(id, 'zoe', 'remind', {}).catch(() => undefined);
  await stage.persistently(() => stage.vote(id, 'bob'));
  await closed(id);
  // The first history is larger than an answer of the server may be.
  await keep('approval-renewed', id);
});

test('a request that is cancelled in Temporal', async () => {
  const id = await stage.ask();
  await stage.until(id, ({ seq }) => seq === 1);
  await stage.client.workflow.getHandle(approvalWorkflowId(id)).cancel();
  await closed(id);
  await keep('approval-cancelled', id);
});
