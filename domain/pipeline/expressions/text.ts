/** A part of a template's text: literal characters, or the source of one expression and where it begins in the text. */
export type Segment = { kind: 'text'; text: string } | { kind: 'expression'; source: string; offset: number };

const opening = '${{';

/** Whether a text holds `${{`, escaped or not: what does not is its own value. */
export const mayHoldExpression = (text: string): boolean => text.includes(opening);

/**
 * Splits a text at its expressions. `$${{` stands for the characters `${{`.
 * `}}` ends an expression only outside of strings and braces, so that map literals need no care.
 * Returns the offset of an expression that does not end instead of throwing: the validator shows its place.
 */
export function splitText(text: string): { segments: Segment[]; unclosedAt?: number } {
  const segments: Segment[] = [];
  let literal = '';
  let from = 0;
  for (let at = text.indexOf(opening); at !== -1; at = text.indexOf(opening, from)) {
    if (at > from && text[at - 1] === '$') {
      literal += text.slice(from, at - 1) + opening;
      from = at + opening.length;
      continue;
    }
    literal += text.slice(from, at);
    const start = at + opening.length;
    const end = endOfExpression(text, start);
    if (end === -1) return { segments, unclosedAt: at };
    if (literal !== '') segments.push({ kind: 'text', text: literal });
    literal = '';
    segments.push({ kind: 'expression', source: text.slice(start, end), offset: start });
    from = end + 2;
  }
  literal += text.slice(from);
  if (literal !== '') segments.push({ kind: 'text', text: literal });
  return { segments };
}

/** Offset of the `}}` that ends the expression, or -1. */
function endOfExpression(text: string, start: number): number {
  let braces = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"' || character === "'") {
      at = endOfString(text, at) - 1;
    } else if (character === '{') {
      braces += 1;
    } else if (character === '}') {
      if (braces > 0) braces -= 1;
      else if (text[at + 1] === '}') return at;
    }
  }
  return -1;
}

/** Offset after the string literal that begins at `at`. Like CEL's own lexer, a backslash guards the next character. */
function endOfString(text: string, at: number): number {
  const quote = text.charAt(at);
  const delimiter = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote;
  for (let index = at + delimiter.length; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text.startsWith(delimiter, index)) return index + delimiter.length;
  }
  return text.length;
}
