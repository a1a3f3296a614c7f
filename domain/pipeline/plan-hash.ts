import { createHash } from 'node:crypto';
import type { Plan } from './plan';

/**
 * Identity of a plan: SHA-256, in lower-case hex, of its canonical JSON (keys in code-unit order, as RFC 8785 has it).
 * Equal hashes mean that nothing a run would do differs, whatever the document's format, comments or order of keys.
 */
export function planHash(plan: Plan): string {
  return createHash('sha256').update(JSON.stringify(sorted(plan))).digest('hex');
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
