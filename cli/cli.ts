import type { Command } from 'commander';
import { ApiClient } from './client';
import { findTarget, readKey, wantsColor, type Target, type Variables } from './environment';
import type { ExitCode } from './exit-code';
import { makePaint, Output, type OutputStream } from './output';

/** What the command line needs of its process: tests bring their own. */
export interface Host {
  variables: Variables;
  cwd: string;
  stdout: OutputStream;
  stderr: OutputStream;
  /** Version of the product. */
  version: string;
  nowMs: () => number;
  /** Calls back at Ctrl-C instead of ending the process, until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
}

/** Options that every command takes. */
export interface GlobalOptions {
  json?: true;
  apiUrl?: string;
  keyFile?: string;
}

/** What a command works with. */
export class Cli {
  readonly target: Target;
  readonly client: ApiClient;
  readonly output: Output;

  constructor(readonly host: Host, options: GlobalOptions) {
    const paint = (stream: OutputStream) => makePaint(wantsColor(host.variables, stream.isTTY === true));
    const found = findTarget(host.cwd, host.variables, options.apiUrl);
    this.target = options.keyFile === undefined ? found : { ...found, apiKey: readKey(host.cwd, options.keyFile) };
    this.client = new ApiClient(this.target, host.version);
    this.output = new Output(host.stdout, host.stderr, options.json === true, paint(host.stdout), paint(host.stderr), host.nowMs);
  }
}

/** Wires a command to its work; the work's exit code becomes the program's. */
export type Wire = <A extends unknown[]>(work: (cli: Cli, ...args: A) => Promise<ExitCode>) => (this: Command, ...args: A) => Promise<void>;

export function makeWire(host: Host, onExit: (code: ExitCode) => void): Wire {
  return (work) =>
    async function (...args) {
      onExit(await work(new Cli(host, this.optsWithGlobals<GlobalOptions>()), ...args));
    };
}
