import type { Pool } from '../../platform/postgres';

const storedRuns = 12_000;
/** Every so many runs one has tasks, events and log lines; retention has taken those of the others. */
const runWithRows = 60;
const rowsOfARun = 60;

/** Ids in the order of the numbers: a run a minute, the last one just now. */
const id = (number: string): string => `uuidv7(make_interval(mins => ${number} - ${storedRuns}))`;

/** There are many of some kinds, none of them new. */
const isOld = (number: string): string => `${number} < ${storedRuns / 3}`;

const plan = JSON.stringify({ name: 'filler', timeoutMs: 1, cleanupTimeoutMs: 1, tasks: [] });

const approvalState = JSON.stringify({
  status: 'approved', requester: 'test', policy: { stages: [], rejection: 'any', requesterMayDecide: false, rejectionNeedsComment: false, escalation: [] },
  timetable: { deadlines: [], onDeadline: 'expire', reminders: [], timeZone: 'UTC' }, evidence: { hash: 'seen', revision: 1 }, stage: 0, votes: [], delegations: [], escalations: [], reminded: 0,
});

/** The tables that people and runs add to all the time. A handful of processors, secrets and connections is no such table. */
const fill = [
  `insert into plans (hash, bytes, tasks, body) select 'plan-' || n, 2, 0, '${plan}' from generate_series(1, ${storedRuns}) as n`,
  `insert into pipelines (name, latest_version, archived_at)
   select 'filler-' || n, 1, case when n % 100 = 0 then now() end from generate_series(1, ${storedRuns}) as n`,
  `insert into pipeline_versions (pipeline, version, plan_hash, source, format, created_by)
   select 'filler-' || n, 1, 'plan-' || n, '{}', 'json', 'test' from generate_series(1, ${storedRuns}) as n`,
  `insert into runs (id, pipeline, version, plan_hash, trigger, requested_by, workflow_id, progress, labels, status, created_at, admitted_at, finished_at)
   select ${id('n')}, case when ${isOld('n')} then 'filler-0' else 'filler-' || n % 50 end, 1, 'plan-' || n,
     jsonb_build_object('type', case when ${isOld('n')} then 'cli' when n % 30 = 0 then 'webhook' else 'schedule' end), 'test', 'filler/' || n, '{}',
     jsonb_build_object('team', 'data', 'n', (n % 1000)::text), case when ${isOld('n')} then 'timed_out' when n % 100 = 0 then 'failed' else 'succeeded' end,
     now() - make_interval(mins => ${storedRuns} - n), now(), now()
   from generate_series(1, ${storedRuns}) as n`,
  `create temporary table busy as select id from runs where right(workflow_id, -7)::int % ${runWithRows} = 0`,
  `insert into run_tasks (run_id, task, status, final, output, finished_at) select id, 'task_' || n, 'succeeded', true, '{}', now() from busy, generate_series(1, ${rowsOfARun}) as n`,
  `insert into task_attempts (run_id, task, generation, attempt, started_at, error) select id, 'task_' || n, 0, 1, now(), '{}' from busy, generate_series(1, ${rowsOfARun}) as n`,
  `insert into run_events (run_id, seq, type, at, data) select id, n, 'task.succeeded', now(), '{}' from busy, generate_series(1, ${rowsOfARun}) as n`,
  `insert into task_logs (run_id, task, generation, attempt, at, level, message) select id, 'task_' || n, 0, 1, now(), 'info', 'done' from busy, generate_series(1, ${rowsOfARun}) as n`,
  `insert into artifacts (id, run_id, task, name, bytes, sha256, content_type)
   select gen_random_uuid(), id, 'task_' || n, 'file', 1, id || '-' || n, 'text/plain' from busy, generate_series(1, ${rowsOfARun}) as n`,
  `insert into keys (id, hash, prefix, subject_type, subject_name, roles, created_by)
   select ${id('n')}, sha256(n::text::bytea), 'dmcp_', 'service', 'filler-' || n, '{viewer}', 'test' from generate_series(1, ${storedRuns}) as n`,
  `insert into idempotency_keys (caller, route, key, request_hash, status) select 'filler', 'route', n::text, '', 202 from generate_series(1, ${storedRuns}) as n`,
  `insert into audit (at, actor, action, target) select now() - make_interval(mins => ${storedRuns} - n), case when ${isOld('n')} then 'long-ago' else 'test' end, case when ${isOld('n')} then 'key.create' else 'run.start' end, 'run/' || n from generate_series(1, ${storedRuns}) as n`,
  `insert into approvals (id, workflow_id, run_id, task, title, requester, request, evidence_hash, status, state, standing, created_at, finished_at, seq)
   select ${id('n')}, 'approval/' || n, case when n % 2 = 0 then ${id('n')} end, 'sign_off', 'Publish ' || n, case when ${isOld('n')} then 'long-ago' else 'filler-' || n % 50 end, '{}', 'seen',
     case when ${isOld('n')} then 'expired' when n % 100 = 0 then 'rejected' else 'approved' end,
     '${approvalState}', 'approved', now(), now(), 1 from generate_series(1, ${storedRuns}) as n`,
  `insert into approval_people (approval_id, person, awaited) select id, 'filler-' || person, false from approvals, generate_series(1, 3) as person`,
  `insert into approval_evidence (approval_id, hash, revision, items) select id, 'seen', 1, '[]' from approvals`,
  `insert into approval_record (approval_id, seq, entry) select id, 1, '{}' from approvals`,
  `insert into approval_notices (id, approval_id, seq, kind, channel, due_at, sent_at) select gen_random_uuid(), id, 1, 'request', 'mail', null, now() from approvals`,
  `insert into delegations (id, person, delegate, since, until) select ${id('n')}, 'filler-' || n, 'test', now(), now() + interval '1 day' from generate_series(1, ${storedRuns}) as n`,
  'analyze',
];

/** Fills every table that grows with more than ten thousand rows, and tells the planner of it. */
export async function storeHistory(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    for (const statement of fill) await client.query(statement);
  } finally {
    client.release();
  }
}

/** Tables that the history has filled. */
export async function growingTables(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>('select relname as name from pg_class where relkind = $1 and reltuples > 10000', ['r']);
  return rows.map(({ name }) => name);
}
