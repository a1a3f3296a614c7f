const escape = '\x1b';
/** One control sequence (ECMA-48), or one character. */
const parts = new RegExp(`${escape}\\[\\??(?<numbers>[\\d;]*)(?<final>[A-Za-z])|[^]`, 'gu');
/** Modes that change nothing of what is where: the cursor's visibility, drawing at one go. */
const harmlessModes: ReadonlySet<string> = new Set(['25', '2026']);

/** A terminal that keeps what has scrolled out of it. It knows the few sequences that the command line may use, and refuses all others. */
export class Terminal {
  private readonly lines: string[][] = [[]];
  private row = 0;
  private column = 0;
  /** First line on the screen; those before have scrolled out and cannot be changed any more. */
  private top = 0;
  /** Whether somebody wanted to change what had scrolled out: it drew more rows than there are. */
  overdrawn = false;

  constructor(private readonly columns: number, private readonly rows: number) {}

  write(text: string): void {
    for (const [part, numbers, final] of text.matchAll(parts)) {
      if (final !== undefined) this.control(part, numbers ?? '', final);
      else if (part === '\n') this.feed();
      else if (part === '\r') this.column = 0;
      else if (part < ' ') throw new Error(`The terminal was sent ${JSON.stringify(part)}`);
      else this.put(part);
    }
  }

  /** All lines that there ever were, without spaces at their ends. */
  get text(): string[] {
    const shown = this.lines.map((line) => Array.from(line, (cell) => cell ?? ' ').join('').trimEnd());
    while (shown.at(-1) === '') shown.pop();
    return shown;
  }

  private put(character: string): void {
    if (this.column === this.columns) {
      this.column = 0;
      this.feed();
    }
    this.line[this.column] = character;
    this.column += 1;
  }

  private feed(): void {
    this.row += 1;
    this.lines[this.row] ??= [];
    this.top = Math.max(this.top, this.row - this.rows + 1);
  }

  private get line(): string[] {
    return this.lines[this.row] ?? [];
  }

  private control(sequence: string, numbers: string, final: string): void {
    const count = Number(numbers || 1);
    switch (final) {
      case 'A':
        this.overdrawn ||= this.row - count < this.top;
        this.row = Math.max(this.top, this.row - count);
        return;
      case 'B':
        this.row = Math.min(this.lines.length - 1, this.row + count);
        return;
      case 'G':
        this.column = count - 1;
        return;
      case 'K':
        this.line.splice(numbers === '2' ? 0 : this.column);
        return;
      case 'm':
        return;
      default:
        if (!harmlessModes.has(numbers)) throw new Error(`The terminal was sent ${JSON.stringify(sequence)}`);
    }
  }
}
