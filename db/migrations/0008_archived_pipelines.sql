-- The few archived pipelines are listed without a look at all the others, and the other way round.
create index pipelines_by_archived on pipelines ((archived_at is not null), name);
