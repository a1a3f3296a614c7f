import { canonicalJson } from '../canonical-json';
import type { Json } from '../json';

/**
 * What is done in an act, by its name and arguments, without who does it: the same text where a token for the act is
 * made and where it is checked, so that a token is good for this act and no other.
 */
export function actText(name: string, args: Record<string, Json | undefined>): string {
  const { credential: _credential, by: _by, ...content } = args;
  return canonicalJson([name, content]);
}
