import type { Pool } from 'pg';
import { decide } from '../../domain/approval/decide';
import type { NoticeWebhook } from '../../domain/approval/notices';
import { recordedAct } from '../../domain/approval/recorded-act';
import { standingText } from '../../domain/approval/standing-text';
import { isFinal, type ApprovalState } from '../../domain/approval/state';
import { transaction } from '../../platform/postgres';
import type { OpenedRow } from './open';
import { recordIn } from './record';

/** An accepted request whose workflow is not known to run yet. */
export type UnstartedApproval = Pick<OpenedRow, 'id' | 'workflowId' | 'title' | 'requester' | 'createdAt'>;

/**
 * Claims accepted requests that have shown no sign of a workflow for `quietMs`, the oldest first. A claim lasts as long:
 * should the claimer die, somebody claims them again.
 */
export async function claimUnstarted(pool: Pool, quietMs: number, max: number): Promise<UnstartedApproval[]> {
  const { rows } = await pool.query<UnstartedApproval>(
    `update approvals set dispatched_at = now()
     where id in (
       select id from approvals
       where seq = 0 and finished_at is null and (dispatched_at is null or dispatched_at < now() - make_interval(secs => $1 / 1000.0))
       order by dispatched_at nulls first limit $2 for update skip locked)
     returning id, workflow_id as "workflowId", title, requester, created_at as "createdAt"`,
    [quietMs, max],
  );
  return rows;
}

/** Gives claims back: the claimer could not start them. */
export async function releaseUnstarted(pool: Pool, ids: string[]): Promise<void> {
  await pool.query('update approvals set dispatched_at = null where id = any($1::uuid[]) and seq = 0', [ids]);
}

/** An open request that was not compared with Temporal lately. */
export interface QuietApproval {
  id: string;
  workflowId: string;
  /** Whether nobody waits for its decision any more. */
  runEnded: boolean;
}

/** Open requests with a workflow that were not looked at for `quietMs`; each is looked at once in a while. */
export async function findQuietApprovals(pool: Pool, quietMs: number, max: number): Promise<QuietApproval[]> {
  const { rows } = await pool.query<QuietApproval>(
    `with quiet as (
       update approvals set checked_at = now()
       where id in (
         select id from approvals
         where finished_at is null and seq > 0 and greatest(checked_at, created_at) < now() - make_interval(secs => $1 / 1000.0)
         order by greatest(checked_at, created_at) limit $2 for update skip locked)
       returning id, workflow_id, run_id)
     select q.id, q.workflow_id as "workflowId", q.run_id is not null and (r.id is null or r.finished_at is not null) as "runEnded"
     from quiet q left join runs r on r.id = q.run_id`,
    [quietMs, max],
  );
  return rows;
}

/**
 * Ends a request whose workflow is gone: as its deadline has it where that has passed, else withdrawn. The record says
 * why. One that has ended already is left as it is.
 * @param reason a sentence
 * @param at milliseconds since 1970
 */
export async function closeLost(pool: Pool, id: string, { reason, at, webhooks }: { reason: string; at: number; webhooks: readonly NoticeWebhook[] }): Promise<void> {
  await transaction(pool, async (client) => {
    const { rows: [row] } = await client.query<{ state: ApprovalState; seq: number }>('select state, seq from approvals where id = $1 for update', [id]);
    if (!row || isFinal(row.state)) return;
    const withdrawn = decide(row.state, { type: 'withdraw', by: 'temporal', operator: true, at, comment: reason });
    const answer = withdrawn.accepted ? withdrawn : decide(row.state, { type: 'deadline', at });
    if (!answer.accepted) return;
    const way = { channel: 'run', address: null, evidenceHash: row.state.evidence.hash };
    const acts = answer.events.map((event) => recordedAct(event, way));
    await recordIn(client, { approvalId: id, after: row.seq, acts, state: answer.state, standing: standingText(answer.state, at) }, webhooks);
  });
}
