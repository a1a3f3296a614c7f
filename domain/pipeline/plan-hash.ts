import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json';
import type { Plan } from './plan';

/**
 * Identity of a plan: SHA-256, in lower-case hex, of its canonical JSON.
 * Equal hashes mean that nothing a run would do differs, whatever the document's format, comments or order of keys.
 */
export const planHash = (plan: Plan): string => createHash('sha256').update(canonicalJson(plan)).digest('hex');
