import { after, approval, approve, panel, policyOf, shown } from '../../test/approval/samples';
import { standingText } from './standing-text';
import type { ApprovalState } from './state';

const people = Array.from({ length: 500 }, (_, index) => `person-number-${index}`);
const bytes = (state: ApprovalState): number => Buffer.byteLength(JSON.stringify(state));

describe('five hundred approvers', () => {
  const all = approval({ policy: policyOf([[panel('everybody', 500, ...people)]]), evidenceHash: 'a'.repeat(64) });

  it('all vote, and the state that is carried over stays under 64 KiB', () => {
    const votes = people.slice(0, -1).map((person) => approve(person, 999));
    const nearly = after(all, ...votes);
    expect(standingText(nearly, 0)).toContain('499 of 500; waiting for everybody');
    expect(bytes(nearly)).toBeLessThan(64 * 1024);
    expect(after(nearly, approve('person-number-499')).status).toBe('approved');
  });

  it('of whom each is in two of twenty panels fill all of them, each once', () => {
    const panels = Array.from({ length: 20 }, (_, index) => panel(`panel ${index}`, 25, ...people.filter((_person, one) => one % 20 === index || (one + 1) % 20 === index)));
    const filled = after(approval({ policy: policyOf([panels]), evidenceHash: shown }), ...people.map((person) => approve(person)));
    expect(filled.status).toBe('approved');
  });
});
