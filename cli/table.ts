import { displayWidth, oneLine, padEnd, padStart, truncate } from './text';

export interface Column<Row> {
  title: string;
  value(row: Row): string;
  /** Paints a cell after it was cut and aligned. */
  paint?(text: string, row: Row): string;
  align?: 'right';
  /** Gives way when the table is too wide; columns without it keep their width. */
  flexible?: true;
}

const gap = 2;
const narrowest = 8;

/**
 * Lines of an aligned table, header first.
 * @param width columns of the terminal; undefined (a pipe, a file) cuts nothing
 */
export function tableLines<Row>(columns: Column<Row>[], rows: Row[], width: number | undefined): string[] {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.value(row))));
  const natural = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...cells.map((line) => displayWidth(line[index] ?? ''))));
  const widths = width === undefined ? natural : fit(columns, natural, width);
  const header = columns.map((column, index) => align(column, truncate(column.title, widths[index] ?? 0), widths[index] ?? 0));
  const body = rows.map((row, line) => columns.map((column, index) => {
    const text = align(column, truncate(cells[line]?.[index] ?? '', widths[index] ?? 0), widths[index] ?? 0);
    return column.paint ? column.paint(text, row) : text;
  }));
  return [header, ...body].map((line) => line.join(' '.repeat(gap)).trimEnd());
}

const align = <Row>(column: Column<Row>, text: string, width: number): string =>
  column.align === 'right' ? padStart(text, width) : padEnd(text, width);

/** Takes what is too much from the widest flexible column, again and again. */
function fit<Row>(columns: Column<Row>[], natural: number[], width: number): number[] {
  const widths = [...natural];
  const total = (): number => widths.reduce((sum, each) => sum + each, gap * (columns.length - 1));
  while (total() > width) {
    const candidates = columns.flatMap((column, index) => (column.flexible && (widths[index] ?? 0) > narrowest ? [index] : []));
    const widest = candidates.sort((left, right) => (widths[right] ?? 0) - (widths[left] ?? 0))[0];
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
