-- What a rerun takes over from the run that it is a rerun of (`ReusedResults`); null when that is nothing.
alter table runs add column reused json;

-- A result that another run gave: the first one that did, also over a chain of reruns, and its instance there.
alter table run_tasks
  add column reused_from uuid,
  add column reused_instance integer;

-- Artifacts of a run are found through the results that it reuses. Rows of all other runs are not in it.
create index run_tasks_reused on run_tasks (run_id) where reused_from is not null;
