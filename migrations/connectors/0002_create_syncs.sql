create table connectors.connector_streams (
  id uuid primary key,
  connector_id uuid not null,
  user_id uuid not null,
  name text not null constraint connector_streams_name_length check (char_length(name) between 1 and 255),
  mode text not null default 'full' constraint connector_streams_mode_known check (mode in ('full', 'incremental')),
  cursor jsonb,
  schema jsonb not null default '[]' constraint connector_streams_schema_is_array check (jsonb_typeof(schema) = 'array'),
  row_count bigint not null default 0 constraint connector_streams_row_count_positive check (row_count >= 0),
  byte_count bigint not null default 0 constraint connector_streams_byte_count_positive check (byte_count >= 0),
  -- The Parquet files of the dataset in Storage, oldest first.
  files jsonb not null default '[]' constraint connector_streams_files_is_array check (jsonb_typeof(files) = 'array'),
  last_sync timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint connector_stream_name_taken unique (connector_id, name),
  foreign key (connector_id, user_id) references connectors.connectors (id, user_id) on delete cascade
);
comment on table connectors.connector_streams is 'How far a stream was read and where its dataset lies. The connector''s owner alone sees it.';

create index connector_streams_newest on connectors.connector_streams (user_id, id desc);
create index connector_streams_by_name on connectors.connector_streams (user_id, name);

alter table connectors.connector_streams enable row level security;
alter table connectors.connector_streams force row level security;
create policy owner_select on connectors.connector_streams for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on connectors.connector_streams for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on connectors.connector_streams for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on connectors.connector_streams for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on connectors.connector_streams to authenticated, service_role;

create table connectors.sync_runs (
  id uuid primary key,
  connector_id uuid not null,
  user_id uuid not null,
  status text not null default 'queued'
    constraint sync_runs_status_known check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  trigger text not null default 'manual' constraint sync_runs_trigger_known check (trigger in ('manual', 'schedule', 'workflow')),
  -- The names asked for; null means all.
  streams jsonb constraint sync_runs_streams_is_array check (jsonb_typeof(streams) = 'array'),
  -- A stream name to what was read of it: a run that is taken up again skips what is finished.
  progress jsonb not null default '{}' constraint sync_runs_progress_is_object check (jsonb_typeof(progress) = 'object'),
  rows_read bigint not null default 0,
  bytes_written bigint not null default 0,
  error_code text constraint sync_runs_error_code_length check (char_length(error_code) <= 80),
  error text constraint sync_runs_error_length check (char_length(error) <= 2000),
  cancel_requested_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  available_at timestamptz not null default now(),
  lease_until timestamptz,
  fence bigint not null default 0,
  attempts integer not null default 0,
  foreign key (connector_id, user_id) references connectors.connectors (id, user_id) on delete cascade
);
comment on table connectors.sync_runs is
  'One reading of a connector into datasets. The connector''s owner alone sees it; sweeps claim rows as service_role.';

-- One run at a time, or two would write the same dataset.
create unique index sync_already_running on connectors.sync_runs (connector_id) where status in ('queued', 'running');
create index sync_runs_of_connector on connectors.sync_runs (connector_id, id desc);
create index sync_runs_newest on connectors.sync_runs (user_id, id desc);
create index sync_runs_claim on connectors.sync_runs (available_at, id) where status in ('queued', 'running');

alter table connectors.sync_runs enable row level security;
alter table connectors.sync_runs force row level security;
create policy owner_select on connectors.sync_runs for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on connectors.sync_runs for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on connectors.sync_runs for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on connectors.sync_runs for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on connectors.sync_runs to authenticated, service_role;
