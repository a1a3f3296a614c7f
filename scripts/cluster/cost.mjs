// What a task costs: processor time by part, bytes in Postgres and speed, for three kinds of work.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { processorMs } from './processor-time.mjs';

const require = createRequire(import.meta.url);
const { Client } = require('pg');

const longestRunMs = 240_000;
const full = { uses: 'core.sleep', with: { milliseconds: 0 } };
const quick = { uses: 'core.noop' };
const wide = (count, task) => Array.from({ length: count }, (_, index) => ({ id: `t${index}`, ...task }));

const workloads = [
  { name: 'small runs: three full tasks in sequence', runs: 150, atOnce: 20, tasks: ['a', 'b', 'c'].map((id, index, ids) => ({ id, ...full, needs: ids.slice(Math.max(0, index - 1), index) })) },
  { name: 'one run of 5,000 full tasks', runs: 1, atOnce: 1, tasks: wide(5_000, full) },
  { name: 'one run of 10,000 quick tasks', runs: 1, atOnce: 1, tasks: wide(10_000, quick) },
];

class ApiUser {
  constructor({ urls, key }, signal) {
    Object.assign(this, { urls, key, signal, calls: 0 });
  }

  async call(method, path, body, waitSeconds = 0) {
    this.calls += 1;
    const response = await fetch(`${this.urls[this.calls % this.urls.length]}${path}`, {
      method, body: body && JSON.stringify(body), signal: this.signal,
      headers: { 'authorization': `Bearer ${this.key}`, ...(body && { 'content-type': 'application/json' }), ...(waitSeconds > 0 && { prefer: `wait=${waitSeconds}` }) },
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  async run(pipeline) {
    const giveUpAt = Date.now() + longestRunMs;
    let run = await this.call('POST', `/v1/pipelines/${pipeline}/runs`, {}, 30);
    while (run.finishedAt === null && Date.now() < giveUpAt) run = await this.call('GET', `/v1/runs/${run.id}`, undefined, 30);
    if (run.status !== 'succeeded') throw new Error(`run ${run.id} of ${pipeline} is ${run.status}`);
  }
}

async function databaseBytes(url) {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('select datname, pg_database_size(datname)::float8 as bytes from pg_database');
  await client.end();
  const sizes = Object.fromEntries(rows.map(({ datname, bytes }) => [datname, bytes]));
  return { product: sizes.datamcp, temporal: sizes.temporal + sizes.temporal_visibility };
}

async function snapshot(cluster, members) {
  const sum = (pids) => pids.map(processorMs).reduce((one, other) => one + other, 0);
  return {
    at: Date.now(), bytes: await databaseBytes(cluster.databaseUrl),
    ms: { temporal: sum([cluster.temporalPid]), postgres: sum([cluster.postgresPid]), workers: sum(members.pids.worker), apis: sum(members.pids.api) },
  };
}

const difference = (after, before) => Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]));
const each = (record, count) => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, Number((value / count).toFixed(3))]));

async function measure(workload, user, cluster, members) {
  const { name, runs, atOnce, tasks } = workload;
  const pipeline = `cost-${tasks.length}-${runs}`;
  await user.call('PUT', `/v1/pipelines/${pipeline}`, { name: pipeline, tasks });
  const before = await snapshot(cluster, members);
  let started = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => { while (started++ < runs) await user.run(pipeline); }));
  const after = await snapshot(cluster, members);
  const count = runs * tasks.length;
  return {
    name, tasks: count, seconds: (after.at - before.at) / 1_000, tasksPerSecond: Math.round((count * 1_000) / (after.at - before.at)),
    processorMsPerTask: each(difference(after.ms, before.ms), count), bytesPerTask: each(difference(after.bytes, before.bytes), count),
  };
}

const idleMs = 10_000;

/** What it costs to be there: processor time of each part in a second in which nothing happens, in milliseconds. */
async function measureIdle(cluster, members, signal) {
  const before = await snapshot(cluster, members);
  await sleep(idleMs, undefined, { signal });
  const after = await snapshot(cluster, members);
  return each(difference(after.ms, before.ms), (after.at - before.at) / 1_000);
}

/** Runs all workloads, one after the other. @throws the reason of `signal` when it is aborted */
export async function measureCost(cluster, members, signal) {
  const user = new ApiUser(members, signal);
  const results = [];
  for (const workload of workloads) results.push(await measure(workload, user, cluster, members));
  return { idleMsPerSecond: await measureIdle(cluster, members, signal), results };
}

/** The result as a Markdown table. */
export function tableOf({ idleMsPerSecond: idle, results }) {
  const total = (parts) => Object.values(parts).reduce((sum, ms) => sum + ms, 0).toFixed(2);
  const row = (name, speed, { temporal, postgres, workers, apis }, bytes) =>
    `| ${[name, speed, ...[temporal, postgres, workers, apis].map((ms) => ms.toFixed(2)), total({ temporal, postgres, workers, apis }), ...bytes].join(' | ')} |`;
  return [
    '| | tasks a second | Temporal ms | Postgres ms | workers ms | APIs ms | all ms | bytes, Temporal | bytes, product |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...results.map((each_) => row(each_.name, each_.tasksPerSecond, each_.processorMsPerTask, [each_.bytesPerTask.temporal, each_.bytesPerTask.product].map(Math.round))),
    row('idle, a second', '–', idle, ['–', '–']),
  ].join('\n');
}
