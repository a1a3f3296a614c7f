// npm test [-- <arguments of jest>]: installs and builds what is needed, runs every test, and ends with one line of numbers.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, root, whenAbandoned } from './bootstrap.mjs';

await bootstrap();
const folder = mkdtempSync(join(tmpdir(), 'datamcp-results-'));
const resultFile = join(folder, 'results.json');

const jest = spawn(process.execPath, [
  join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--json', `--outputFile=${resultFile}`, ...process.argv.slice(2),
], {
  cwd: root,
  // With --json, Jest prints the results to standard output as well; people read standard error.
  stdio: ['inherit', 'ignore', 'inherit'],
});

// Jest gets Ctrl-C from the terminal itself and clears up; this process waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { if (signal !== 'SIGINT') jest.kill(signal); });
whenAbandoned(() => jest.kill('SIGTERM'));

const status = await new Promise((resolve) => jest.once('close', (code) => resolve(code ?? 1)));
const counts = existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8')) : undefined;
rmSync(folder, { recursive: true, force: true });

if (!counts) {
  process.stderr.write('Jest ended before it had results.\n');
  process.stdout.write('Tests: 0 passed, 1 failed\n');
  process.exit(status || 1);
}
// A file that does not even load has no tests that could fail: it counts as one.
const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
const skipped = counts.numPendingTests + counts.numTodoTests;
process.stdout.write(`Tests: ${counts.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exit(status || (failed > 0 ? 1 : 0));
