import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { noticesOf, type NoticeWebhook } from '../../domain/approval/notices';
import { appendEntry, type RecordEntry } from '../../domain/approval/record';
import type { RecordedAct } from '../../domain/approval/recorded-act';
import { nextShift, peopleOf } from '../../domain/approval/rights';
import { deadlineOf, isFinal, type ApprovalState } from '../../domain/approval/state';
import { AppError } from '../../domain/errors';
import { parseJson, type Json } from '../../domain/json';
import { jsonParameter, transaction, type PoolClient } from '../../platform/postgres';
import { sha256 } from './evidence';

/** What happened to a request, in order, and how it stands after it. */
export interface NewEntries {
  approvalId: string;
  /** Number of the entry before the first of these. */
  after: number;
  acts: readonly RecordedAct[];
  state: ApprovalState;
  /** The same in one sentence. */
  standing: string;
}

const saltBytes = 16;

/**
 * Appends to the record of a request, and brings what is read of it up to date: all or nothing. What the record has
 * already is left as it is, so that a repetition is harmless.
 * @returns hash of the last entry
 * @throws AppError `internal` when entries before these are missing
 */
export const recordActs = (pool: Pool, entries: NewEntries, webhooks: readonly NoticeWebhook[]): Promise<{ head: string }> =>
  transaction(pool, (client) => recordIn(client, entries, webhooks));

/** The same inside of the caller's transaction. */
export async function recordIn(client: PoolClient, news: NewEntries, webhooks: readonly NoticeWebhook[]): Promise<{ head: string }> {
  const { approvalId, after, acts } = news;
  const { rows: [row] } = await client.query<{ seq: number; head: string | null }>({
    name: 'lock-approval', text: 'select seq, head from approvals where id = $1 for update', values: [approvalId],
  });
  if (!row) throw new AppError('not_found', `There is no approval ${approvalId}`);
  if (row.seq < after) throw new AppError('internal', `The record of ${approvalId} ends with entry ${row.seq}, and entry ${after + 1} cannot follow it`);
  const fresh = acts.slice(row.seq - after);
  const entries = chain(approvalId, row, fresh);
  const last = entries.at(-1);
  if (last) await write(client, news, { entries, notices: noticesFor(entries, news.state, webhooks), audited: fresh.flatMap(auditOf) });
  return { head: last?.hash ?? row.head ?? '' };
}

function chain(approvalId: string, { seq, head }: { seq: number; head: string | null }, acts: readonly RecordedAct[]): RecordEntry[] {
  let last = head === null ? null : { seq, hash: head };
  return acts.map(({ personal, audit: _elsewhere, ...content }) => {
    const salted = Object.entries(personal).map(([name, value]): [string, Salted] => [name, { salt: randomBytes(saltBytes).toString('base64url'), value: storable(value) }]);
    const entry = appendEntry(approvalId, last, { ...content, personal: Object.fromEntries(salted) }, sha256);
    last = entry;
    return entry;
  });
}

interface Salted { salt: string; value: Json }

/** As Postgres can keep it: what is hashed must be what is read again. */
const storable = (value: Json): Json => parseJson(jsonParameter(value));

interface NewNotice { id: string; seq: number; kind: string; channel: string; person: string }

const noticesFor = (entries: readonly RecordEntry[], state: ApprovalState, webhooks: readonly NoticeWebhook[]): NewNotice[] =>
  entries.flatMap((entry) => {
    const [by] = namesIn(entry, 'by');
    const told = { type: entry.type, at: entry.at, ...(by === undefined ? {} : { by }), to: namesIn(entry, 'to'), lapsed: namesIn(entry, 'lapsed') };
    return noticesOf(told, state, webhooks).map((notice) => ({ ...notice, id: uuidv7(), seq: entry.seq }));
  });

function namesIn({ personal }: RecordEntry, name: string): string[] {
  const part = personal[name];
  const value = part && 'value' in part ? part.value : [];
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
}

interface NewAudit { actor: Json; address: Json; keyId: string | null; requestId: string | null; action: string; channel: Json }

/** What somebody did, for the audit of the installation: once an act, whatever the way by which it came. */
const auditOf = ({ audit, body: { channel = null }, personal: { by = null, address = null } }: RecordedAct): NewAudit[] =>
  (audit ? [{ actor: by, address, channel, keyId: audit.keyId, requestId: audit.requestId, action: `approval.${audit.action}` }] : []);

interface Written { entries: readonly RecordEntry[]; notices: readonly NewNotice[]; audited: readonly NewAudit[] }

/** One statement, because an approval may be decided a thousand times a second. */
const recordActsSql = `
  with entries as (
    insert into approval_record (approval_id, seq, entry) select $1, (entry ->> 'seq')::int, entry from json_array_elements($2::json) as entry),
  concerned as (
    insert into approval_people (approval_id, person, awaited)
    select $1, person, awaited from json_to_recordset($3::json) as p (person text, awaited boolean)
    on conflict (approval_id, person) do update set awaited = excluded.awaited where approval_people.awaited <> excluded.awaited),
  unconcerned as (
    update approval_people set awaited = false
    where approval_id = $1 and awaited and person not in (select person from json_to_recordset($3::json) as p (person text))),
  notices as (
    insert into approval_notices (id, approval_id, seq, kind, channel, person)
    select id, $1, seq, kind, channel, person from json_to_recordset($4::json) as n (id uuid, seq integer, kind text, channel text, person text)
    on conflict do nothing returning 1),
  audited as (
    insert into audit (actor, key_id, address, request_id, action, target, data)
    select actor, "keyId", address, "requestId", action, 'approval/' || $1, json_build_object('channel', channel)
    from json_to_recordset($16::json) as x (actor text, "keyId" uuid, address text, "requestId" text, action text, channel text)),
  evidence as (
    update approval_evidence set revision = $7 where approval_id = $1 and hash = $6 and revision is distinct from $7),
  step as (
    update run_tasks t set waiting_for = $9, updated_at = now() from approvals a
    where a.id = $1 and t.run_id = a.run_id and t.task = a.task and t.instance = a.instance and t.generation = a.generation and t.status = 'waiting')
  update approvals set
    status = $5, evidence_hash = $6, revision = $7, state = $8, standing = $9, outcome = $10,
    deadline = to_timestamp($11::double precision / 1000), finished_at = to_timestamp($12::double precision / 1000), seq = $13, head = $14,
    people_change_at = to_timestamp($15::double precision / 1000)
  where id = $1
  returning pg_notify('approval_changed', $1::text), case when run_id is not null then pg_notify('run_changed', run_id::text) end,
    case when exists (select from notices) then pg_notify('approval_notice', '') end`;

async function write(client: PoolClient, { approvalId, state, standing }: NewEntries, { entries, notices, audited }: Written): Promise<void> {
  const last = entries.at(-1);
  const people = peopleOf(state, last?.at ?? 0);
  await client.query({
    name: 'record-acts',
    text: recordActsSql,
    values: [
      approvalId, jsonParameter(entries), jsonParameter(people), jsonParameter(notices),
      state.status, state.evidence.hash, state.evidence.revision, jsonParameter(state), standing, state.outcome ? jsonParameter(state.outcome) : null,
      isFinal(state) ? null : (deadlineOf(state) ?? null), state.outcome?.at ?? null, last?.seq, last?.hash,
      nextShift(state, last?.at ?? 0), jsonParameter(audited),
    ],
  });
}
