import { canonicalJson } from '../canonical-json';
import type { Json, JsonObject } from '../json';

/** SHA-256 of a text in UTF-8, in lower-case hex. It is handed in: workflow code has none, and need not hash. */
export type Hash = (text: string) => string;

/**
 * A value about a person. The chain holds its hash only, so that the value may be erased. The salt is random: without
 * it a name or an address could be found again by trying. It is erased with the value.
 */
export type PersonalPart = { hash: string; salt: string; value: Json } | { hash: string };

/** One entry of the record of a request. It holds the hash of the one before, so that no entry can be changed later. */
export interface RecordEntry {
  /** Counted from 1. */
  seq: number;
  at: number;
  type: string;
  body: JsonObject;
  /** By name; what is erased has its hash only. */
  personal: Record<string, PersonalPart>;
  previous: string;
  hash: string;
}

export interface RecordContent {
  at: number;
  type: string;
  body: JsonObject;
  personal?: Record<string, { salt: string; value: Json }>;
}

/** What the first entry of a request's record follows: entries of another request do not fit. */
const recordStart = (approvalId: string, hash: Hash): string => hash(canonicalJson({ approval: approvalId }));

/** The next entry after `last`, or the first of a record. */
export function appendEntry(approvalId: string, last: Pick<RecordEntry, 'seq' | 'hash'> | null, content: RecordContent, hash: Hash): RecordEntry {
  const { at, type, body, personal = {} } = content;
  const parts = Object.entries(personal).map(([name, part]): [string, PersonalPart] => [name, { ...part, hash: partHash(part, hash) }]);
  const entry = { seq: (last?.seq ?? 0) + 1, at, type, body, personal: Object.fromEntries(parts), previous: last?.hash ?? recordStart(approvalId, hash) };
  return { ...entry, hash: entryHash(entry, hash) };
}

/** The entry without these values about a person, or without any. Its hash stays right. */
export function erasePersonal(entry: RecordEntry, names: readonly string[] = Object.keys(entry.personal)): RecordEntry {
  const parts = Object.entries(entry.personal).map(([name, part]): [string, PersonalPart] => [name, names.includes(name) ? { hash: part.hash } : part]);
  return { ...entry, personal: Object.fromEntries(parts) };
}

type EntryProblem = 'number' | 'link' | 'content' | 'personal';

export interface RecordBreak {
  /** Place in the list, from 0; its length when entries are missing at the end. */
  index: number;
  problem: EntryProblem | 'end';
  message: string;
}

/**
 * Finds the first entry that is not as it was written; null when all are.
 * @param head the hash of the last entry, kept somewhere else: only by it can one know that no entries are missing at the end
 */
export function verifyRecord(approvalId: string, entries: readonly RecordEntry[], hash: Hash, head?: string): RecordBreak | null {
  let previous = recordStart(approvalId, hash);
  for (const [index, entry] of entries.entries()) {
    const problem = problemOf(entry, index + 1, previous, hash);
    if (problem) return { index, problem, message: messageOf(problem, entry, index + 1) };
    previous = entry.hash;
  }
  if (head === undefined || head === previous) return null;
  return { index: entries.length, problem: 'end', message: `The record does not end as it did: entries after number ${entries.length} are missing, or some were written anew.` };
}

function problemOf(entry: RecordEntry, seq: number, previous: string, hash: Hash): EntryProblem | null {
  if (entry.seq !== seq) return 'number';
  if (entry.previous !== previous) return 'link';
  if (entry.hash !== entryHash(entry, hash)) return 'content';
  return Object.values(entry.personal).every((part) => !('value' in part) || part.hash === partHash(part, hash)) ? null : 'personal';
}

function messageOf(problem: EntryProblem, { seq, type }: RecordEntry, expected: number): string {
  const entry = `Entry ${expected} (${type})`;
  switch (problem) {
    case 'number':
      return `${entry} has the number ${seq}: an entry is missing, or one was put in.`;
    case 'link':
      return `${entry} does not follow the entry before it: one of the two is from elsewhere.`;
    case 'content':
      return `${entry} is not as it was written.`;
    case 'personal':
      return `${entry} has a value about a person that is not the one that was written.`;
  }
}

function entryHash({ seq, at, type, body, personal, previous }: Omit<RecordEntry, 'hash'>, hash: Hash): string {
  const parts = Object.fromEntries(Object.entries(personal).map(([name, part]) => [name, part.hash]));
  return hash(canonicalJson({ seq, at, type, body, personal: parts, previous }));
}

const partHash = ({ salt, value }: { salt: string; value: Json }, hash: Hash): string => hash(canonicalJson({ salt, value }));
