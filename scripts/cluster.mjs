// npm run cluster: the product on a real Temporal server on Postgres, with two APIs and two workers. Everything is kept
// below .datamcp/cluster, and nothing stays running.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap, root, whenAbandoned } from './bootstrap.mjs';
import { isWhole, readOptions } from './command-line.mjs';
import { goPrograms, hasGo } from './cluster/go-programs.mjs';

const usage = `npm run cluster [-- --only tests,cost,bench] [--shards 128] [--tasks 2000]

  --only     the end-to-end tests, what a task costs, the benchmark, or some of them
  --shards   history shards of Temporal's server
  --tasks    tasks of the large runs of the benchmark`;

const steps = { tests, cost, bench };
const options = readOptions(usage, {
  only: { type: 'string', default: Object.keys(steps).join(',') }, shards: { type: 'string', default: '128' }, tasks: { type: 'string', default: '2000' },
}, ({ only, shards, tasks }) => {
  const unknown = only.split(',').filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length > 0) return `There is no ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}.`;
  return [shards, tasks].every(isWhole) ? undefined : '--shards and --tasks take a whole number from 1 on.';
});
const wanted = new Set(options.only.split(','));
const folder = join(root, '.datamcp', 'cluster');
const longestStepMs = 15 * 60_000;
const say = (line) => process.stderr.write(`${line}\n`);
const running = new Set();
const stopping = new AbortController();

/** Runs one of the steps as a process, and waits. @throws Error when it fails or takes too long */
async function runStep(name, args, env) {
  say(`\n== ${name}`);
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env }, timeout: longestStepMs });
  running.add(child);
  const code = await new Promise((resolve) => { child.once('close', (exit, signal) => resolve(exit ?? signal)); });
  running.delete(child);
  if (code !== 0) throw new Error(`${name} failed (${code})`);
}

async function tests({ temporalAddress }) {
  await runStep('End-to-end tests', [join('node_modules', 'jest', 'bin', 'jest.js'), '--config', 'jest.cluster.config.cjs', '--forceExit'], { TEST_TEMPORAL_ADDRESS: temporalAddress });
}

async function cost(cluster) {
  say('\n== Cost of a task, with two workers and two APIs');
  const { startMembers } = await import('./cluster/members.mjs');
  const { measureCost, tableOf } = await import('./cluster/cost.mjs');
  const members = await startMembers(cluster, folder, { apis: 2, workers: 2 });
  try {
    const measured = await measureCost(cluster, members, stopping.signal);
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
    for (const [name, step] of Object.entries(steps)) {
      stopping.signal.throwIfAborted();
      if (wanted.has(name)) await step(cluster);
    }
  } finally {
    await cluster.stop();
    rmSync(join(folder, 'artifacts'), { recursive: true, force: true });
  }
}

/** The step ends when it is told to, and `main` with it: then the servers are stopped. */
const stop = () => {
  stopping.abort();
  for (const child of running) child.kill('SIGTERM');
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
whenAbandoned(stop);

main().then(() => process.exit(), (error) => {
  if (stopping.signal.aborted) {
    say('Stopped.');
    process.exit(130);
  }
  say(error.stack ?? String(error));
  say(`Logs: ${join(folder, 'logs')}`);
  process.exit(1);
});
