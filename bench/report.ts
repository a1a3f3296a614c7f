import type { ComparisonResult } from './comparison';

const columns = ['', 'product', 'hand-coded', 'ratio', 'limit', 'product a second', 'rounds'] as const;

const ms = (value: number): string => (value < 10_000 ? `${value.toFixed(0)} ms` : `${(value / 1_000).toFixed(1)} s`);

const rowOf = (result: ComparisonResult): string[] => [
  result.name,
  ms(result.productMedianMs),
  ms(result.plainMedianMs),
  result.ratio.toFixed(2),
  `${result.limit.toFixed(2)}${result.ratio > result.limit ? ' exceeded' : ''}`,
  `${Math.round((result.tasks * 1_000) / result.productMedianMs)} tasks`,
  String(result.productMs.length),
];

/** The medians as a Markdown table that is aligned on a terminal too. */
export function tableOf(results: readonly ComparisonResult[]): string {
  const rows = [[...columns], ...results.map(rowOf)];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  return lines.join('\n');
}
