-- Definitions -------------------------------------------------------------------------------------------------------

create table plans (
  hash text primary key,               -- sha256 of the canonical JSON of the plan, lower-case hex
  bytes integer not null,
  tasks integer not null,
  body json not null,
  created_at timestamptz not null default now()
);

create table pipelines (
  name text primary key,
  description text,
  labels jsonb not null default '{}',
  latest_version integer not null,
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table pipeline_versions (
  pipeline text not null references pipelines (name),
  version integer not null,
  plan_hash text not null references plans (hash),
  source text not null,                -- the document as it came
  format text not null check (format in ('yaml', 'json')),
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (pipeline, version)
);

create table processors (
  name text primary key,
  title text not null,
  description text,
  version text not null,
  mode text not null check (mode in ('activity', 'quick', 'workflow')),
  input_schema json not null,
  output_schema json not null,
  literal jsonb not null default '[]',
  published_at timestamptz not null default now()
);

-- Runs: the row is the acceptance, then the read model ----------------------------------------------------------------

create table runs (
  id uuid primary key,                 -- UUIDv7, so that ids order by time
  pipeline text not null,
  version integer not null,
  plan_hash text not null,
  status text not null default 'queued'
    check (status in ('queued', 'running', 'waiting', 'paused', 'succeeded', 'failed', 'cancelled', 'timed_out')),
  inputs json not null default '{}',
  outputs json,
  labels jsonb not null default '{}',
  priority smallint not null default 3 check (priority between 1 and 5),
  trigger jsonb not null,
  requested_by text not null,
  workflow_id text not null unique,
  rerun_of uuid,
  parent_run uuid,
  parent_task text,
  concurrency_key text,                -- null: the pipeline does not limit its runs
  concurrency_limit integer,
  scheduled_at timestamptz,            -- the nominal time of a run that a schedule started
  created_at timestamptz not null default now(),
  admitted_at timestamptz,             -- null: waits at the door
  dispatched_at timestamptz,           -- when its workflow was last asked to start
  started_at timestamptz,
  finished_at timestamptz,
  checked_at timestamptz,              -- when it was last compared with Temporal
  cancel_requested jsonb,              -- {reason, force, by}: asked before the workflow could be told
  seq bigint not null default 0,       -- of the last fact that the workflow told
  progress jsonb not null,             -- RunProgress; running and queued are counted live
  error json,
  warnings jsonb not null default '[]'
);
create index runs_by_pipeline on runs (pipeline, id desc);
create index runs_by_status on runs (status, id desc);
create index runs_by_labels on runs using gin (labels jsonb_path_ops);
create index runs_at_the_door on runs (pipeline, concurrency_key, priority, id)
  where admitted_at is null and status = 'queued';
create index runs_holding_a_slot on runs (pipeline, concurrency_key)
  where concurrency_key is not null and admitted_at is not null and finished_at is null;
create index runs_to_dispatch on runs (dispatched_at) where status = 'queued' and admitted_at is not null;
create index runs_open on runs (id) where finished_at is null;
create index runs_by_parent on runs (parent_run) where parent_run is not null;

-- A row exists once something is known of a task; what has no row is pending.
create table run_tasks (
  run_id uuid not null references runs (id) on delete cascade,
  task text not null,
  instance integer not null default -1,  -- item number of a forEach instance, -1 for the task itself
  generation integer not null default 0, -- rises with every retry of the task by hand
  attempt integer not null default 0,
  status text not null
    check (status in ('pending', 'queued', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled')),
  final boolean not null default false,
  seq bigint not null default 0,         -- of the workflow's fact; 0 while only the worker has spoken
  started_at timestamptz,
  finished_at timestamptz,
  output json,                           -- written by the workflow's fact, or before that by the activity when it is large
  artifact json,                         -- of a forEach whose list was too large for an output
  items json,                            -- of a forEach: what it was expanded over
  error json,
  progress jsonb,                        -- {percent, message}
  waiting_for text,
  worker text,
  updated_at timestamptz not null default now(),
  primary key (run_id, task, instance)
);
create index run_tasks_by_status on run_tasks (run_id, status);

-- Attempts that did not become the result: failed ones, and running ones that were seen.
create table task_attempts (
  run_id uuid not null references runs (id) on delete cascade,
  task text not null,
  instance integer not null default -1,
  generation integer not null,
  attempt integer not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  worker text,
  error json,
  primary key (run_id, task, instance, generation, attempt)
);

create table run_events (
  run_id uuid not null references runs (id) on delete cascade,
  seq bigint not null,                   -- from the workflow: without gaps that matter, in order, written in order
  type text not null,
  at timestamptz not null,
  data json not null,                    -- json, not jsonb: a poison string must not stop the projection
  primary key (run_id, seq)
);

create table task_logs (
  id bigint generated always as identity primary key,
  run_id uuid not null,
  task text not null,
  instance integer not null default -1,
  generation integer not null,
  attempt integer not null,
  at timestamptz not null,
  level text not null check (level in ('debug', 'info', 'warn', 'error')),
  message text not null,
  fields jsonb
);
create index task_logs_by_run on task_logs (run_id, id);

create table artifacts (
  id uuid primary key,
  run_id uuid not null,
  task text not null,
  instance integer not null default -1,
  name text not null,
  bytes bigint not null,
  sha256 text not null,
  content_type text not null,
  created_at timestamptz not null default now(),
  unique (run_id, task, instance, name)
);

-- Access --------------------------------------------------------------------------------------------------------------

create table keys (
  id uuid primary key,
  hash bytea not null unique,            -- sha256 of the key; a key has 256 random bits, so no slow hash is needed
  prefix text not null,                  -- first characters, for people to recognise it
  subject_type text not null check (subject_type in ('user', 'service')),
  subject_name text not null,
  subject_email text,
  roles text[] not null,
  groups text[] not null default '{}',
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz
);

create table idempotency_keys (
  caller text not null,
  route text not null,
  key text not null,
  request_hash text not null,
  status integer,                        -- null: the first one is in flight
  headers jsonb,
  body json,
  created_at timestamptz not null default now(),
  primary key (caller, route, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  target text not null,
  request_id text,
  data jsonb not null default '{}'
);
create index audit_by_target on audit (target, id desc);
