-- When the next attempt of a task begins, as the worker that failed knows; null after the last one.
alter table task_attempts add retry_at timestamptz;
