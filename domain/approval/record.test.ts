import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { EvidenceItem } from './evidence-schema';
import { sealEvidence } from './evidence';
import { appendEntry, erasePersonal, verifyRecord, type RecordEntry } from './record';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const id = 'approval/1';

function record(length = 4): RecordEntry[] {
  const entries: RecordEntry[] = [];
  for (let index = 0; index < length; index++) {
    const personal = { voter: { salt: `salt ${index}`, value: `ann ${index}` }, address: { salt: `grain ${index}`, value: { ip: '192.0.2.1' } } };
    entries.push(appendEntry(id, entries.at(-1) ?? null, { at: index, type: 'voted', body: { choice: 'approve', index }, personal }, hash));
  }
  return entries;
}
const edited = (index: number, change: (entry: RecordEntry) => Partial<RecordEntry>): RecordEntry[] =>
  record().map((entry, at) => (at === index ? { ...entry, ...change(entry) } : entry));

describe('the record of a request', () => {
  it('is right as it was written, and when it is empty', () => {
    expect(verifyRecord(id, record(), hash, record().at(-1)?.hash)).toBeNull();
    expect(verifyRecord(id, [], hash)).toBeNull();
    expect(appendEntry(id, null, { at: 1, type: 'opened', body: {} }, hash)).toMatchObject({ seq: 1, personal: {} });
  });

  it('stays right when values about people are erased, some or all', () => {
    const [first, second, ...others] = record();
    if (!first || !second) throw new Error('the sample is empty');
    const erased = [erasePersonal(first), erasePersonal(second, ['voter']), ...others];
    expect(JSON.stringify(erased[0])).not.toContain('ann');
    expect(JSON.stringify(erased[0])).not.toContain('salt');
    expect(erased[1]?.personal).toEqual({ voter: { hash: second.personal['voter']?.hash }, address: second.personal['address'] });
    expect(verifyRecord(id, erased, hash, record().at(-1)?.hash)).toBeNull();
  });

  it.each<[string, RecordEntry[], number, string]>([
    ['what was said', edited(1, () => ({ body: { choice: 'reject', index: 1 } })), 1, 'content'],
    ['when', edited(2, () => ({ at: 99 })), 2, 'content'],
    ['its own hash', edited(1, () => ({ hash: 'f'.repeat(64) })), 1, 'content'],
    ['what it follows', edited(1, () => ({ previous: 'f'.repeat(64) })), 1, 'link'],
    ['its number', edited(3, () => ({ seq: 7 })), 3, 'number'],
    ['who it was', edited(0, ({ personal }) => ({ personal: { ...personal, voter: { hash: '', ...personal['voter'], salt: 'salt 0', value: 'bob' } } })), 0, 'personal'],
    ['that there was somebody', edited(0, () => ({ personal: {} })), 0, 'content'],
    ['that an entry was there', record().filter((_, index) => index !== 1), 1, 'number'],
    ['the order', [...record().slice(0, 2).reverse(), ...record().slice(2)], 0, 'number'],
  ])('shows the first entry where somebody changed %s', (_name, entries, index, problem) => {
    expect(verifyRecord(id, entries, hash)).toMatchObject({ index, problem, message: expect.stringContaining(`Entry ${index + 1} (voted)`) });
  });

  it('shows that the end was cut off, if its last hash is known from elsewhere', () => {
    expect(verifyRecord(id, record().slice(0, 3), hash)).toBeNull();
    expect(verifyRecord(id, record().slice(0, 3), hash, record().at(-1)?.hash)).toEqual({ index: 3, problem: 'end', message: 'The record does not end as it did: entries after number 3 are missing, or some were written anew.' });
  });

  it('does not pass for that of another request', () => {
    expect(verifyRecord('approval/2', record(), hash)).toMatchObject({ index: 0, problem: 'link' });
  });

  it('shows a rewritten entry at the next one, whoever computes the hashes anew', () => {
    const entries = record();
    const forged = appendEntry(id, entries[0] ?? null, { at: 1, type: 'voted', body: { choice: 'reject' } }, hash);
    expect(verifyRecord(id, [...entries.slice(0, 1), forged, ...entries.slice(2)], hash)).toMatchObject({ index: 2, problem: 'link' });
  });

  it('shows any change of one character, where it is', () => {
    const entries = record();
    const text = JSON.stringify(entries);
    fc.assert(fc.property(fc.nat(text.length - 1), fc.constantFrom('0', 'a', 'X', ' '), (place, letter) => {
      const changed = parsed(text.slice(0, place) + letter + text.slice(place + 1));
      if (changed === null || JSON.stringify(changed) === text) return;
      const lengths = entries.map((entry) => JSON.stringify(entry).length + 1);
      let entry = 0;
      for (let end = lengths[0] ?? 0; place > end; end += lengths[entry] ?? Infinity) entry++;
      expect(verifyRecord(id, changed, hash)?.index).toBe(entry);
    }), { numRuns: 500 });
  });
});

/** Null for what is no JSON, or does not have the fields of a record any more: its reader refuses that before. */
function parsed(text: string): RecordEntry[] | null {
  try {
    const entries = JSON.parse(text) as RecordEntry[];
    const keys = (value: object): string => Object.keys(value).join();
    const whole = entries.every((entry) => keys(entry) === keys(record()[0] ?? {}) && Object.values(entry.personal).every((part) => keys(part) === 'salt,value,hash'));
    return whole ? entries : null;
  } catch {
    return null;
  }
}

describe('the hash of evidence', () => {
  const items: EvidenceItem[] = [
    { title: 'report', artifact: { name: 'report.html', uri: 'artifact://1', bytes: 3, sha256: 'a'.repeat(64), contentType: 'text/html' } },
    { title: 'note', text: 'as usual' },
  ];
  const request = { title: 'Publish?', evidence: items };
  const { evidenceHash } = sealEvidence(request, hash);

  it('gives every item its own hash: a file that of its content', () => {
    expect(sealEvidence(request, hash).items.map(({ sha256 }) => sha256)).toEqual(['a'.repeat(64), hash('{"text":"as usual","title":"note"}')]);
    expect(sealEvidence({ title: 'Publish?' }, hash).items).toEqual([]);
  });

  it('is the same for the same content, wherever a file lies and in whatever order fields stand', () => {
    const moved = items.map((item) => (item.artifact ? { artifact: { ...item.artifact, uri: 'artifact://2' }, title: item.title } : item));
    expect(sealEvidence({ evidence: moved, title: 'Publish?' }, hash).evidenceHash).toBe(evidenceHash);
  });

  it.each<[string, Parameters<typeof sealEvidence>[0]]>([
    ['the question', { ...request, title: 'Delete?' }],
    ['the description', { ...request, description: 'more' }],
    ['the risk', { ...request, risk: 'high' }],
    ['the form', { ...request, form: { type: 'object', properties: {} } }],
    ['a file', { ...request, evidence: items.map((item) => (item.artifact ? { ...item, artifact: { ...item.artifact, sha256: 'b'.repeat(64) } } : item)) }],
    ['a text', { ...request, evidence: items.map((item) => (item.text === undefined ? item : { ...item, text: 'not as usual' })) }],
    ['the order of items', { ...request, evidence: [...items].reverse() }],
  ])('is another one when %s changes', (_name, other) => {
    expect(sealEvidence(other, hash).evidenceHash).not.toBe(evidenceHash);
  });
});
