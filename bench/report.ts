import { verdictOf, type Measurement, type Target } from './measurement';

const columns = ['', 'unit', 'product', 'hand-coded', 'ratio', 'target', '', 'rounds'] as const;

/** Three digits that mean something; whole numbers from a hundred on. */
function digits(value: number | undefined): string {
  if (value === undefined) return '';
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : 2);
}

const targetOf = ({ of, bound, value }: Target): string => `${of === 'ratio' ? 'ratio ' : ''}${bound === 'at most' ? '≤' : '≥'} ${digits(value)}`;

function rowOf(measurement: Measurement): string[] {
  const { product, plain, ratio, kept } = verdictOf(measurement);
  const verdict = kept === undefined ? '' : kept ? 'kept' : 'missed';
  return [
    measurement.name, measurement.unit, digits(product), digits(plain), ratio?.toFixed(2) ?? '',
    measurement.target ? targetOf(measurement.target) : '', verdict, String(measurement.product.length),
  ];
}

/** The medians as a Markdown table that is aligned on a terminal too. */
export function tableOf(measurements: readonly Measurement[]): string {
  const rows = [[...columns], ...measurements.map(rowOf)];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  return lines.join('\n');
}
