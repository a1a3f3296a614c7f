import { Client } from 'pg';
import { sha256 } from '../../db/approvals/evidence';
import { verifyRecord } from '../../domain/approval/record';
import { approvalWorkflowId } from '../../workflows/approval/contract';
import { ProcessStage } from '../faults/process-stage';
import { testEnvironment } from '../harness/environment';
import { ApprovalStage, secretsKey } from './approval-stage';

let stage: ApprovalStage;
beforeAll(async () => {
  stage = await ApprovalStage.open();
  for (const name of ['ann', 'bob', 'rita']) await stage.key(name);
});
afterAll(() => stage.close());

const request = { policy: { approvers: { users: ['ann', 'bob'] }, quorum: 2 } };
const types = ['requested', 'voted', 'voted', 'stage_passed', 'decided'];

/** Whether the record is whole, and says what happened. */
async function expectWholeRecord(id: string): Promise<void> {
  const { head } = await stage.final(id, 40_000);
  const entries = await stage.record(id);
  expect(entries.map(({ type }) => type)).toEqual(types);
  expect(verifyRecord(id, entries, sha256, head ?? '')).toBeNull();
}

/** Lets nobody into the database, or in again: for those who use it, it is away. */
async function letIn(allowed: boolean): Promise<void> {
  const name = new URL(stage.database.url).pathname.slice(1);
  const client = new Client({ connectionString: testEnvironment().TEST_POSTGRES_URL });
  await client.connect();
  await client.query(`alter database ${name} allow_connections ${allowed}`);
  if (!allowed) await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  await client.end();
}

test('while Postgres is away votes count and decide, and all is recorded before the workflow ends', async () => {
  const id = await stage.ask(request);
  await stage.until(id, ({ seq }) => seq === 1);
  await letIn(false);
  expect(await stage.vote(id, 'ann')).toMatchObject({ changed: true, status: 'open' });
  expect(await stage.vote(id, 'bob')).toMatchObject({ changed: true, status: 'approved' });
  expect(await stage.codeOf(id, 'rita', 'withdraw', {})).toBe('approval.closed');
  const { status } = await stage.client.workflow.getHandle(approvalWorkflowId(id)).describe();
  expect(status.name).toBe('RUNNING');
  await letIn(true);
  await expectWholeRecord(id);
});

test('a worker that is killed between the vote and its recording loses nothing, and nothing is recorded twice', async () => {
  await stage.stopWorker();
  const processes = await ProcessStage.on({ databaseUrl: stage.database.url, temporalAddress: stage.config.TEMPORAL_ADDRESS },
    { TEMPORAL_TASK_QUEUE: stage.config.TEMPORAL_TASK_QUEUE, DATAMCP_SECRETS_KEY: secretsKey });
  const blocker = await stage.database.pool.connect();
  try {
    const worker = await processes.startWorker();
    const id = await stage.ask(request);
    await stage.until(id, ({ seq }) => seq === 1);
    await blocker.query('begin');
    await blocker.query('select from approvals where id = $1 for update', [id]);
    expect(await stage.vote(id, 'ann')).toMatchObject({ changed: true });
    await processes.kill(worker);
    await blocker.query('commit');
    expect((await stage.row(id)).seq).toBe(1);
    await processes.startWorker();
    expect(await stage.vote(id, 'bob')).toMatchObject({ status: 'approved' });
    await expectWholeRecord(id);
  } finally {
    blocker.release();
    await processes.close();
  }
});
