create schema if not exists connectors;
grant usage on schema connectors to authenticated, service_role;

create table connectors.connectors (
  id uuid primary key,
  user_id uuid not null,
  name text not null constraint connectors_name_length check (char_length(name) between 1 and 120),
  type text not null constraint connectors_type_form check (type ~ '^[a-z][a-z0-9_]{0,39}$'),
  config jsonb not null default '{}'
    constraint connectors_config_is_object check (jsonb_typeof(config) = 'object')
    constraint connectors_config_size check (octet_length(config::text) <= 65536),
  credentials_encrypted jsonb
    constraint connectors_credentials_is_object check (jsonb_typeof(credentials_encrypted) = 'object')
    constraint connectors_credentials_size check (octet_length(credentials_encrypted::text) <= 65536),
  -- Field name to the time it was set: what a client may know of the credentials.
  credentials_set jsonb not null default '{}' constraint connectors_credentials_set_is_object check (jsonb_typeof(credentials_set) = 'object'),
  status text not null default 'pending' constraint connectors_status_known check (status in ('pending', 'active', 'error', 'paused')),
  status_reason text constraint connectors_status_reason_length check (char_length(status_reason) <= 500),
  last_sync timestamptz,
  schedule text constraint connectors_schedule_length check (char_length(schedule) between 1 and 120),
  next_sync_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint connector_name_taken unique (user_id, name),
  constraint connectors_owner unique (id, user_id)
);
comment on table connectors.connectors is
  'Its owner alone sees a connector. The sealed credentials are readable by no client role, only through connectors.sealed_credentials.';

create index connectors_newest on connectors.connectors (user_id, id desc);
create index connectors_due on connectors.connectors (next_sync_at) where next_sync_at is not null;
create index connectors_by_status on connectors.connectors (status, updated_at desc, id desc);

alter table connectors.connectors enable row level security;
alter table connectors.connectors force row level security;
create policy owner_select on connectors.connectors for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on connectors.connectors for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on connectors.connectors for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on connectors.connectors for delete to authenticated using (user_id = (select auth.uid()));
-- Column by column, so that credentials_encrypted is in no row that the role can read: Realtime and PostgREST go by this grant.
grant select (id, user_id, name, type, config, credentials_set, status, status_reason, last_sync, schedule, next_sync_at,
  created_at, updated_at, xmin) on connectors.connectors to authenticated;
grant insert, update, delete on connectors.connectors to authenticated;
grant select, insert, update, delete on connectors.connectors to service_role;

-- The one way from a person's unit of work to the sealed credentials of their own connector; they are opened in the application.
create function connectors.sealed_credentials(connector uuid) returns jsonb
  language sql stable security definer set search_path = ''
as $$
  select credentials_encrypted from connectors.connectors where id = connector and user_id = (select auth.uid())
$$;
revoke execute on function connectors.sealed_credentials(uuid) from public;
grant execute on function connectors.sealed_credentials(uuid) to authenticated;

create table connectors.connector_events (
  id uuid primary key,
  connector_id uuid not null,
  user_id uuid not null,
  type text not null constraint connector_events_type_form check (type ~ '^[a-z][a-z0-9_]{1,39}$'),
  status text constraint connector_events_status_known check (status in ('pending', 'active', 'error', 'paused')),
  code text constraint connector_events_code_length check (char_length(code) <= 80),
  detail text constraint connector_events_detail_length check (char_length(detail) <= 1000),
  data jsonb not null default '{}' constraint connector_events_data_is_object check (jsonb_typeof(data) = 'object'),
  created_at timestamptz not null default now(),
  foreign key (connector_id, user_id) references connectors.connectors (id, user_id) on delete cascade
);
comment on table connectors.connector_events is
  'Why a connector''s status changed. The connector''s owner alone reads and adds; nobody changes an entry.';

create index connector_events_of_connector on connectors.connector_events (connector_id, id desc);
create index connector_events_newest on connectors.connector_events (user_id, id desc);

alter table connectors.connector_events enable row level security;
alter table connectors.connector_events force row level security;
create policy owner_select on connectors.connector_events for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on connectors.connector_events for insert to authenticated with check (user_id = (select auth.uid()));
grant select, insert on connectors.connector_events to authenticated;
grant select, insert, update, delete on connectors.connector_events to service_role;

create table connectors.uploads (
  id uuid primary key,
  user_id uuid not null,
  name text not null constraint uploads_name_length check (char_length(name) between 1 and 255),
  content_type text constraint uploads_content_type_length check (char_length(content_type) <= 255),
  bytes bigint not null constraint uploads_bytes_positive check (bytes >= 0),
  sha256 text not null constraint uploads_sha256_form check (sha256 ~ '^[0-9a-f]{64}$'),
  file_path text not null constraint uploads_file_path_length check (char_length(file_path) between 1 and 1024),
  created_at timestamptz not null default now(),
  constraint uploads_file_path_taken unique (file_path)
);
comment on table connectors.uploads is 'A file for file connectors. Its owner alone sees it; nobody changes it.';

create index uploads_newest on connectors.uploads (user_id, id desc);

alter table connectors.uploads enable row level security;
alter table connectors.uploads force row level security;
create policy owner_select on connectors.uploads for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on connectors.uploads for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_delete on connectors.uploads for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, delete on connectors.uploads to authenticated;
grant select, insert, update, delete on connectors.uploads to service_role;
