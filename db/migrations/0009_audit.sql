-- From where a change was asked for and with which key; and the audit as a list, newest first: of a time, by a person, of a kind.
alter table audit add column key_id uuid, add column address text;
create index audit_by_time on audit (at);
create index audit_by_actor on audit (actor, id desc);
create index audit_by_action on audit (action, id desc);
