/** A longer line is cut into pieces of this many characters. */
const longestLine = 16 * 1024;

/** Makes lines of a text that comes in pieces, and holds at most one line in memory. */
export class LineLog {
  private rest = '';

  constructor(private readonly write: (line: string) => void) {}

  add(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.emit(line);
    while (this.rest.length > longestLine) {
      this.write(this.rest.slice(0, longestLine));
      this.rest = this.rest.slice(longestLine);
    }
  }

  /** The last line may have no end. */
  end(): void {
    if (this.rest !== '') this.emit(this.rest);
    this.rest = '';
  }

  private emit(line: string): void {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    for (let at = 0; at < text.length; at += longestLine) this.write(text.slice(at, at + longestLine));
  }
}
