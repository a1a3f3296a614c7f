-- Why a task or instance ended without having been carried out: need, condition, instance, request, or how the run was stopped.
alter table run_tasks add column reason text;

-- The turns of a run (pause, cancel, …) among its many events of tasks.
create index run_events_turns on run_events (run_id, seq)
  where type in ('run.paused', 'run.resumed', 'run.cancelling', 'run.stopping', 'task.cancelling');
