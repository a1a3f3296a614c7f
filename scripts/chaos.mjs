// npm run chaos: faults on the real stack, each with its effects counted at the far end. Prints a table, and writes all
// figures to a file.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, parse } from 'node:path';
import { bootstrap, root, whenAbandoned } from './bootstrap.mjs';
import { readOptions } from './command-line.mjs';

const usage = `npm run chaos [-- --only worker-killed,disk-full] [--seed 7] [--out figures.json]

  --only   some of the scenarios of test/chaos/scenarios
  --seed   a number that chooses the moments; the same one chooses the same moments again
  --out    where all figures are written (.datamcp/chaos-results.json)`;

const options = readOptions(usage, {
  only: { type: 'string', default: '' }, seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
  out: { type: 'string', default: join(root, '.datamcp', 'chaos-results.json') },
}, ({ only, seed }) => {
  const known = readdirSync(join(root, 'test', 'chaos', 'scenarios')).map((file) => parse(file).name);
  const unknown = only.split(',').filter((name) => name !== '' && !known.includes(name));
  if (unknown.length > 0) return `There is no ${unknown.join(', ')}; there are ${known.join(', ')}.`;
  return /^\d{1,15}$/.test(seed) ? undefined : '--seed takes a whole number.';
});
const say = (line) => process.stderr.write(`${line}\n`);

/** Debian's package, unpacked where test/chaos/scenarios/clock-off.ts looks. Elsewhere, or without a network, that scenario is skipped. */
function obtainFakeClock() {
  const folder = join(root, 'node_modules', '.cache', 'faketime');
  if (existsSync(join(folder, 'usr'))) return;
  mkdirSync(folder, { recursive: true });
  const run = (program, ...args) => spawnSync(program, args, { cwd: folder, stdio: 'ignore' }).status === 0;
  if (run('apt-get', 'download', 'libfaketime')) for (const name of readdirSync(folder)) run('dpkg-deb', '-x', name, folder);
}

const share = (part, all) => (all === 0 ? '–' : `${((100 * part) / all).toFixed(1)} %`);
const effectsOf = ({ rows, posts, repeatedPosts, mails, repeatedMails }) => [String(rows), `${posts} + ${repeatedPosts}`, `${mails} + ${repeatedMails}`];

function rowOf({ name, seconds, operations, runs, effects, breaches }) {
  return [
    name, `${seconds} s`, String(operations.all), share(operations.firstTry, operations.all), share(operations.withRetry, operations.all),
    `${runs.succeeded} of ${runs.acknowledged}`, String(runs.endedOnce), ...effectsOf(effects), breaches.length === 0 ? 'kept' : `${breaches.length} broken`,
  ];
}

/** Aligned on a terminal, and a table in Markdown. */
function tableOf(results) {
  const head = ['scenario', 'time', 'calls', 'first try', 'with retries', 'runs succeeded', 'ended once', 'rows', 'POSTs + again', 'mails + again', 'promises'];
  const rows = [head, ...results.map(rowOf)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`);
  return [lines[0], `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.slice(1)].join('\n');
}

await bootstrap();
obtainFakeClock();
say(`Seed ${options.seed} (--seed ${options.seed} chooses the same moments again).`);
rmSync(options.out, { force: true });
const jest = spawn(process.execPath, [join('node_modules', 'jest', 'bin', 'jest.js'), '--config', 'jest.chaos.config.cjs', '--verbose'], {
  cwd: root, stdio: 'inherit', env: { ...process.env, CHAOS_SEED: options.seed, CHAOS_ONLY: options.only, CHAOS_OUT: options.out },
});
// Jest gets Ctrl-C from the terminal itself and clears up; this process waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { if (signal !== 'SIGINT') jest.kill(signal); });
whenAbandoned(() => jest.kill('SIGTERM'));
const status = await new Promise((resolve) => { jest.once('close', (code) => resolve(code ?? 1)); });
if (existsSync(options.out)) {
  process.stdout.write(`${tableOf(JSON.parse(readFileSync(options.out, 'utf8')).results)}\n`);
  say(`All figures: ${options.out}`);
}
process.exit(status);
