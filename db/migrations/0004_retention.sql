-- What retention has taken from a run. `expired_at`: the run itself is being removed, and nothing may refer to it anew.
alter table runs
  add column expired_at timestamptz,
  add column artifacts_removed_at timestamptz,
  add column logs_removed_at timestamptz,
  add column events_removed_at timestamptz;

-- The oldest runs that still have what is to be removed. An ended run leaves an index when it is done with.
create index runs_to_expire on runs (finished_at) where finished_at is not null and expired_at is null;
create index runs_with_artifacts on runs (finished_at) where finished_at is not null and artifacts_removed_at is null;
create index runs_with_logs on runs (finished_at) where finished_at is not null and logs_removed_at is null;
create index runs_with_events on runs (finished_at) where finished_at is not null and events_removed_at is null;
create index runs_expired on runs (id) where expired_at is not null;
create index runs_by_rerun on runs (rerun_of) where rerun_of is not null;
