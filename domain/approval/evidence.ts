import { canonicalJson } from '../canonical-json';
import type { EvidenceItem } from './evidence-schema';
import type { Hash } from './record';
import type { ApprovalRequest } from './request-schema';

export type SealedItem = EvidenceItem & { sha256: string };

type Shown = Pick<ApprovalRequest, 'title' | 'description' | 'evidence' | 'form' | 'risk'>;

/**
 * Hashes everything that approvers are shown before they decide: votes hold for this and nothing else. A file counts by
 * its content, wherever it lies; of a link only the address counts.
 */
export function sealEvidence({ title, description, evidence = [], form, risk }: Shown, hash: Hash): { items: SealedItem[]; evidenceHash: string } {
  const items = evidence.map((item) => ({ ...item, sha256: item.artifact?.sha256 ?? hash(canonicalJson(item)) }));
  const shown = items.map((item) => ({ title: item.title, sha256: item.sha256 }));
  return { items, evidenceHash: hash(canonicalJson({ title, description, evidence: shown, form, risk })) };
}
