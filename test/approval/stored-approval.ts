import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { hashKey, newKeySecret } from '../../api/auth';
import { insertKey } from '../../db/keys';
import { sealEvidence } from '../../domain/approval/evidence';
import type { EvidenceItem } from '../../domain/approval/evidence-schema';
import type { NoticeKind } from '../../domain/approval/notices';
import { appendEntry, type RecordContent } from '../../domain/approval/record';
import { awaited } from '../../domain/approval/rights';
import { standingText } from '../../domain/approval/standing-text';
import type { ApprovalState, NewApproval } from '../../domain/approval/state';
import type { Json, JsonObject } from '../../domain/json';
import type { Pool } from '../../platform/postgres';
import { approval, panel, policyOf } from './samples';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

export const evidence: EvidenceItem[] = [
  { title: 'Summary', text: '**12 of 340** flights were late.\n\nSee https://example.org/late for all.' },
  { title: 'Late flights', table: { columns: ['flight', 'minutes'], rows: [['LH 123', 45], ['BA 9', 130]] } },
  { title: 'Change of the schedule', diff: '--- a/plan\n+++ b/plan\n@@ -1 +1 @@\n-at 06:00\n+at 07:00\n' },
  { title: 'Dashboard', url: 'https://example.org/board?day=1' },
  { title: 'By hour', chart: { kind: 'bar', labels: ['6', '7', '8'], series: [{ name: 'late', values: [1, 7, 4] }] } },
];

export interface StoredApproval { id: string; state: ApprovalState }

interface Given extends Partial<NewApproval> {
  title?: string;
  request?: JsonObject;
  evidence?: EvidenceItem[];
}

/** A request by rita that two of ann, bob and carl decide, in the database as its workflow would have written it. */
export async function storeApproval(pool: Pool, { title = 'Publish the report of late flights?', request = { risk: 'medium', description: 'The **daily** report.' }, evidence: items = evidence, ...given }: Given = {}): Promise<StoredApproval> {
  const sealed = sealEvidence({ title, evidence: items }, hash);
  const state = approval({
    policy: policyOf([[panel('managers', 2, 'ann', 'bob', 'carl')]]), evidenceHash: sealed.evidenceHash,
    timetable: { deadlines: [Date.now() + 86_400_000], onDeadline: 'expire', reminders: [], timeZone: 'Europe/Berlin' }, ...given,
  });
  const id = uuidv7();
  await pool.query(
    `insert into approvals (id, workflow_id, title, requester, request, evidence_hash, state, standing, created_at, seq) values ($1, $2, $3, $4, $5, $6, $7, $8, now(), 0)`,
    [id, `approval/${id}`, title, state.requester, JSON.stringify(request), state.evidence.hash, JSON.stringify(state), standingText(state, Date.now())]);
  await pool.query('insert into approval_evidence (approval_id, hash, revision, items) values ($1, $2, 1, $3)', [id, state.evidence.hash, JSON.stringify(sealed.items)]);
  for (const person of new Set([state.requester, ...awaited(state, Date.now())])) {
    await pool.query('insert into approval_people (approval_id, person, awaited) values ($1, $2, $3)', [id, person, person !== state.requester]);
  }
  return { id, state };
}

/** Stores new evidence with its revision, as a resubmission does. */
export async function storeEvidence(pool: Pool, { id, state }: StoredApproval, items: EvidenceItem[]): Promise<StoredApproval> {
  const sealed = sealEvidence({ title: 'again', evidence: items }, hash);
  const revision = state.evidence.revision + 1;
  const next = { ...state, evidence: { hash: sealed.evidenceHash, revision } };
  await pool.query('insert into approval_evidence (approval_id, hash, revision, items) values ($1, $2, $3, $4)', [id, sealed.evidenceHash, revision, JSON.stringify(sealed.items)]);
  await pool.query('update approvals set state = $2, evidence_hash = $3, revision = $4 where id = $1', [id, JSON.stringify(next), sealed.evidenceHash, revision]);
  return { id, state: next };
}

/** What a request has become. */
export async function storeState(pool: Pool, id: string, state: ApprovalState): Promise<StoredApproval> {
  await pool.query('update approvals set state = $2, status = $3, standing = $4, outcome = $5 where id = $1',
    [id, JSON.stringify(state), state.status, standingText(state, Date.now()), JSON.stringify(state.outcome ?? null)]);
  return { id, state };
}

/** An entry of the record, and a notice of it to each recipient. @returns ids of the notices */
export async function storeNotices(pool: Pool, { id }: StoredApproval, seq: number, kind: NoticeKind, recipients: string[], personal: Record<string, Json> = {}): Promise<string[]> {
  const parts = Object.entries(personal).map(([name, value]): [string, { salt: string; value: Json }] => [name, { salt: 'salt', value }]);
  const content: RecordContent = { at: Date.now(), type: kind, body: {}, personal: Object.fromEntries(parts) };
  await pool.query('insert into approval_record (approval_id, seq, entry) values ($1, $2, $3)', [id, seq, JSON.stringify({ ...appendEntry(id, null, content, hash), seq })]);
  return Promise.all(recipients.map(async (recipient) => {
    const notice = uuidv7();
    const isWebhook = recipient.startsWith('webhook/');
    await pool.query(`with n as (insert into approval_notices (id, approval_id, seq, kind, channel, person) values ($1, $2, $3, $4, $5, $6)) select pg_notify('approval_notice', '')`,
      [notice, id, seq, kind, isWebhook ? recipient : 'mail', isWebhook ? '' : recipient]);
    return notice;
  }));
}

/** A person with a key, and so with a mail address. @returns the key */
export async function storePerson(pool: Pool, name: string, email?: string): Promise<string> {
  const secret = newKeySecret();
  await insertKey(pool, {
    id: uuidv7(), hash: hashKey(secret), prefix: secret.slice(0, 12), subject: { type: 'user', name, email }, roles: ['approver'], groups: ['managers'],
    createdBy: 'test', expiresAt: null,
  });
  return secret;
}
