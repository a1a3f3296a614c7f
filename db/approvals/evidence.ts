import { createHash } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import { sealEvidence, type SealedItem } from '../../domain/approval/evidence';
import type { ApprovalRequest } from '../../domain/approval/request-schema';
import type { Fault } from '../../domain/pipeline/fault';
import { artifactId } from '../../platform/artifacts';
import { jsonParameter, type Queryable } from '../../platform/postgres';

/** SHA-256 of a text in lower-case hex, as the rules of approvals ask for it. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export interface SealedEvidence {
  items: SealedItem[];
  evidenceHash: string;
  /** Artifacts that are not what their reference says. */
  faults: Fault[];
}

/** Seals what approvers are shown, and looks whether its artifacts are there as they are referred to. */
export async function sealForRequest(db: Queryable, shown: Pick<ApprovalRequest, 'title' | 'description' | 'evidence' | 'form' | 'risk'>): Promise<SealedEvidence> {
  return { ...sealEvidence(shown, sha256), faults: await artifactFaults(db, shown.evidence ?? []) };
}

async function artifactFaults(db: Queryable, evidence: NonNullable<ApprovalRequest['evidence']>): Promise<Fault[]> {
  const refs = evidence.flatMap(({ artifact }, index) => (artifact ? [{ id: artifactId(artifact), sha256: artifact.sha256, uri: artifact.uri, index }] : []));
  if (refs.length === 0) return [];
  const { rows } = await db.query<{ id: string; sha256: string }>('select id, sha256 from artifacts where id = any($1::uuid[])', [refs.map(({ id }) => id).filter(isUuid)]);
  const stored = new Map(rows.map((row) => [row.id, row.sha256]));
  return refs.flatMap(({ id, sha256: told, uri, index }) => {
    const problem = !stored.has(id) ? `there is no artifact "${uri}"` : stored.get(id) === told ? null : `the artifact "${uri}" has another content: its SHA-256 is ${stored.get(id)}`;
    return problem === null ? [] : [{ code: 'approval.artifact', message: problem, path: `/evidence/${index}/artifact` }];
  });
}

/**
 * Keeps what approvers are shown. The same evidence again is left as it is.
 * @param revision null until it counts: new evidence is kept before it is submitted
 */
export async function storeEvidence(db: Queryable, approvalId: string, { items, evidenceHash }: Pick<SealedEvidence, 'items' | 'evidenceHash'>, revision: number | null): Promise<void> {
  await db.query({
    name: 'store-evidence',
    text: 'insert into approval_evidence (approval_id, hash, revision, items) values ($1, $2, $3, $4) on conflict do nothing',
    values: [approvalId, evidenceHash, revision, jsonParameter(items)],
  });
}

/** Whether a request has, or had, this evidence, submitted or not. */
export async function hasEvidence(db: Queryable, approvalId: string, hash: string): Promise<boolean> {
  const { rowCount } = await db.query('select from approval_evidence where approval_id = $1 and hash = $2', [approvalId, hash]);
  return rowCount === 1;
}
