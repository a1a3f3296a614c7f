-- Secrets that were set over the API: sealed by AES-256-GCM, bound to name and version.
create table secrets (
  name text primary key check (name ~ '^[A-Z][A-Z0-9_]{0,62}$'),
  version integer not null check (version > 0),
  -- Which of the configured keys opens it.
  key_id text not null,
  sealed bytea not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  -- Only roughly kept (see db/secrets.ts).
  used_at timestamptz,
  used_version integer
);
create index secrets_by_key on secrets (key_id);

-- Named connections: settings in the clear, secrets by name only.
create table connections (
  name text primary key check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  kind text not null,
  settings jsonb not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null
);
