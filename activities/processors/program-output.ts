import { AppError } from '../../domain/errors';
import { limits } from '../../domain/limits';
import { LineLog } from './line-log';

export const stdoutUses = ['log', 'text', 'json'] as const;
export type StdoutUse = (typeof stdoutUses)[number];

/** Standard output of a program: lines of the log, or a value. */
export class ProgramOutput {
  private readonly lines: LineLog;
  private readonly over = new AbortController();
  private text = '';
  private bytes = 0;

  constructor(private readonly use: StdoutUse, log: (line: string) => void) {
    this.lines = new LineLog(log);
  }

  /** Aborted with `output_too_large` as soon as the value is: the program need not go on. */
  get tooLarge(): AbortSignal {
    return this.over.signal;
  }

  add(piece: string): void {
    if (this.use === 'log') return this.lines.add(piece);
    this.bytes += Buffer.byteLength(piece);
    if (this.bytes <= limits.outputBytes) this.text += piece;
    else this.over.abort(new AppError('output_too_large', `standard output is larger than ${limits.outputBytes} bytes: write it to a file, and \`save\` that`));
  }

  /** To be called when no more comes. */
  end(): void {
    this.lines.end();
  }

  /** The value, or undefined for a log. @throws AppError `output_invalid` for what is no JSON */
  value(): unknown {
    switch (this.use) {
      case 'log': return undefined;
      case 'text': return this.text;
      case 'json': return parsed(this.text);
    }
  }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (cause) {
    throw new AppError('output_invalid', `standard output is not JSON: ${text.slice(0, 200)}`, { cause });
  }
}
