-- Requests for a decision. The row is the acceptance, then the read model; they outlive the run that asked.
create table approvals (
  id uuid primary key,                   -- UUIDv7, so that ids order by time
  workflow_id text not null unique,
  run_id uuid,                           -- of a step: no reference, because evidence is kept longer than runs
  task text,
  instance integer,
  generation integer,
  title text not null,
  requester text not null,
  request json not null,                 -- as it was made: description, form, risk, policy, times (without evidence)
  evidence_hash text not null,           -- of the evidence that is voted on now
  revision integer not null default 1,
  status text not null default 'open'
    check (status in ('open', 'changes_requested', 'approved', 'rejected', 'expired', 'withdrawn')),
  state json not null,                   -- what the decision depends on, as of seq
  standing text not null,                -- the same in one sentence
  deadline timestamptz,                  -- the next one
  outcome json,
  created_at timestamptz not null,
  dispatched_at timestamptz,             -- when its workflow was last asked to start
  finished_at timestamptz,
  checked_at timestamptz,                -- when it was last compared with Temporal
  seq integer not null default 0,        -- of the last entry of its record; 0: its workflow has not begun
  head text                              -- hash of that entry
);
create index approvals_by_status on approvals (status, id desc);
create index approvals_by_run on approvals (run_id) where run_id is not null;
create index approvals_by_requester on approvals (requester, id desc);
create index approvals_to_dispatch on approvals (dispatched_at) where seq = 0 and finished_at is null;
create index approvals_open on approvals (id) where finished_at is null;

-- Whom a request concerns: requester, approvers of every stage, delegates, those whom an escalation brought in.
create table approval_people (
  approval_id uuid not null references approvals (id) on delete cascade,
  person text not null,
  awaited boolean not null,              -- whether it waits for this person now
  primary key (approval_id, person)
);
create index approval_inbox on approval_people (person, approval_id desc) where awaited;
create index approvals_of_person on approval_people (person, approval_id desc);

-- What approvers are shown. New evidence is stored before it is submitted, and has a revision once that counted.
create table approval_evidence (
  approval_id uuid not null references approvals (id) on delete cascade,
  hash text not null,
  revision integer,
  items json not null,                   -- title, sha256 and content or reference of each
  created_at timestamptz not null default now(),
  primary key (approval_id, hash)
);

-- Append-only, each entry with the hash of the one before (domain/approval/record.ts). Only values about persons are ever removed.
create table approval_record (
  approval_id uuid not null references approvals (id) on delete cascade,
  seq integer not null,
  entry json not null,
  primary key (approval_id, seq)
);

-- What is told to whom: written with the entry of the record that it tells of, so that nothing is told twice or forgotten.
create table approval_notices (
  id uuid primary key,
  approval_id uuid not null references approvals (id) on delete cascade,
  seq integer not null,                  -- of that entry
  kind text not null,                    -- 'request', 'reminder', 'changes_requested', 'resubmitted', 'decided', …
  channel text not null,                 -- 'mail', or 'webhook/<name>'
  person text not null default '',       -- of a mail
  attempts integer not null default 0,
  due_at timestamptz default now(),      -- null: sent, or given up
  sent_at timestamptz,
  error text,                            -- of the last attempt
  unique (approval_id, seq, kind, channel, person)
);
create index approval_notices_due on approval_notices (due_at) where due_at is not null;

-- Approvers are found by name, role and group.
create index keys_by_subject on keys (subject_name) where revoked_at is null;
create index keys_by_role on keys using gin (roles) where revoked_at is null;
create index keys_by_group on keys using gin (groups) where revoked_at is null;
