-- Runs can be listed by what triggered them.
create index runs_by_trigger on runs ((trigger ->> 'type'), id desc);
