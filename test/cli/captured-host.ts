import { Writable } from 'node:stream';
import type { Host } from '../../cli/cli';
import { execute } from '../../cli/program';
import type { OutputStream } from '../../cli/output';

/** A stream that keeps what is written to it; with `columns` it is a terminal. */
export class Captured extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly rows: number | undefined;

  constructor(size?: { columns: number; rows: number }) {
    super();
    this.isTTY = size !== undefined;
    this.columns = size?.columns;
    this.rows = size?.rows;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  variables?: Record<string, string>;
  cwd?: string;
  terminal?: { columns: number; rows: number };
  /** Presses Ctrl-C once this resolves. */
  interrupt?: Promise<unknown>;
}

/** Runs one command line inside this process, with its output kept. */
export async function datamcp(argv: string[], options: CommandOptions = {}): Promise<Outcome> {
  const stdout = new Captured(options.terminal);
  const stderr = new Captured();
  const code = await execute(argv, hostOf(stdout, stderr, options));
  return { code, stdout: stdout.text, stderr: stderr.text };
}

function hostOf(stdout: Captured, stderr: Captured, { variables = {}, cwd = __dirname, interrupt }: CommandOptions): Host {
  return {
    variables, cwd, version: '0.0.0-test', nowMs: Date.now,
    stdout: asOutput(stdout), stderr: asOutput(stderr),
    onInterrupt(listener) {
      let forgotten = false;
      void interrupt?.then(() => (forgotten ? undefined : listener()));
      return () => {
        forgotten = true;
      };
    },
  };
}

const asOutput = (stream: Captured): OutputStream => Object.assign(stream, {});
