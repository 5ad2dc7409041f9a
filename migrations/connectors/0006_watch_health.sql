-- The zone whose clock a schedule goes by, and why a status is what it is, as a code.
alter table connectors.connectors
  add column time_zone text constraint connectors_time_zone_length check (char_length(time_zone) between 1 and 120),
  add column status_code text constraint connectors_status_code_length check (char_length(status_code) <= 80);
grant select (time_zone, status_code) on connectors.connectors to authenticated;
alter publication supabase_realtime drop table connectors.connectors;
alter publication supabase_realtime add table
  connectors.connectors (id, user_id, name, type, config, credentials_set, status, status_reason, last_sync, schedule, next_sync_at,
    created_at, updated_at, time_zone, status_code);

-- Apart from the connector, whose version must not change with every look at its source.
create table connectors.connector_health (
  connector_id uuid primary key,
  user_id uuid not null,
  checked_at timestamptz,
  -- When the source last answered.
  ok_at timestamptz,
  code text constraint connector_health_code_length check (char_length(code) <= 80),
  -- Checks in a row that contradict the connector's status, and checks in a row that failed.
  contrary integer not null default 0,
  failures integer not null default 0,
  -- How often the status has changed shortly after it had changed.
  flaps integer not null default 0,
  changed_at timestamptz,
  next_check_at timestamptz not null,
  foreign key (connector_id, user_id) references connectors.connectors (id, user_id) on delete cascade
);
comment on table connectors.connector_health is
  'What checks in the background have found. The connector''s owner alone sees it; the sweep takes rows as service_role.';

create index connector_health_of_owner on connectors.connector_health (user_id);
create index connector_health_due on connectors.connector_health (next_check_at);

alter table connectors.connector_health enable row level security;
alter table connectors.connector_health force row level security;
create policy owner_select on connectors.connector_health for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on connectors.connector_health for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on connectors.connector_health for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on connectors.connector_health for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on connectors.connector_health to authenticated, service_role;
