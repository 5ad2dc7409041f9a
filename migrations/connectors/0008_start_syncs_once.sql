-- Who starts a sync may name the request: asked again, after a crash or a lost answer, the run that is there is the answer.
alter table connectors.sync_runs add column request_id uuid;
create index sync_runs_by_request on connectors.sync_runs (request_id) where request_id is not null;
