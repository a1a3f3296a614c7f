import { deepest } from './document';

/** Far above what documents need, and far below what the parser's recursion bears. */
export const deepestYaml = 2 * deepest;

const indicators = /^[ \t]*((?:[-?:][ \t]+)*)/;

/**
 * How deep a YAML text may nest, judged from above without parsing: open brackets, growing indents, and `- - -` in one
 * line. The parser is recursive, and V8 ends the whole process, not only the thread, when a regular expression is first
 * compiled on an almost full stack. So a text that could come near is refused before it is parsed.
 */
export function depthBound(text: string): number {
  // Brackets also stand in texts, where nobody closes them, and each costs the parser less than a block.
  return Math.max(bracketDepth(text) / 2, blockDepth(text));
}

function bracketDepth(text: string): number {
  let [depth, most] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x5b || character === 0x7b) most = Math.max(most, (depth += 1));
    else if (character === 0x5d || character === 0x7d) depth = Math.max(0, depth - 1);
  }
  return most;
}

function blockDepth(text: string): number {
  const indents: number[] = [];
  let most = 0;
  for (const line of text.split(/[\r\n]+/)) {
    const [prefix = '', run = ''] = indicators.exec(line.slice(0, 8 * deepestYaml)) ?? [];
    if (prefix.length === line.length && run === '') continue;
    const indent = prefix.length - run.length;
    while ((indents.at(-1) ?? -1) >= indent) indents.pop();
    indents.push(indent);
    most = Math.max(most, indents.length + run.replace(/[ \t]/g, '').length);
  }
  return most;
}
