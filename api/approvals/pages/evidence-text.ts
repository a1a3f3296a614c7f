import type { SealedItem } from '../../../domain/approval/evidence';

type Table = NonNullable<SealedItem['table']>;
type Chart = NonNullable<SealedItem['chart']>;

/** A piece of evidence as lines, so that two of them can be compared. */
export function itemLines({ artifact, url, text, diff, table, chart }: SealedItem): string[] {
  if (artifact) return [`${artifact.name}, ${artifact.bytes} bytes`, `SHA-256 ${artifact.sha256}`];
  if (url !== undefined) return [url];
  if (table) return [table.columns.join(' | '), ...table.rows.map((row) => row.map((cell) => String(cell ?? '')).join(' | '))];
  return chart ? chartLines(chart) : (text ?? diff ?? '').split('\n');
}

/** `06:00: late 3, early 1`, for each label. */
export const chartLines = ({ labels, series }: Chart): string[] =>
  labels.map((label, index) => `${label}: ${series.map(({ name, values }) => `${name} ${values[index]}`).join(', ')}`);

/** As RFC 4180 has it. What a spreadsheet would take for a formula gets a sign that makes it text. */
export function csvText({ columns, rows }: Table): string {
  return [columns, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n').concat('\r\n');
}

function csvCell(cell: Table['rows'][number][number]): string {
  if (typeof cell !== 'string') return String(cell ?? '');
  const harmless = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
