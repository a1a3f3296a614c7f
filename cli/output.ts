import { createColors } from 'picocolors';
import { displayWidth } from './text';
import { tableLines, type Column } from './table';

/** A stream that may be a terminal. */
export type OutputStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };

/** Columns of a terminal. Some report none (a pseudo-terminal that nobody has sized): that is no reason to cut everything. */
export const columnsOf = (stream: OutputStream, otherwise: number): number => stream.columns || otherwise;

type Style = (text: string) => string;
/** The few styles in use; all of them do nothing where colour is unwanted. */
export interface Paint {
  bold: Style;
  dim: Style;
  red: Style;
  green: Style;
  yellow: Style;
  blue: Style;
  cyan: Style;
}

export function makePaint(enabled: boolean): Paint {
  return createColors(enabled);
}

/** Where results go: standard output for what was asked for, standard error for remarks. */
export class Output {
  constructor(
    readonly stdout: OutputStream,
    private readonly stderr: OutputStream,
    readonly json: boolean,
    /** Styles of standard output and of standard error; either may be a file while the other is a terminal. */
    readonly paint: Paint,
    readonly notePaint: Paint,
    readonly nowMs: () => number,
  ) {}

  /** One JSON document: indented for a person at a terminal, on one line for a program. */
  document(value: unknown): void {
    this.stdout.write(`${this.stdout.isTTY ? JSON.stringify(value, null, 2) : JSON.stringify(value)}\n`);
  }

  /** One JSON document on its line, of a stream of them. */
  record(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** Any number of lines: those of a run have no bound. */
  lines(lines: readonly string[]): void {
    for (const line of lines) this.stdout.write(`${line}\n`);
  }

  /** A remark for the person, never part of the result. */
  note(...lines: string[]): void {
    for (const line of lines) this.stderr.write(`${line}\n`);
  }

  /** The document with `--json`, else the lines. */
  show(value: unknown, lines: () => string[]): void {
    if (this.json) this.document(value);
    else this.lines(lines());
  }

  /** A table, or one word about its being empty; with `--json` the rows as they came. */
  table<Row>(columns: Column<Row>[], rows: Row[], whenEmpty: string): void {
    this.show({ items: rows }, () => (rows.length === 0 ? [this.paint.dim(whenEmpty)] : this.tableLines(columns, rows)));
  }

  tableLines<Row>(columns: Column<Row>[], rows: Row[]): string[] {
    const [header, ...body] = tableLines(columns, rows, this.stdout.isTTY ? columnsOf(this.stdout, 80) : undefined);
    return [this.paint.bold(header ?? ''), ...body];
  }

  /** Aligned `name  value` lines; empty values are left out. */
  fields(entries: [string, string | null | undefined][]): string[] {
    const shown = entries.flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []));
    const width = Math.max(0, ...shown.map(([name]) => displayWidth(name)));
    return shown.map(([name, value]) => `${this.paint.dim(name.padEnd(width))}  ${value}`);
  }
}
