#!/usr/bin/env node
import { productVersion } from './product';
import { execute } from './program';

/** The reader of a pipe may leave early (`datamcp runs list | head`): that is no failure. A full disk is one. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`error: the output could not be written: ${error.message}\n`);
  process.exit(1);
});

/** Not `once`: a listener that is gone while it runs would make the library that restores the cursor end the process. */
function onInterrupt(listener: () => void): () => void {
  process.on('SIGINT', listener);
  return () => void process.off('SIGINT', listener);
}

void execute(process.argv.slice(2), {
  variables: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  version: productVersion(),
  nowMs: Date.now,
  onInterrupt,
}).then((code) => {
  process.exitCode = code;
});
