import { canonicalJson } from '../canonical-json';
import type { Json } from '../json';
import { erasedName } from './erasure';
import type { RecordEntry } from './record';

/** A vote as an export shows it; its time is RFC 3339. */
interface ShownVote {
  person: string;
  for: string | null;
  choice: Json;
  stage: number;
  at: string;
}

/** What an export shows of a request beside its record, as far as the record tells it, too. */
export interface RecordSummary {
  requester: string;
  createdAt: string;
  finishedAt: string | null;
  run: string | null;
  task: string | null;
  instance: number | null;
  policy: Json;
  evidenceHash: string;
  revision: number;
  votes: ShownVote[];
  outcome: { status: string; at: string; cause: string; by: string | null; comment: string | null; form: Json } | null;
}

/** The names of what is shown otherwise than the entries tell it. What is erased in them tells nothing. */
export function otherwiseShown(shown: RecordSummary, entries: readonly RecordEntry[]): string[] {
  const first = entries.find(({ type }) => type === 'requested');
  const evidence = entries.findLast(({ type }) => type === 'requested' || type === 'resubmitted');
  const end = entries.findLast(({ type }) => type === 'decided');
  if (!first || !evidence) return [];
  const { outcome } = shown;
  const claims: [name: string, shown: unknown, told: Json | ShownVote[] | undefined][] = [
    ['requester', shown.requester, said(first, 'by')],
    ['createdAt', shown.createdAt, timeOf(first)],
    ['run', shown.run, first.body['run']],
    ['task', shown.task, first.body['task']],
    ['instance', shown.instance, first.body['instance']],
    ['policy', shown.policy, said(first, 'policy')],
    ['evidenceHash', shown.evidenceHash, evidence.body['evidenceHash']],
    ['revision', shown.revision, evidence.body['revision']],
    ['votes', shown.votes.filter(isNamed), votesIn(entries).filter(isNamed)],
    ['finishedAt', shown.finishedAt, end ? timeOf(end) : null],
    ['outcome/status', outcome?.status ?? null, end?.body['status'] ?? null],
    ['outcome/at', outcome?.at ?? null, end ? timeOf(end) : null],
    ['outcome/cause', outcome?.cause ?? null, end?.body['cause'] ?? null],
    ['outcome/by', outcome?.by ?? null, end ? said(end, 'by') : null],
    ['outcome/comment', outcome?.comment ?? null, end ? said(end, 'comment') : null],
    ['outcome/form', outcome?.form ?? null, end ? said(end, 'form') : null],
  ];
  return claims.filter(([, is, told]) => told !== undefined && canonicalJson(is) !== canonicalJson(told)).map(([name]) => name);
}

const timeOf = ({ at }: RecordEntry): string => new Date(at).toISOString();
const isNamed = ({ person }: ShownVote): boolean => person !== erasedName;

/** A value about a person: null where there was none, undefined where it is erased. */
function said({ personal }: RecordEntry, name: string): Json | undefined {
  const part = personal[name];
  if (!part) return null;
  return 'value' in part ? part.value : undefined;
}

/** The votes that count after all of this, as they were given. */
function votesIn(entries: readonly RecordEntry[]): ShownVote[] {
  let votes: ShownVote[] = [];
  let stage = 0;
  for (const entry of entries) {
    const { type } = entry;
    if (type === 'voted') votes.push({ person: nameIn(entry, 'by') ?? '', for: nameIn(entry, 'for'), choice: entry.body['choice'] ?? null, stage, at: timeOf(entry) });
    if (type === 'vote_revoked') votes = votes.filter(({ person }) => person !== nameIn(entry, 'by'));
    if (type === 'stage_passed') stage += 1;
    if (type === 'resubmitted') [votes, stage] = [[], 0];
  }
  return votes;
}

function nameIn(entry: RecordEntry, name: string): string | null {
  const value = said(entry, name);
  return value === undefined ? erasedName : typeof value === 'string' ? value : null;
}
