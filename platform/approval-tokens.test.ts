import { randomBytes } from 'node:crypto';
import { ApprovalTokens, requireApprovalKey, tokenPrefix } from './approval-tokens';

const [first, second] = [randomBytes(32), randomBytes(32)];
const tokens = new ApprovalTokens({ DATAMCP_SECRETS_KEY: [first] });
const approval = '0199a1b2-0000-7000-8000-000000000001';
const review = { person: 'ann', approval, evidenceHash: 'e1', channel: 'mail' as const, expiresAt: 2_000 };

test('a token says who it is for what', () => {
  const text = tokens.seal('review', review);
  expect(text.startsWith(tokenPrefix)).toBe(true);
  expect(text).toMatch(/^[\w.-]+$/);
  expect(tokens.open('review', text, 1_999)).toEqual(review);
});

test('a token is good for its use and its time only', () => {
  const text = tokens.seal('review', review);
  expect(tokens.open('inbox', text, 1_000)).toBeNull();
  expect(tokens.open('review', text, 2_000)).toBeNull();
});

test('a token with one bit changed is none, whichever bit', () => {
  const text = tokens.seal('review', review);
  const [head = '', body = ''] = text.split('.');
  const bytes = Buffer.from(body, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(tokens.open('review', `${head}.${changed.toString('base64url')}`, 1_000)).toBeNull();
  }
});

test.each(['', 'dmcp_key', `${tokenPrefix}`, `${tokenPrefix}00.`, `${tokenPrefix}00.AAAA`, `${tokenPrefix}0123456789abcdef.AAAA`, 'ünïcode'])('%j is no token', (text) => {
  expect(tokens.open('review', text, 0)).toBeNull();
});

test('a token says nothing to those who read it', () => {
  const text = tokens.seal('review', { ...review, person: 'ann-of-accounts' });
  expect(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString('latin1')).not.toContain('ann');
});

test('tokens outlive the rotation of the key that sealed them, and end with its removal', () => {
  const text = tokens.seal('inbox', { person: 'ann', expiresAt: 2_000 });
  expect(new ApprovalTokens({ DATAMCP_SECRETS_KEY: [second, first] }).open('inbox', text, 0)).toEqual({ person: 'ann', expiresAt: 2_000 });
  expect(new ApprovalTokens({ DATAMCP_SECRETS_KEY: [second] }).open('inbox', text, 0)).toBeNull();
});

test('without a key there are no tokens, and the error says who sets one', () => {
  expect(() => new ApprovalTokens({ DATAMCP_SECRETS_KEY: [] }).seal('inbox', { person: 'ann', expiresAt: 1 })).toThrow('DATAMCP_SECRETS_KEY');
});

test('without a key nobody is asked for a decision', () => {
  expect(() => requireApprovalKey({ DATAMCP_SECRETS_KEY: [] })).toThrow('an operator sets DATAMCP_SECRETS_KEY');
  requireApprovalKey({ DATAMCP_SECRETS_KEY: [first] });
});
