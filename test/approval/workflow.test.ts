import { verifyRecord } from '../../domain/approval/record';
import { sha256 } from '../../db/approvals/evidence';
import { approvalWorkflowId, type ApprovalResult } from '../../workflows/approval/contract';
import { ApprovalStage } from './approval-stage';

let stage: ApprovalStage;
beforeAll(async () => {
  stage = await ApprovalStage.open();
  for (const name of ['ann', 'bob', 'carl', 'rita', 'olga']) await stage.key(name, { email: `${name}@example.org` });
});
afterAll(() => stage.close());

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
