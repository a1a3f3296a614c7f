import { createHash, randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { v7 as uuidv7 } from 'uuid';
import { newApproval, type OpenedRow } from '../../db/approvals/open';
import { insertKey } from '../../db/keys';
import { actText } from '../../domain/approval/act-text';
import type { RecordEntry } from '../../domain/approval/record';
import type { ApprovalRequest } from '../../domain/approval/request-schema';
import type { ApprovalState, Outcome } from '../../domain/approval/state';
import { ApprovalTokens } from '../../platform/approval-tokens';
import type { Config } from '../../platform/config';
import { transaction } from '../../platform/postgres';
import { isWorkflowNotFound } from '../../platform/temporal';
import { approvalStartOptions, approvalType, approvalWorkflowId, type ActArguments, type ActName, type ActReply } from '../../workflows/approval/contract';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { testConfig, testTemporal, testTemporalClient } from '../harness/temporal';
import { startTestWorker } from '../harness/worker';

/** Random enough for a test, and known to the processes of one. */
export const secretsKey = createHash('sha256').update('approvals').digest('base64');

export interface ApprovalRow {
  status: string;
  state: ApprovalState;
  standing: string;
  deadline: Date | null;
  outcome: Outcome | null;
  seq: number;
  head: string | null;
  finishedAt: Date | null;
}

export interface TestKey { roles?: string[]; groups?: string[]; email?: string }

/** A worker of this process, people with keys, and what tests do with requests for decisions. */
export class ApprovalStage {
  stopWorker: () => Promise<void> = async () => undefined;
  private readonly tokens: ApprovalTokens;

  private constructor(readonly config: Config, readonly database: TestDatabase, readonly client: Client) {
    this.tokens = new ApprovalTokens(config);
  }

  static async open(overrides: Record<string, string> = {}): Promise<ApprovalStage> {
    const database = await createTestDatabase();
    const config = testConfig(database.url, testTemporal(), { DATAMCP_SECRETS_KEY: secretsKey, ...overrides });
    const stage = new ApprovalStage(config, database, testTemporalClient(config));
    await stage.startWorker();
    return stage;
  }

  async startWorker(): Promise<void> {
    this.stopWorker = await startTestWorker(this.config, this.database.pool, this.client);
  }

  async close(): Promise<void> {
    await this.stopWorker();
    await this.client.connection.close();
    await this.database.close();
  }

  /** Gives a person a key. @returns the key */
  async key(name: string, { roles = [], groups = [], email }: TestKey = {}): Promise<string> {
    const key = `dmcp_${randomUUID()}`;
    await insertKey(this.database.pool, {
      id: uuidv7(), hash: createHash('sha256').update(key).digest(), prefix: key.slice(0, 12), subject: { type: 'user', name, email },
      roles, groups, createdBy: 'test', expiresAt: null,
    });
    return key;
  }

  async revokeKeys(name: string): Promise<void> {
    await this.database.pool.query('update keys set revoked_at = now() where subject_name = $1', [name]);
  }

  /** Accepts a request, as the API does, and leaves its workflow to others. */
  accept(request: Partial<ApprovalRequest>, requester = 'rita'): Promise<OpenedRow> {
    const id = uuidv7();
    return transaction(this.database.pool, (client) => newApproval(client, {
      id, workflowId: approvalWorkflowId(id), requester, at: Date.now(),
      request: { title: 'Publish?', policy: { approvers: { users: ['ann', 'bob', 'carl'] }, quorum: 2 }, ...request },
    }));
  }

  /** Accepts a request and starts its workflow. @returns its id */
  async ask(request: Partial<ApprovalRequest> = {}, requester = 'rita'): Promise<string> {
    const row = await this.accept(request, requester);
    await this.client.workflow.start(approvalType, approvalStartOptions(row, this.config.TEMPORAL_TASK_QUEUE));
    return row.id;
  }

  /** What the API seals for one act of a person. */
  token<N extends ActName>(id: string, person: string, name: N, args: ActArguments[N], operator = false): string {
    const act = createHash('sha256').update(actText(name, { ...args })).digest('hex');
    return this.tokens.seal('act', { approval: id, person, expiresAt: Date.now() + 60_000, act, channel: 'api', address: '192.0.2.7', operator, keyId: null, requestId: 'test', mark: randomUUID() });
  }

  signalToken(id: string, person: string, expiresAt = Date.now() + 60_000): string {
    return this.tokens.seal('signal', { approval: id, person, expiresAt });
  }

  /** An act of a person, as the API does it. @throws WorkflowUpdateFailedError for one that does not count */
  act<N extends ActName>(id: string, person: string, name: N, args: ActArguments[N], operator = false): Promise<ActReply> {
    const argument = { ...args, credential: this.token(id, person, name, args, operator) };
    return this.client.workflow.getHandle(approvalWorkflowId(id)).executeUpdate<ActReply, [object]>(name, { args: [argument] });
  }

  /** The same, with the code of its refusal as the answer. */
  async codeOf<N extends ActName>(id: string, person: string, name: N, args: ActArguments[N], operator = false): Promise<string> {
    return this.act(id, person, name, args, operator).then(({ changed }) => (changed ? 'counted' : 'unchanged'), refusalCode);
  }

  /** Repeats an act that met the end of a history, as the API does: the next history takes it. */
  async persistently<T>(act: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await act();
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError || tries === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  vote(id: string, person: string, decision: 'approve' | 'reject' | 'abstain' = 'approve'): Promise<ActReply> {
    return this.act(id, person, 'decide', { decision });
  }

  signal(id: string, name: string, argument?: unknown): Promise<void> {
    return this.client.workflow.getHandle(approvalWorkflowId(id)).signal(name, argument);
  }

  async row(id: string): Promise<ApprovalRow> {
    const { rows: [row] } = await this.database.pool.query<ApprovalRow>(
      'select status, state, standing, deadline, outcome, seq, head, finished_at as "finishedAt" from approvals where id = $1', [id]);
    if (!row) throw new Error(`There is no approval ${id}`);
    return row;
  }

  async until(id: string, holds: (row: ApprovalRow) => boolean, patienceMs = 20_000): Promise<ApprovalRow> {
    const giveUpAt = Date.now() + patienceMs;
    for (;;) {
      const row = await this.row(id).catch(() => undefined);
      if (row && holds(row)) return row;
      if (Date.now() > giveUpAt) throw new Error(`The approval did not get there in ${patienceMs} ms: ${JSON.stringify(row)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  final(id: string, patienceMs = 20_000): Promise<ApprovalRow> {
    return this.until(id, ({ finishedAt }) => finishedAt !== null, patienceMs);
  }

  async record(id: string): Promise<RecordEntry[]> {
    const { rows } = await this.database.pool.query<{ entry: RecordEntry }>('select entry from approval_record where approval_id = $1 order by seq', [id]);
    return rows.map(({ entry }) => entry);
  }

  async types(id: string): Promise<string[]> {
    return (await this.record(id)).map(({ type }) => type);
  }
}

/** The code of the refusal that an update failed with: of a workflow that has ended, the one that the API gives in its place. @throws what is none */
function refusalCode(error: unknown): string {
  if (isWorkflowNotFound(error)) return 'approval.closed';
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) return error.cause.type ?? '';
  throw error;
}
