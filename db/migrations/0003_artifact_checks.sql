-- Contents of artifacts that are to be looked at, because nothing may refer to them any more: saved with no artifact yet,
-- or left by an artifact that was removed or replaced. Whoever removes a content holds its row here meanwhile.
create table artifact_checks (
  sha256 text primary key,
  due timestamptz not null               -- not before: whoever saves the content has until then to record its artifact
);
create index artifact_checks_by_due on artifact_checks (due);
create index artifacts_by_content on artifacts (sha256);
