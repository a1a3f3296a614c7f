import { sha256 } from '../../db/approvals/evidence';
import { verifyRecord } from '../../domain/approval/record';
import { approvalWorkflowId } from '../../workflows/approval/contract';
import { ApprovalStage } from './approval-stage';

const voters = Array.from({ length: 500 }, (_, index) => `voter-${index}`);

let stage: ApprovalStage;
beforeAll(async () => {
  stage = await ApprovalStage.open();
  await stage.database.pool.query(
    `insert into keys (id, hash, prefix, subject_type, subject_name, roles, groups, created_by)
     select gen_random_uuid(), sha256(name::bytea), 'dmcp_', 'user', name, '{}', '{voters}', 'test' from unnest($1::text[]) as name`, [voters]);
});
afterAll(() => stage.close());

test('500 people decide together, over histories that are begun anew in between', async () => {
  const id = await stage.ask({ policy: { approvers: { groups: ['voters'] }, quorum: 500 } });
  const handle = stage.client.workflow.getHandle(approvalWorkflowId(id));
  const { runId } = await handle.describe();
  const left = [...voters];
  const lane = async (): Promise<void> => {
    for (let person = left.shift(); person !== undefined; person = left.shift()) {
      const voter = person;
      // Fills the history: it suggests to go on in another one after 4 MB.
      if (left.length % 90 === 89) await stage.signal(id, 'comment', { comment: 'x'.repeat(900_000) });
      await stage.persistently(() => stage.vote(id, voter));
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  const row = await stage.final(id, 60_000);
  expect(row).toMatchObject({ status: 'approved' });
  expect(new Set(row.state.votes.map(({ person }) => person)).size).toBe(500);
  expect((await stage.client.workflow.getHandle(approvalWorkflowId(id)).describe()).runId).not.toBe(runId);
  const entries = await stage.record(id);
  expect(entries.filter(({ type }) => type === 'voted')).toHaveLength(500);
  expect(verifyRecord(id, entries, sha256, row.head ?? '')).toBeNull();
});
