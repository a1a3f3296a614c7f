// npm run cluster [-- --only tests,cost,bench] [--shards 128] [--tasks 2000]: the product on a real Temporal server on Postgres, with two
// APIs and two workers: the end-to-end tests, what a task costs, and the benchmark with so many tasks. Everything is kept below
// .datamcp/cluster, and nothing stays running.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap, root, whenAbandoned } from './bootstrap.mjs';
import { goPrograms, hasGo } from './cluster/go-programs.mjs';

const { values: options } = parseArgs({ options: { only: { type: 'string', default: 'tests,cost,bench' }, shards: { type: 'string', default: '128' }, tasks: { type: 'string', default: '2000' } } });
const wanted = new Set(options.only.split(','));
const folder = join(root, '.datamcp', 'cluster');
const longestStepMs = 15 * 60_000;
const say = (line) => process.stderr.write(`${line}\n`);
const running = new Set();

/** Runs one of the steps as a process, and waits. @throws Error when it fails or takes too long */
async function runStep(name, args, env) {
  say(`\n== ${name}`);
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env }, timeout: longestStepMs });
  running.add(child);
  const code = await new Promise((resolve) => { child.once('close', (exit, signal) => resolve(exit ?? signal)); });
  running.delete(child);
  if (code !== 0) throw new Error(`${name} failed (${code})`);
}

const tests = ({ temporalAddress }) =>
  runStep('End-to-end tests', [join('node_modules', 'jest', 'bin', 'jest.js'), '--config', 'jest.cluster.config.cjs', '--forceExit'], { TEST_TEMPORAL_ADDRESS: temporalAddress });

async function cost(cluster) {
  say('\n== Cost of a task, with two workers and two APIs');
  const { startMembers } = await import('./cluster/members.mjs');
  const { measureCost, tableOf } = await import('./cluster/cost.mjs');
  const members = await startMembers(cluster, folder, { apis: 2, workers: 2 });
  try {
    const measured = await measureCost(cluster, members);
    writeFileSync(join(folder, 'cost.json'), `${JSON.stringify({ shards: Number(options.shards), ...measured }, null, 2)}\n`);
    process.stdout.write(`${tableOf(measured)}\n`);
  } finally {
    await members.stop();
  }
}

/** The benchmark brings a worker and an API of its own; the second of each is ours. */
async function bench(cluster) {
  const { startMembers } = await import('./cluster/members.mjs');
  const members = await startMembers(cluster, folder, { apis: 1, workers: 1 });
  try {
    await runStep('Benchmark', [join('dist', 'bench', 'main.js'), '--only', 'latency,throughput,starts,large', '--rounds', '1', '--minutes', '5', '--tasks', options.tasks, '--out', join(folder, 'bench-results.json')],
      { TEMPORAL_ADDRESS: cluster.temporalAddress, DATABASE_URL: cluster.databaseUrl });
  } finally {
    await members.stop();
  }
}

async function main() {
  await bootstrap();
  if (!hasGo()) {
    say('npm run cluster builds Temporal\'s server, and there is no Go on this machine (https://go.dev/dl): skipped.');
    return;
  }
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const programs = await goPrograms(folder, say, running);
  const { startCluster } = await import('./cluster/temporal-cluster.mjs');
  const cluster = await startCluster(programs, folder, Number(options.shards));
  say(`Temporal's server runs on Postgres with ${options.shards} history shards at ${cluster.temporalAddress}.`);
  try {
    for (const [name, step] of Object.entries({ tests, cost, bench })) if (wanted.has(name)) await step(cluster);
  } finally {
    await cluster.stop();
    rmSync(join(folder, 'artifacts'), { recursive: true, force: true });
  }
}

/** The steps end by themselves when they are told to; then `main` goes on to stop the servers. */
const stop = () => { for (const child of running) child.kill('SIGTERM'); };
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
whenAbandoned(stop);

main().then(() => process.exit(), (error) => {
  say(error.stack ?? String(error));
  say(`Logs: ${join(folder, 'logs')}`);
  process.exit(1);
});
