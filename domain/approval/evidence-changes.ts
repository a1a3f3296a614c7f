import type { SealedItem } from './evidence';

/** One piece of evidence between two revisions; pieces are told apart by their titles. */
export interface EvidenceChange {
  title: string;
  change: 'added' | 'changed' | 'removed' | 'unchanged';
  before?: SealedItem;
  after?: SealedItem;
}

/** What has become of each piece of evidence: in the order of the new ones, then what is gone. */
export function evidenceChanges(before: readonly SealedItem[], after: readonly SealedItem[]): EvidenceChange[] {
  const left = [...before];
  const kept = after.map((item): EvidenceChange => {
    const place = left.findIndex(({ title }) => title === item.title);
    const [old] = place < 0 ? [] : left.splice(place, 1);
    if (!old) return { title: item.title, change: 'added', after: item };
    return { title: item.title, change: old.sha256 === item.sha256 ? 'unchanged' : 'changed', before: old, after: item };
  });
  return [...kept, ...left.map((item): EvidenceChange => ({ title: item.title, change: 'removed', before: item }))];
}
