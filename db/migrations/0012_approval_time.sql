-- What time alone changes of requests: whom one waits for, when a delegation begins or ends; and how long notices have waited.
alter table approvals add people_change_at timestamptz;
create index approvals_people_change on approvals (people_change_at) where people_change_at is not null;
alter table approval_notices add created_at timestamptz not null default now();
