export interface DiffLine {
  sign: ' ' | '+' | '-';
  text: string;
}

/** More pairs of lines than this are not compared one by one: it takes their product in time and memory. */
const mostPairs = 250_000;

/** What has to go and what has to come to make one list of lines of another, with the fewest of both. */
export function lineDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  const head = commonLength(before, after, (lines, index) => lines[index]);
  const [restBefore, restAfter] = [before.slice(head), after.slice(head)];
  const tail = commonLength(restBefore, restAfter, (lines, index) => lines[lines.length - 1 - index]);
  return [
    ...marked(' ', before.slice(0, head)),
    ...middle(restBefore.slice(0, restBefore.length - tail), restAfter.slice(0, restAfter.length - tail)),
    ...marked(' ', restBefore.slice(restBefore.length - tail)),
  ];
}

const marked = (sign: DiffLine['sign'], lines: readonly string[]): DiffLine[] => lines.map((text) => ({ sign, text }));

function commonLength(some: readonly string[], others: readonly string[], at: (lines: readonly string[], index: number) => string | undefined): number {
  const most = Math.min(some.length, others.length);
  let length = 0;
  while (length < most && at(some, length) === at(others, length)) length += 1;
  return length;
}

function middle(before: readonly string[], after: readonly string[]): DiffLine[] {
  if (before.length * after.length > mostPairs) return [...marked('-', before), ...marked('+', after)];
  const longest = commonLengths(before, after);
  const lines: DiffLine[] = [];
  for (let [i, j] = [0, 0]; i < before.length || j < after.length;) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      lines.push({ sign: ' ', text: old });
      i += 1;
      j += 1;
    } else if (old !== undefined && (fresh === undefined || (longest[i + 1]?.[j] ?? 0) >= (longest[i]?.[j + 1] ?? 0))) {
      lines.push({ sign: '-', text: old });
      i += 1;
    } else if (fresh !== undefined) {
      lines.push({ sign: '+', text: fresh });
      j += 1;
    }
  }
  return lines;
}

/** Length of the longest common subsequence of what is left from each pair of places on. */
function commonLengths(before: readonly string[], after: readonly string[]): Uint16Array[] {
  const table = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const [row, below] = [table[i], table[i + 1]];
    if (!row || !below) continue;
    for (let j = after.length - 1; j >= 0; j -= 1) {
      row[j] = before[i] === after[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}
