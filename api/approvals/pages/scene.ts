import { findApproval, listEvidence, type ApprovalRow, type EvidenceRow } from '../../../db/approvals/approval-queries';
import { votedRevision } from '../../../db/approvals/seen-evidence';
import { evidenceChanges, type EvidenceChange } from '../../../domain/approval/evidence-changes';
import type { SealedItem } from '../../../domain/approval/evidence';
import type { Queryable } from '../../../platform/postgres';
import type { Reviewer } from '../../../platform/approval-links';

/** What one person is shown of one request. */
export interface Scene {
  row: ApprovalRow;
  reviewer: Reviewer;
  /** Milliseconds since 1970. */
  now: number;
  items: SealedItem[];
  /** What is different from what this person knew; null when they knew this, or nothing. */
  changes: { since: number; items: EvidenceChange[] } | null;
}

/** @param seenHash evidence that the person is known to have seen @returns null when there is no such request */
export async function sceneOf(db: Queryable, reviewer: Reviewer, seenHash: string, now: number): Promise<Scene | null> {
  const { approval, person } = reviewer;
  const row = await findApproval(db, approval);
  if (!row) return null;
  const [revisions, voted] = await Promise.all([listEvidence(db, approval), votedRevision(db, approval, person)]);
  const items = revisions.find(({ hash }) => hash === row.evidenceHash)?.items ?? [];
  const known = knownEvidence(revisions, row, seenHash, voted);
  return { row, reviewer, now, items, changes: known && { since: known.revision ?? 0, items: evidenceChanges(known.items, items) } };
}

/** What to compare with: what the person has seen for sure, else what they voted on, else what was there before. */
function knownEvidence(revisions: EvidenceRow[], { evidenceHash, revision }: ApprovalRow, seenHash: string, voted: number | null): EvidenceRow | null {
  const seen = seenHash === evidenceHash ? undefined : revisions.find(({ hash }) => hash === seenHash);
  const before = voted !== null && voted < revision ? voted : revision - 1;
  return seen ?? revisions.find((row) => row.revision === before) ?? null;
}
