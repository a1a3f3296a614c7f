import type { NoticeKind } from '../../domain/approval/notices';
import type { RecordEntry } from '../../domain/approval/record';
import type { ApprovalRequest } from '../../domain/approval/request-schema';
import type { ApprovalState } from '../../domain/approval/state';
import type { Queryable } from '../../platform/postgres';

/** A notice that is to be delivered, with what it tells of. */
export interface DueNotice {
  id: string;
  kind: NoticeKind;
  channel: string;
  person: string;
  seq: number;
  attempts: number;
  approval: NotedApproval;
  /** What happened; null of those that tell of no act: `link`, `delegation_begun`. */
  entry: RecordEntry | null;
  /** Id of the first mail about this request to this person. */
  first: string | null;
  /** Mail address of the person's newest usable key that has one. */
  email: string | null;
}

export interface NotedApproval {
  id: string;
  title: string;
  requester: string;
  request: Pick<ApprovalRequest, 'description' | 'risk' | 'form'>;
  state: ApprovalState;
  standing: string;
}

/** Mails and calls of webhooks are delivered apart, so that far ends of one sort that hang hold up nothing of the other. */
export type Outlet = 'mail' | 'webhook';

/**
 * Claims notices of an outlet that are due, the oldest first. A claim lasts `leaseMs`: should the claimer die, somebody delivers them again.
 * @param max how many at most
 */
export async function claimDueNotices(db: Queryable, outlet: Outlet, max: number, leaseMs: number): Promise<DueNotice[]> {
  const { rows } = await db.query<DueNotice>(
    `with claimed as (
       update approval_notices set attempts = attempts + 1, due_at = now() + make_interval(secs => $2 / 1000.0)
       where id in (select id from approval_notices where due_at <= now() and (channel = 'mail') = $3 order by due_at limit $1 for update skip locked)
       returning *)
     select n.id, n.kind, n.channel, n.person, n.seq, n.attempts, r.entry,
            json_build_object('id', a.id, 'title', a.title, 'requester', a.requester, 'request', a.request, 'state', a.state, 'standing', a.standing) as approval,
            (select f.id from approval_notices f where f.approval_id = n.approval_id and f.person = n.person and f.channel = 'mail' order by f.seq, f.id limit 1) as first,
            ${emailOf('n.person')} as email
     from claimed n join approvals a on a.id = n.approval_id left join approval_record r on r.approval_id = n.approval_id and r.seq = n.seq and n.kind <> 'delegation_begun'
     order by n.id`,
    [max, leaseMs, outlet === 'mail']);
  return rows;
}

const emailOf = (person: string): string => `(select k.subject_email from keys k
  where k.subject_name = ${person} and k.subject_email is not null and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
  order by k.created_at desc, k.id desc limit 1)`;

/** It was taken by the far end. */
export async function settleNotice(db: Queryable, id: string): Promise<void> {
  await db.query('update approval_notices set sent_at = now(), due_at = null, error = null where id = $1', [id]);
}

/** It was not taken: tried again after `retryMs`, or never when that is null. What was wrong is kept. */
export async function failNotice(db: Queryable, id: string, error: string, retryMs: number | null): Promise<void> {
  await db.query('update approval_notices set error = $2, due_at = now() + make_interval(secs => $3 / 1000.0) where id = $1', [id, error, retryMs]);
}

/**
 * Has a new link mailed to a person. Asked for again within a minute, it is not sent again.
 * @param id of the notice, where none is there yet or the last was sent
 */
export async function requestLink(db: Queryable, id: string, approvalId: string, person: string): Promise<void> {
  await db.query(
    `with asked as (
       insert into approval_notices (id, approval_id, seq, kind, channel, person) values ($1, $2, 0, 'link', 'mail', $3)
       on conflict (approval_id, seq, kind, channel, person) do update set id = excluded.id, created_at = now(), due_at = now(), sent_at = null, attempts = 0, error = null
         where approval_notices.due_at is null and coalesce(approval_notices.sent_at, '-infinity') < now() - interval '1 minute'
       returning id)
     select pg_notify('approval_notice', id::text) from asked`,
    [id, approvalId, person]);
}

/** How many notices of each channel wait, and for how many seconds the oldest has. */
export async function countWaitingNotices(db: Queryable): Promise<{ channel: string; count: number; seconds: number }[]> {
  const { rows } = await db.query<{ channel: string; count: number; seconds: number }>(
    `select channel, count(*)::int as count, extract(epoch from now() - min(created_at))::float as seconds from approval_notices where due_at is not null group by channel`);
  return rows;
}
