import type { EvidenceItem } from './evidence-schema';
import { sealEvidence } from './evidence';
import { verifyRecord, type Hash, type RecordEntry } from './record';
import { otherwiseShown, type RecordSummary } from './record-summary';
import type { ApprovalRequest } from './request-schema';

/** A record as the API exports it, as far as it can be checked. */
export interface RecordExport {
  approval: RecordSummary & {
    id: string; title: string; status: string; description: string | null; form: ApprovalRequest['form'] | null; risk: ApprovalRequest['risk'] | null;
    /** Hash of the last entry, as the request itself has it. */
    head: string | null;
  };
  /** What approvers were shown, as the API shows it. */
  revisions: { revision: number; evidenceHash: string; items: (EvidenceItem & { sha256: string; href?: string | undefined })[] }[];
  entries: RecordEntry[];
  head: string | null;
}

/**
 * Everything in an export that is not as it was written: the chain, the evidence, which must have the hashes that the
 * chain holds, and what is shown beside it: who asked, by which policy, who voted, how it ended.
 * @param head hash of the last entry, kept somewhere else
 */
export function verifyExport(exported: RecordExport, hash: Hash, head?: string): string[] {
  const { approval, entries } = exported;
  const heads = [head, exported.head, approval.head].filter((one) => typeof one === 'string');
  const broken = [undefined, ...heads].map((one) => verifyRecord(approval.id, entries, hash, one)).find((one) => one !== null);
  return [...(broken ? [broken.message] : []), ...evidenceProblems(exported, hash), ...statusProblems(exported), ...summaryProblems(exported)];
}

function evidenceProblems({ approval, revisions, entries }: RecordExport, hash: Hash): string[] {
  const recorded = new Map(entries.filter(({ type }) => type === 'requested' || type === 'resubmitted').map(({ body }) => [body['revision'], body['evidenceHash']]));
  // Who goes back to earlier evidence shows the same again: it is kept once, under its last number.
  const missing = [...recorded].filter(([revision, evidenceHash]) => !revisions.some((shown) => shown.revision === revision || shown.evidenceHash === evidenceHash));
  const wrong = revisions.filter(({ revision, evidenceHash, items }) => {
    const sealed = sealOf(approval, items, hash);
    return [evidenceHash, sealed.evidenceHash].some((one) => one !== recorded.get(revision)) || sealed.items.some((item, index) => item.sha256 !== items[index]?.sha256);
  });
  return [
    ...missing.map(([revision]) => `Revision ${JSON.stringify(revision)} of the evidence is missing.`),
    ...wrong.map(({ revision }) => `Revision ${revision} of what was shown (title, description, evidence, form, risk) does not have the hash that is recorded.`),
  ];
}

function sealOf({ title, description, form, risk }: RecordExport['approval'], items: RecordExport['revisions'][number]['items'], hash: Hash): ReturnType<typeof sealEvidence> {
  const evidence = items.map(({ sha256: _sha256, href: _href, ...item }) => item);
  return sealEvidence({ title, description: description ?? undefined, evidence, form: form ?? undefined, risk: risk ?? undefined }, hash);
}

function statusProblems({ approval: { status }, entries }: RecordExport): string[] {
  const decided = entries.findLast(({ type }) => type === 'decided')?.body['status'];
  const isOpen = status === 'open' || status === 'changes_requested';
  if (decided === undefined ? isOpen : status === decided) return [];
  return [`It is said to be ${status}, and the record ${decided === undefined ? 'does not say how it ended' : `says ${JSON.stringify(decided)}`}.`];
}

const summaryProblems = ({ approval, entries }: RecordExport): string[] =>
  otherwiseShown(approval, entries).map((name) => `What is shown as ${name} is not what is recorded.`);
