-- Lists of one kind are read as ranges of (kind, id), for which both columns must be in the same order.
drop index runs_by_status;
create index runs_by_status on runs (status, id);
drop index runs_by_pipeline;
create index runs_by_pipeline on runs (pipeline, id);
drop index runs_by_trigger;
create index runs_by_trigger on runs ((trigger ->> 'type'), id);
drop index approvals_by_status;
create index approvals_by_status on approvals (status, id);
drop index approvals_by_requester;
create index approvals_by_requester on approvals (requester, id);
drop index audit_by_target;
create index audit_by_target on audit (target, id);
drop index audit_by_actor;
create index audit_by_actor on audit (actor, id);
drop index audit_by_action;
create index audit_by_action on audit (action, id);
