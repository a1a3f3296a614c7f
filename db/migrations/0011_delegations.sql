-- Absences that are known ahead: requests that are made before their end begin with them.
create table delegations (
  id uuid primary key,                   -- UUIDv7, so that ids order by time
  person text not null,                  -- whose votes these are
  delegate text not null,
  since timestamptz not null,
  until timestamptz not null,
  created_at timestamptz not null default now()
);
create index delegations_of_person on delegations (person, until);
